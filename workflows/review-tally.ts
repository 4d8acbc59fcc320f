/** Where one review stands. Pure state: the story in `session-review` asks it and never reasons itself. */
import { groupsAsked, tallyReview, type ReviewFacts, type Standing } from '#shared/review-policy.ts';
import type { OpenedReview, ReviewEnd } from '#activities/types.ts';

/** Of what signals name between two readings, and of the length of each. */
const toldAtMost = 20;
const idAtMost = 100;

export class ReviewTally {
  standing: Standing;
  private news = 0;
  private applied = 0;
  private readonly told = new Set<string>();
  private readonly expiresAt: number;
  /** Reviewers are reminded then; null: they are not, or were. */
  private remindAt: number | null;

  constructor(opened: OpenedReview) {
    this.standing = tallyReview(opened.facts);
    this.expiresAt = opened.expiresAt;
    this.remindAt = opened.remindAt ?? null;
  }

  /**
   * A signal came. Which row it names does not matter: the rows say who and what. What it names is only kept to be
   * told from what hoop sends.
   */
  note(id: unknown): void {
    this.news += 1;
    if (this.told.size < toldAtMost) this.told.add(typeof id === 'string' ? id.slice(0, idAtMost) : typeof id);
  }

  hasNews(): boolean {
    return this.news > this.applied;
  }

  /**
   * To be called before the rows are read: what is noted during the reading counts as news again. Gives what the
   * signals named.
   */
  readFrom(): string[] {
    this.applied = this.news;
    const told = [...this.told];
    this.told.clear();
    return told;
  }

  apply(facts: ReviewFacts): void {
    this.standing = tallyReview(facts);
  }

  isOpen(): boolean {
    return this.standing.outcome === 'open';
  }

  isApproved(): boolean {
    return this.standing.outcome === 'approved';
  }

  /** Milliseconds until the request expires, at least 1: a timer of zero would never start. */
  timeLeft(now: number): number {
    return Math.max(1, this.expiresAt - now);
  }

  /** As `timeLeft`, or until reviewers are to be reminded. */
  patience(now: number): number {
    return this.remindAt === null ? this.timeLeft(now) : Math.max(1, Math.min(this.remindAt, this.expiresAt) - now);
  }

  /** Once, when the time has come. */
  takeReminder(now: number): boolean {
    if (this.remindAt === null || now < this.remindAt || now >= this.expiresAt) return false;
    this.remindAt = null;
    return true;
  }

  isExpired(now: number): boolean {
    return now >= this.expiresAt;
  }

  /** How the review ends without a run; null while it is open or approved. */
  end(): ReviewEnd | null {
    const { outcome } = this.standing;
    return outcome === 'open' || outcome === 'approved' ? null : outcome;
  }

  groupsAsked(): string[] {
    return groupsAsked(this.standing);
  }
}
