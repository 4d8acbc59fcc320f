/** One session inside its workflow: where its review stands, its state, and everybody who is shown both. */
import { proxyLocalActivities } from '@temporalio/workflow';
import { isEndState, waitsToRun, type SessionState } from '#shared/session-states.ts';
import type { ControlActivities, InSlack, OpenedReview, ReviewRows } from '#activities/types.ts';
import { controlOptions } from './activity-options.ts';
import type { SessionRef } from './messages.ts';
import { EarlierNoticeBoard } from './earlier-notice-board.ts';
import { NoticeBoard, type Board } from './notice-board.ts';
import { showOpened, showState } from './operator-view.ts';
import { ReviewTally } from './review-tally.ts';
import type { Ways } from './ways.ts';

export const control = proxyLocalActivities<ControlActivities>(controlOptions);

export class ReviewedSession {
  readonly ref: SessionRef;
  readonly ways: Ways;
  readonly review: ReviewTally;
  readonly board: Board;
  state: SessionState;
  /** Counts up when the connection changes; rows of releases before have the first. */
  envelopeVersion: number;
  private opened: OpenedReview;
  private started: boolean;
  /** Of the connection's time window, ms since the epoch; null: it is open, or there is none. */
  private opensAt: number | null;
  /** Of a grant, ms since the epoch; null: it is not active yet. */
  private activeUntil: number | null;
  /** The envelope whose approval the creator was told of. */
  private toldApproved = 0;

  constructor(given: SessionRef, opened: OpenedReview, ways: Ways) {
    this.ways = ways;
    const ref = { ...given, queuePrefix: opened.queuePrefix ?? given.queuePrefix };
    this.ref = ref;
    this.opened = opened;
    this.review = new ReviewTally(opened);
    this.board = boardOf(ref, opened, ways);
    this.state = opened.state;
    this.envelopeVersion = opened.envelopeVersion ?? 1;
    this.started = opened.started ?? false;
    this.opensAt = opened.opensAt ?? null;
    this.activeUntil = opened.activeUntil ?? null;
    showOpened(opened, this.state, this.review, ways);
    if (!this.review.isOpen()) return;
    this.board.show();
    this.board.askReviewers();
  }

  get id(): string {
    return this.ref.sessionId;
  }

  get agent(): string {
    return this.opened.agent;
  }

  /** Reads the decisions and the state as the rows have them now. */
  async readRows(): Promise<void> {
    const signalled = this.review.readFrom();
    const rows = await control.loadDecisions({ sessionId: this.id, signalled });
    this.review.apply(rows.facts);
    const { state } = rows;
    this.follow(rows);
    if (this.ways.isSparing) return this.pass(state);
    if (state !== 'approved') return this.show(state);
    // its command starts first; operators see what comes of it in a moment
    this.state = state;
    this.board.show();
  }

  /** A state that is shown where it lasts: of a decided review the command, or the end, follows at once. */
  pass(state: SessionState): void {
    const { review } = this;
    const runsNow = review.isApproved() && state !== 'queued' && !this.isHeldBack(state);
    const isOnItsWay = waitsToRun(state) && (runsNow || review.end() !== null);
    if (this.ways.isSparing && isOnItsWay) this.state = state;
    else this.show(state);
  }

  /** What the connection is now, where that changed; and whether approvals stopped counting. */
  private follow(rows: ReviewRows): void {
    const { envelopeVersion = this.envelopeVersion, agent = this.agent, channels = this.opened.channels } = rows;
    const isRenewed = envelopeVersion !== this.envelopeVersion;
    const isReopened = rows.state === 'pending' && (this.state === 'approved' || this.state === 'queued');
    this.opened = { ...this.opened, agent, channels };
    this.envelopeVersion = envelopeVersion;
    this.started = rows.started ?? this.started;
    this.opensAt = rows.opensAt ?? null;
    this.activeUntil = rows.activeUntil ?? null;
    this.noteInSlack(rows.inSlack);
    if (!isRenewed && !isReopened) return;
    this.board.follow(channels, rows.facts.policy.groups.length > 0);
    if (isEndState(rows.state)) return;
    this.board.tell('changed');
    if (this.review.isOpen()) this.board.askReviewers();
  }

  /** Who can be written to in Slack by now. */
  noteInSlack(inSlack: InSlack | undefined): void {
    if (inSlack && this.board instanceof NoticeBoard) this.board.note(inSlack);
  }

  show(state: SessionState): void {
    this.state = state;
    // where it was rejected or withdrawn its end follows, and both are shown together
    this.board.show(state === 'pending' && this.review.isOpen());
    showState(this.opened, state, this.review, this.ways, this.isHeldBack(state) ? this.opensAt : null);
  }

  /** Tells the creator that it is approved as it is, once. */
  tellApproved(): void {
    if (this.toldApproved === this.envelopeVersion) return;
    this.toldApproved = this.envelopeVersion;
    this.board.tell('approved');
  }

  /** The grant that it runs under, or extends. */
  get grant(): string | undefined {
    return this.opened.grant ?? undefined;
  }

  get isGrant(): boolean {
    return this.opened.kind === 'connect';
  }

  /** How long an active grant lasts; 0: its time is over, or it never was active. */
  grantLeft(now: number): number {
    return Math.max(0, (this.activeUntil ?? 0) - now);
  }

  /** How long the connection's time window stays closed; 0: it is open, or there is none. */
  untilWindow(now: number): number {
    return Math.max(0, (this.opensAt ?? 0) - now);
  }

  /** By the connection's time window. */
  private isHeldBack(state: SessionState): boolean {
    return this.opensAt !== null && waitsToRun(state) && this.review.isApproved();
  }

  /** Whether an order to run that envelope is out of date: the session waits for something else, or has ended. */
  isOvertaken(envelopeVersion: number): boolean {
    if (this.started) return false;
    return this.state === 'pending' || this.envelopeVersion !== envelopeVersion || this.hasEnded();
  }

  /**
   * A run was consumed under a workflow that is over: it goes on to its end, whatever became since of the approvals, the
   * window or the review.
   */
  takesOver(): boolean {
    return this.started && !isEndState(this.state) && !this.ways.isOld;
  }

  /** The rows have its end, which no run of it brought. */
  hasEnded(): boolean {
    return !this.started && isEndState(this.state);
  }
}

function boardOf(ref: SessionRef, { channels, facts, inSlack }: OpenedReview, ways: Ways): Board {
  const hasReaders = facts.policy.groups.length > 0;
  if (!ways.isSparing) return new EarlierNoticeBoard(ref, channels, hasReaders, ways.isOld);
  return new NoticeBoard(ref, channels, hasReaders, inSlack ?? { creator: true, reviewers: hasReaders });
}
