/** One session inside its workflow: where its review stands, its state, and everybody who is shown both. */
import { proxyLocalActivities } from '@temporalio/workflow';
import type { SessionState } from '#shared/session-states.ts';
import type { ControlActivities, OpenedReview } from '#activities/types.ts';
import { controlOptions } from './activity-options.ts';
import type { SessionRef } from './messages.ts';
import { NoticeBoard } from './notice-board.ts';
import { showOpened, showState } from './operator-view.ts';
import { ReviewTally } from './review-tally.ts';

export const control = proxyLocalActivities<ControlActivities>(controlOptions);

export class ReviewedSession {
  readonly review: ReviewTally;
  readonly board: NoticeBoard;
  state: SessionState;

  constructor(
    readonly ref: SessionRef,
    readonly opened: OpenedReview,
  ) {
    this.review = new ReviewTally(opened);
    this.board = new NoticeBoard(ref, opened.channels, opened.facts.policy.groups.length > 0);
    this.state = opened.state;
    showOpened(opened, this.state, this.review);
    if (!this.review.isOpen()) return;
    this.board.show();
    this.board.askReviewers();
  }

  get id(): string {
    return this.ref.sessionId;
  }

  /** Reads the decisions and the state as the rows have them now. */
  async readRows(): Promise<void> {
    this.review.readFrom();
    const { facts, state } = await control.loadDecisions({ sessionId: this.id });
    this.review.apply(facts);
    if (state !== 'approved') return this.show(state);
    // its command starts first; operators see what comes of it in a moment
    this.state = state;
    this.board.show();
  }

  show(state: SessionState): void {
    this.state = state;
    this.board.show(state === 'pending');
    showState(this.opened, state, this.review);
  }
}
