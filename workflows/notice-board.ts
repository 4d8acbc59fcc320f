/**
 * Keeps Slack current beside the review, which never waits for it: each channel has a loop of its own
 * that posts the latest state and skips what was overtaken; direct messages go out once each, in their order. What is
 * left at the end goes out in one activity.
 */
import { CancellationScope, condition, log, proxyActivities } from '@temporalio/workflow';
import { taskQueues } from '#shared/task-queues.ts';
import { slackOptions } from './activity-options.ts';
import { cancelApart } from './cancel-apart.ts';
import type { CreatorEvent, InSlack, SlackActivities } from '#activities/types.ts';
import type { SessionRef } from './messages.ts';

export interface Board {
  /** The connection is another one by now: channels that were not asked before are, those before stay current. */
  follow(channels: string[], hasReaders: boolean): void;
  /** Something that people are shown changed; `atOnce`: no command begins with it, and no other change follows soon. */
  show(atOnce?: boolean): void;
  /** Tells the creator of something that happened, once. */
  tell(event: CreatorEvent): void;
  /** Tells the reviewers in private that they are asked, for as long as the session is open. */
  askReviewers(): void;
  /** Reminds the reviewers in private, once. */
  remind(): void;
  /** Resolves when the last state is in every channel, and everybody was told, however long Slack is away. */
  settled(): Promise<void>;
}

interface Channel {
  name: string;
  /** Of the changes, the last that it was told of. */
  told: number;
  isBusy: boolean;
}

export class NoticeBoard implements Board {
  private shown = 0;
  private closed = false;
  private hasReaders: boolean;
  private inSlack: InSlack;
  private readonly channels = new Map<string, Channel>();
  /** What the creator hears of together with the next change that is shown. */
  private held: CreatorEvent[] = [];
  private due: CreatorEvent[] = [];
  private isTelling = false;
  /** Reviewers were asked and not told what became of it, as far as is known. */
  private isAsking: boolean;
  /** They are to be told now. */
  private closes = false;
  private readonly asking = new CancellationScope();
  /** Activities in `asking` that are not over. */
  private underWay = 0;
  private closing: { scope: CancellationScope; isOver: boolean } | undefined;
  private readonly work: Promise<void>[];
  private readonly slack: SlackActivities;
  private readonly sessionId: string;

  constructor(ref: SessionRef, channels: string[], hasReaders: boolean, inSlack: InSlack) {
    this.sessionId = ref.sessionId;
    this.hasReaders = hasReaders;
    this.inSlack = inSlack;
    this.isAsking = inSlack.reviewers;
    const taskQueue = taskQueues(ref.queuePrefix).slack;
    this.slack = proxyActivities<SlackActivities>({ ...slackOptions, taskQueue, summary: 'keep Slack current' });
    this.work = [this.keepCreatorTold(), this.keepAsksClosed()];
    this.follow(channels, hasReaders);
  }

  /** Who of them can be written to, as the rows have it by now. */
  note(inSlack: InSlack): void {
    this.inSlack = inSlack;
  }

  follow(channels: string[], hasReaders: boolean): void {
    this.hasReaders ||= hasReaders;
    for (const name of channels) {
      if (this.channels.has(name)) continue;
      const channel = { name, told: 0, isBusy: false };
      this.channels.set(name, channel);
      this.work.push(this.keepCurrent(channel));
    }
  }

  show(): void {
    this.shown += 1;
    this.release();
  }

  /** An approval is told with what follows from it: mostly that the command has ended. */
  tell(event: CreatorEvent): void {
    if (!this.hasReaders) return; // nobody was asked: nobody waits to hear
    this.held.push(event);
    if (event !== 'approved') this.release();
  }

  private release(): void {
    for (const event of this.held.splice(0)) {
      // those who had approved hear of a change too
      if (this.inSlack.creator || event === 'changed') this.due.push(event);
      if (event !== 'changed') this.closes = this.isAsking;
    }
  }

