/** The notice board of reviews that 0.1 and 0.2 began, with an activity and a short timer for each message. */
import { CancellationScope, condition, proxyActivities, sleep } from '@temporalio/workflow';
import { taskQueues } from '#shared/task-queues.ts';
import { noticeDelayMs, slackOptions } from './activity-options.ts';
import { cancelApart } from './cancel-apart.ts';
import type { CreatorEvent, SlackActivities } from '#activities/types.ts';
import type { SessionRef } from './messages.ts';
import { quietly, type Board } from './notice-board.ts';

export class EarlierNoticeBoard implements Board {
  private shown = 0;
  /** Of the last change. */
  private atOnce = false;
  private closed = false;
  private told = Promise.resolve();
  private asked = Promise.resolve();
  private readonly asking = new CancellationScope();
  /** Activities in `asking` that are not over. */
  private underWay = 0;
  /** Reviewers were asked and not told what became of it, as far as is known. */
  private isAsking = true;
  private closing: { scope: CancellationScope; isOver: boolean; done: Promise<void> } | undefined;
  private readonly work: Promise<void>[] = [];
  private readonly slack: SlackActivities;
  private readonly sessionId: string;
  private readonly channels = new Set<string>();
  private hasReaders: boolean;
  private readonly isOld: boolean;

  constructor(ref: SessionRef, channels: string[], hasReaders: boolean, isOld: boolean) {
    this.sessionId = ref.sessionId;
    this.hasReaders = hasReaders;
    this.isOld = isOld;
    const taskQueue = taskQueues(ref.queuePrefix).slack;
    this.slack = proxyActivities<SlackActivities>({ ...slackOptions, taskQueue, summary: 'keep Slack current' });
    this.follow(channels, hasReaders);
  }

  /**
   * Reviewers are asked in private, a change ends the wait of what it overtakes, and while nothing runs it is shown at
   * once; not so in 0.1.0, and not where nobody is asked.
   */
  private get isPrompt(): boolean {
    return this.hasReaders && !this.isOld;
  }

  /** The connection is another one by now: channels that were not asked before are, those before stay current. */
  follow(channels: string[], hasReaders: boolean): void {
    this.hasReaders ||= hasReaders;
    for (const channel of channels) {
      if (this.channels.has(channel)) continue;
      this.channels.add(channel);
      this.work.push(this.keepCurrent(channel));
    }
  }

  /** Something that people are shown changed; `atOnce`: no command begins with it, and no other change follows soon. */
  show(atOnce = false): void {
    this.shown += 1;
    this.atOnce = atOnce;
  }

  /** Tells the creator of something that happened, once. Nobody was asked: nobody waits to hear. */
  tell(event: CreatorEvent): void {
    if (!this.hasReaders) return;
    if (event !== 'changed') this.closeAsks();
    const { sessionId } = this;
    const send = () => sleep(noticeDelayMs).then(() => this.slack.sendDirectMessages({ sessionId, event }));
    // one after the other: nobody reads that it finished before that it was approved
    this.told = this.told.then(() => quietly('direct message', send()));
  }

  /** Tells the reviewers in private that they are asked, for as long as the session is open. */
  askReviewers(): void {
    if (!this.isPrompt) return;
    const { sessionId } = this;
    // it does the same once it waits again: one of them at a time, so that nobody is asked twice
    const { closing } = this;
    const send = () => this.slack.sendDirectMessages({ sessionId, event: 'asked' });
    this.isAsking = true;
    this.closing = undefined;
    if (closing) void cancelApart(closing.scope, () => closing.isOver);
    this.ask('reviewers', () => (closing ? closing.done.then(send) : send()));
  }

  private ask(what: string, send: () => Promise<void>): void {
    this.underWay += 1;
    const sent = quietly(what, this.asking.run(send), () => this.closed).then(() => void (this.underWay -= 1));
    this.asked = Promise.all([this.asked, sent]).then(() => undefined);
  }

  /** Where reviewers were asked in private, tells them what became of it: the same activity, once it waits no more. */
  private closeAsks(): void {
    if (!this.isPrompt || !this.isAsking) return;
    this.isAsking = false;
    const { sessionId } = this;
    const scope = new CancellationScope();
    const close = () => sleep(noticeDelayMs).then(() => this.slack.sendDirectMessages({ sessionId, event: 'asked' }));
    const isOvertaken = () => scope.consideredCancelled;
    const closed = this.asked.then(() => quietly('reviewers', scope.run(close), isOvertaken));
    const closing = { scope, isOver: false, done: closed.then(() => void (closing.isOver = true)) };
    this.closing = closing;
    this.asked = closing.done;
  }

  /** Reminds the reviewers in private, once. */
  remind(): void {
    if (!this.isPrompt) return;
    const { sessionId } = this;
    this.ask('reminder', () => this.slack.sendDirectMessages({ sessionId, event: 'reminder' }));
  }

  /** Resolves when the last state is in every channel, however long Slack is away. */
  async settled(): Promise<void> {
    this.closed = true;
    if (this.isPrompt) void cancelApart(this.asking, () => this.underWay === 0);
    this.closeAsks();
    await Promise.all([...this.work, this.told, this.asked]);
  }

  private async keepCurrent(channel: string): Promise<void> {
    let posted = 0;
    for (;;) {
      await condition(() => this.shown > posted || this.closed);
      if (this.shown === posted) return;
      if (posted > 0 && !(this.isPrompt && this.atOnce)) await sleep(noticeDelayMs);
      posted = this.shown;
      await this.sync(channel, () => this.shown > posted);
    }
  }

  /**
   * A sync may wait long for its next try, e.g. as the channel is archived. What changes meanwhile is shown by the
   * next one, so this wait ends then; an attempt that has begun is left to its end.
   */
  private async sync(channel: string, isOvertaken: () => boolean): Promise<void> {
    const what = `channel ${channel}`;
    const post = () => this.slack.syncSlackMessage({ sessionId: this.sessionId, channel });
    if (!this.isPrompt) return quietly(what, post());
    const scope = new CancellationScope();
    let done = false;
    const watching = condition(() => done || isOvertaken()).then(() => cancelApart(scope, () => done));
    await quietly(what, scope.run(post), isOvertaken);
    done = true;
    await watching;
  }
}
