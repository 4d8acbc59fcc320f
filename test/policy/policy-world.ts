/** One request under the policy, without anything around it: what core, workflow and rows do, in memory and in order. */
import type { ErrorCode } from '#shared/errors.ts';
import {
  refusalOf,
  representedBy,
  tallyReview,
  type DecisionFact,
  type PersonFact,
  type ReviewFacts,
  type ReviewPolicy,
  type Standing,
} from '#shared/review-policy.ts';
import { readTimeWindow, windowAt } from '#shared/time-window.ts';

export type Ended = 'expired' | 'running';
export interface StoredDecision extends DecisionFact {
  reason: string;
}

export class PolicyWorld {
  readonly requesterId = 'asker';
  readonly decisions: StoredDecision[] = [];
  readonly people: Map<string, PersonFact>;
  policy: ReviewPolicy;
  digest = 'envelope 1';
  now: Date;
  ended: Ended | null = null;
  private version = 1;

  constructor(policy: ReviewPolicy, people: Record<string, string[]>, now: Date) {
    this.policy = policy;
    this.now = now;
    this.people = new Map(Object.entries(people).map(([id, groups]) => [id, { id, active: true, groups }]));
  }

  facts(): ReviewFacts {
    const { policy, requesterId, digest, decisions } = this;
    return { policy, requesterId, digest, decisions, people: [...this.people.values()] };
  }

  standing(): Standing {
    return tallyReview(this.facts());
  }

  person(id: string): PersonFact {
    const found = this.people.get(id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  }

  set(id: string, change: Partial<PersonFact>): void {
    this.people.set(id, { ...this.person(id), ...change });
  }

  /** Null, or why not. */
  decide(
    userId: string,
    verdict: 'approve' | 'reject',
    how: { group?: string; force?: boolean; reason?: string; digest?: string } = {},
  ): ErrorCode | null {
    const { group = null, force = false, reason = '', digest = this.digest } = how;
    const { outcome } = this.standing();
    const mine = this.decisions.some((d) => d.userId === userId && d.verdict === verdict);
    const isClosed = this.ended !== null || (outcome !== 'open' && !(outcome === 'approved' && verdict === 'reject'));
    if (isClosed) return mine ? 'review_already_decided' : 'review_closed';
    const person = this.person(userId);
    const attempt = { verdict, group, force, reason, digest };
    const refusal = refusalOf(attempt, person, person.groups.includes('admin'), this.facts());
    if (refusal) return refusal.code;
    this.append({ userId, verdict, group, force, reason });
    return null;
  }

  stop(userId: string, verdict: 'cancel' | 'revoke'): ErrorCode | null {
    const { outcome } = this.standing();
    if (this.ended === 'expired' || (outcome !== 'open' && outcome !== 'approved')) return 'session_ended';
    if (this.ended === 'running' && verdict === 'cancel') return 'session_already_running';
    const person = this.person(userId);
    const may = verdict === 'cancel' ? userId === this.requesterId : person.active && person.groups.includes('admin');
    if (!may) return 'not_allowed';
    this.append({ userId, verdict, group: null, force: false, reason: '' });
    return null;
  }

  /** The connection changed: a request that waits has another envelope, one that was stopped keeps its own. */
  change(policy: ReviewPolicy = this.policy): void {
    const { outcome } = this.standing();
    if (this.ended !== null || (outcome !== 'open' && outcome !== 'approved')) return;
    this.policy = policy;
    this.version += 1;
    this.digest = `envelope ${this.version}`;
  }

  run(): ErrorCode | null {
    if (this.ended === 'running') return 'run_consumed';
    if (this.ended === 'expired') return 'run_expired';
    if (!this.person(this.requesterId).active) return 'run_not_approved';
    const { outcome } = this.standing();
    if (outcome !== 'approved') return outcome === 'open' ? 'review_open' : 'run_not_approved';
    const { window } = this.policy;
    if (window !== undefined && !windowAt(readTimeWindow(window), this.now).open) return 'window_closed';
    this.ended = 'running';
    return null;
  }

  expire(): void {
    const { outcome } = this.standing();
    if (this.ended === null && (outcome === 'open' || outcome === 'approved')) this.ended = 'expired';
  }

  private append(decision: Pick<StoredDecision, 'userId' | 'verdict' | 'group' | 'force' | 'reason'>): void {
    const seq = this.decisions.length + 1;
    const groups = representedBy(this.policy, this.person(decision.userId), decision.group);
    this.decisions.push({ id: `decision ${seq}`, seq, digest: this.digest, groups, ...decision });
  }
}