  askReviewers(): void {
    if (!this.hasReaders || !this.inSlack.reviewers) return;
    const { closing } = this;
    this.isAsking = true;
    this.closes = false;
    if (closing) void cancelApart(closing.scope, () => closing.isOver);
    this.ask('reviewers', async () => {
      // it does the same once it waits again: one of them at a time, so that nobody is asked twice
      await condition(() => closing === undefined || closing.isOver);
      await this.slack.sendDirectMessages({ sessionId: this.sessionId, event: 'asked' });
    });
  }

  remind(): void {
    if (!this.hasReaders) return;
    this.isAsking = true;
    this.ask('reminder', () => this.slack.sendDirectMessages({ sessionId: this.sessionId, event: 'reminder' }));
  }

  private ask(what: string, send: () => Promise<void>): void {
    this.underWay += 1;
    void quietly(what, this.asking.run(send), () => this.closed).then(() => (this.underWay -= 1));
  }

  async settled(): Promise<void> {
    this.closed = true;
    this.closes = this.isAsking;
    if (this.underWay > 0) void cancelApart(this.asking, () => this.underWay === 0);
    // first, while nothing else has begun with it
    const last = this.tellTheRest();
    await Promise.all([...this.work, last, condition(() => this.underWay === 0)]);
  }

  /** Whatever waits for nothing, at once; what is under way goes on by itself. */
  private async tellTheRest(): Promise<void> {
    const { sessionId } = this;
    const behind = [...this.channels.values()].filter(({ isBusy, told }) => !isBusy && told < this.shown);
    for (const channel of behind) channel.told = this.shown;
    const events: (CreatorEvent | 'asked')[] = this.isTelling ? [] : this.due.splice(0);
    if (this.mayClose()) {
      this.closes = false;
      events.push('asked');
    }
    const channels = behind.map(({ name }) => name);
    if (channels.length + events.length === 0) return;
    await quietly('the end', this.slack.tellInSlack({ sessionId, channels, events }));
  }

  private async keepCreatorTold(): Promise<void> {
    for (;;) {
      await condition(() => this.due.length > 0 || this.closed);
      if (this.due.length === 0) return;
      this.isTelling = true;
      // one after the other: nobody reads that it finished before that it was approved
      const notice = { sessionId: this.sessionId, channels: [], events: this.due.splice(0) };
      await quietly('direct message', this.slack.tellInSlack(notice));
      this.isTelling = false;
    }
  }

  private mayClose(): boolean {
    return this.closes && this.underWay === 0 && (this.closing?.isOver ?? true);
  }

  /** Where reviewers were asked in private, tells them what became of it: the same activity, once it waits no more. */
  private async keepAsksClosed(): Promise<void> {
    for (;;) {
      await condition(() => this.mayClose() || (this.closed && !this.closes));
      if (!this.closes) return;
      this.closes = false;
      this.isAsking = false;
      const scope = new CancellationScope();
      const closing = { scope, isOver: false };
      this.closing = closing;
      const close = () => this.slack.sendDirectMessages({ sessionId: this.sessionId, event: 'asked' });
      await quietly('reviewers', scope.run(close), () => scope.consideredCancelled);
      closing.isOver = true;
    }
  }

  private async keepCurrent(channel: Channel): Promise<void> {
    for (;;) {
      await condition(() => this.shown > channel.told || this.closed);
      if (this.shown === channel.told) return;
      channel.told = this.shown;
      channel.isBusy = true;
      await this.sync(channel);
      channel.isBusy = false;
    }
  }

  /**
   * A sync may wait long for its next try, e.g. as the channel is archived. What changes meanwhile is shown by the
   * next one, so this wait ends then; an attempt that has begun is left to its end.
   */
  private async sync({ name, told }: Channel): Promise<void> {
    const isOvertaken = () => this.shown > told;
    const scope = new CancellationScope();
    let done = false;
    const watching = condition(() => done || isOvertaken()).then(() => cancelApart(scope, () => done));
    const post = () => this.slack.syncSlackMessage({ sessionId: this.sessionId, channel: name });
    await quietly(`channel ${name}`, scope.run(post), isOvertaken);
    done = true;
    await watching;
  }
}

/** A message that Slack refuses for good is kept with its row, where admins see it; the review is not its hostage. */
export async function quietly(what: string, work: Promise<unknown>, isExpected = () => false): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isExpected()) log.warn('Slack was not told', { what, error: String(error) });
  }
}
