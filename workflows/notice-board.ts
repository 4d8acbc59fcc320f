/**
 * Keeps Slack current beside the review, which never waits for it: each channel has a loop of its own
 * that posts the latest state and skips what was overtaken; direct messages go out once each.
 */
import { condition, log, proxyActivities, sleep } from '@temporalio/workflow';
import { taskQueues } from '#shared/task-queues.ts';
import { noticeDelayMs, slackOptions } from './activity-options.ts';
import type { NoticeEvent, SlackActivities } from '#activities/types.ts';
import type { SessionRef } from './messages.ts';

export class NoticeBoard {
  private shown = 0;
  private closed = false;
  private told = Promise.resolve();
  private readonly work: Promise<void>[];
  private readonly slack: SlackActivities;
  private readonly sessionId: string;
  private readonly hasReaders: boolean;

  constructor(ref: SessionRef, channels: string[], hasReaders: boolean) {
    this.sessionId = ref.sessionId;
    this.hasReaders = hasReaders;
    const taskQueue = taskQueues(ref.queuePrefix).slack;
    this.slack = proxyActivities<SlackActivities>({ ...slackOptions, taskQueue, summary: 'keep Slack current' });
    this.work = channels.map((channel) => this.keepCurrent(channel));
  }

  /** Something that people are shown changed. */
  show(): void {
    this.shown += 1;
  }

  /** Tells the creator of something that happened, once. Nobody was asked: nobody waits to hear. */
  tell(event: NoticeEvent): void {
    if (!this.hasReaders) return;
    const { sessionId } = this;
    const send = () => sleep(noticeDelayMs).then(() => this.slack.sendDirectMessages({ sessionId, event }));
    // one after the other: nobody reads that it finished before that it was approved
    this.told = this.told.then(() => quietly('direct message', send()));
  }

  /** Resolves when the last state is in every channel, however long Slack is away. */
  async settled(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.work, this.told]);
  }

  private async keepCurrent(channel: string): Promise<void> {
    let posted = 0;
    for (;;) {
      await condition(() => this.shown > posted || this.closed);
      if (this.shown === posted) return;
      if (posted > 0) await sleep(noticeDelayMs);
      posted = this.shown;
      await quietly(`channel ${channel}`, this.slack.syncSlackMessage({ sessionId: this.sessionId, channel }));
    }
  }
}

/** A message that Slack refuses for good is kept with its row, where admins see it; the review is not its hostage. */
async function quietly(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.warn('Slack was not told', { what, error: String(error) });
  }
}
