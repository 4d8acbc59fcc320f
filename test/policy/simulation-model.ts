/**
 * One session and all who pull at it, without I/O: rows that change in transactions, a workflow that reads them late
 * and may be ended, a gateway that consumes, an agent that comes late, people who decide on what they saw. Each part
 * goes on by steps; which one is next is the caller's choice. What may follow what is asked of `shared/`.
 */
import {
  refusalOf,
  tallyReview,
  type DecisionFact,
  type PersonFact,
  type ReviewFacts,
  type ReviewPolicy,
} from '#shared/review-policy.ts';
import { isEndState, nextStates, sessionCan, waitsToRun, type SessionState } from '#shared/session-states.ts';
import type { Seeded } from '../support/seeded.ts';

type Verdict = DecisionFact['verdict'];
/** One part of the world; gives control away wherever the real one waits for something else. */
type Part = Generator<void, void>;

const people = ['asker', 'bob', 'carol', 'root'] as const;
const policies: ReviewPolicy[] = [
  { groups: ['sre'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
  { groups: ['sre', 'admin'], minApprovals: 2, distinctReviewers: false, forceApproveGroups: [] },
  { groups: ['sre', 'admin'], minApprovals: 0, distinctReviewers: true, forceApproveGroups: ['chief'] },
  { groups: [], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
];
const groups = ['sre', 'admin', 'chief'];

/** What somebody who decided was told. */
export interface Told {
  verdict: Verdict;
  by: string;
  /** Null: it counts. */
  refusal: string | null;
  /** Of the session when it was refused or taken. */
  state: SessionState;
  version: number;
}

export class Simulation {
  state: SessionState;
  readonly told: Told[] = [];
  readonly ends: SessionState[] = [];
  readonly workflowResults: SessionState[] = [];
  /** What the rows said at the moments when a command was started; `fair` when they allowed it. */
  readonly starts: string[] = [];
  private policy: ReviewPolicy;
  private version = 1;
  private decisions: DecisionFact[] = [];
  private readonly crowd = new Map<string, PersonFact>();
  private clock = 0;
  private readonly expiresAt: number;
  private run:
    { version: number; fair: boolean; started: boolean; exited: SessionState | null; stopped: boolean } | undefined;
  private agentHere: boolean;
  private signals = 0;
  /** Counts the workflows so far; those before are over. */
  private workflow = 0;
  private workflowOver = false;
  private terminated = false;
  private readonly parts: Part[] = [];

  constructor(private readonly random: Seeded) {
    this.policy = random.pick(policies);
    this.state = this.policy.groups.length > 0 ? 'pending' : 'queued';
    this.expiresAt = 5 + random.below(60);
    this.agentHere = random.chance(0.6);
    for (const id of people) {
      const theirs = groups.filter(() => random.chance(0.6));
      this.crowd.set(id, { id, active: true, groups: id === 'bob' ? ['sre', ...theirs] : theirs });
    }
    this.parts.push(this.workflowPart(this.workflow), this.sweepPart(), this.clockPart());
    for (const id of people) if (random.chance(0.8)) this.parts.push(this.personPart(id));
    if (random.chance(0.3)) this.parts.push(this.personPart(random.pick(people)));
    if (random.chance(0.25)) this.parts.push(this.changePart());
    if (random.chance(0.2)) this.parts.push(this.operatorPart());
    if (!this.agentHere) this.parts.push(this.lateAgentPart());
  }

  /** Steps until every part has come to its end; how many it took. */
  play(stepsAtMost: number): number {
    for (let step = 0; step < stepsAtMost; step += 1) {
      if (this.parts.length === 0) return step;
      const index = this.random.below(this.parts.length);
      if (this.parts[index]?.next().done) this.parts.splice(index, 1);
    }
    throw new Error(`no end after ${stepsAtMost} steps: ${this.state}, workflow ${this.workflow}`);
  }

  private get digest(): string {
    return `digest of ${this.version}`;
  }

  private facts(): ReviewFacts {
    const { policy, digest, decisions } = this;
    return { policy, requesterId: 'asker', digest, decisions, people: [...this.crowd.values()] };
  }

  private moveTo(state: SessionState): void {
    if (!nextStates[this.state].includes(state)) throw new Error(`from ${this.state} to ${state}`);
    this.state = state;
    if (isEndState(state)) this.ends.push(state);
  }

  /** A decision in its transaction, as `core/decide-review` takes it. */
  private decide(by: string, verdict: Verdict, seen: { digest: string }): void {
    const refusal = this.refusal(by, verdict, seen.digest);
    this.told.push({ by, verdict, refusal, state: this.state, version: this.version });
    if (refusal !== null) return;
    const { digest } = this;
    const seq = this.decisions.length + 1;
    this.decisions.push({ id: `d${seq}`, seq, userId: by, verdict, group: null, force: false, digest });
    if (tallyReview(this.facts()).outcome === 'approved' && this.state === 'pending') this.moveTo('approved');
    this.parts.push(this.signalPart());
  }

  private refusal(by: string, verdict: Verdict, digest: string): string | null {
    if (!sessionCan(verdict, this.state)) return 'closed';
    if (this.state !== 'running' && this.clock >= this.expiresAt) return 'expired';
    if (verdict === 'cancel') return by === 'asker' ? null : 'not yours';
    if (verdict === 'revoke') return this.isIn(by, 'admin') ? null : 'no admin';
    const facts = this.facts();
    const person = this.crowd.get(by);
    if (!person) return 'nobody';
    const attempt = { verdict, group: null, force: false, reason: 'r', digest };
    const refusal = refusalOf(attempt, person, this.isIn(by, 'admin'), facts);
    if (refusal) return refusal.code;
    const { outcome } = tallyReview(facts);
    return outcome === 'open' || outcome === 'approved' ? null : 'stopped';
  }

  private isIn(who: string, group: string): boolean {
    const person = this.crowd.get(who);
    return person?.active === true && person.groups.includes(group);
  }

  /** The end in its transaction, as `core/finish-session` writes it; false: a run was consumed first. */
  private finish(state: SessionState, source: 'review' | 'run'): boolean {
    if (isEndState(this.state)) return true;
    if (source === 'review' && this.run) return false;
    this.moveTo(state);
    return true;
  }

  /** As `core/consume-run`; false: not now. */
  private consume(): 'consumed' | 'not_here' | 'refused' | 'expired' {
    if (!this.agentHere) return 'not_here';
    if (this.run) return 'consumed';
    if (isEndState(this.state)) return 'refused';
    if (this.clock >= this.expiresAt) return 'expired';
    if (tallyReview(this.facts()).outcome !== 'approved') return 'refused';
    if (this.state === 'pending') this.moveTo('approved');
    this.moveTo('running');
    this.run = { version: this.version, fair: this.isFair(), started: false, exited: null, stopped: false };
    return 'consumed';
  }

  /** Whether the run is allowed, told in another way than the policy tells it. */
  private isFair(): boolean {
    const { policy, digest } = this;
    const about = this.decisions.filter((decision) => decision.digest === digest);
    if (about.some((decision) => decision.verdict !== 'approve')) return false;
    const approvers = people.filter(
      (id) =>
        id !== 'asker' && about.some((d) => d.userId === id) && policy.groups.some((group) => this.isIn(id, group)),
    );
    if (approvers.length < policy.minApprovals) return false;
    const [first, second = first] = policy.groups;
    if (first === undefined || second === undefined) return true;
    const mayBeOne = !policy.distinctReviewers || first === second;
    return approvers.some((a) =>
      approvers.some((b) => (a !== b || mayBeOne) && this.isIn(a, first) && this.isIn(b, second)),
    );
  }

  /** Lost now and then; the sweep repeats it. */
  private *signalPart(): Part {
    yield;
    if (this.random.chance(0.7)) this.signals += 1;
  }

  private *personPart(id: string): Part {
    for (let wait = this.random.below(8); wait > 0; wait -= 1) yield;
    const seen = { digest: this.digest };
    for (let wait = this.random.below(4); wait > 0; wait -= 1) yield;
    const verdicts: Verdict[] =
      id === 'asker' ? ['cancel', 'approve', 'cancel'] : ['approve', 'approve', 'approve', 'reject', 'revoke'];
    if (id !== 'asker' || this.random.chance(0.3)) this.decide(id, this.random.pick(verdicts), seen);
    yield;
    if (this.random.chance(0.3)) this.decide(id, this.random.pick(verdicts), { digest: this.digest });
  }

  /** Groups of people and the connection change while the request waits. */
  private *changePart(): Part {
    for (let wait = this.random.below(12); wait > 0; wait -= 1) yield;
    const person = this.crowd.get(this.random.pick(people));
    if (person && this.random.chance(0.5)) {
      if (this.random.chance(0.3)) person.active = false;
      else person.groups = groups.filter(() => this.random.chance(0.5));
      if (!this.isStopped()) this.align();
    } else if (waitsToRun(this.state) && !this.isStopped()) {
      this.version += 1;
      this.align();
    }
    this.signals += 1;
    yield;
  }

  /** As `core/align-session`, with the rows as they are now. */
  private align(): void {
    const { outcome } = tallyReview(this.facts());
    if (outcome === 'open' && (this.state === 'approved' || this.state === 'queued')) this.moveTo('pending');
    if (outcome === 'approved' && this.state === 'pending') this.moveTo('approved');
  }

  private isStopped(): boolean {
    return ['rejected', 'cancelled', 'revoked'].includes(tallyReview(this.facts()).outcome);
  }

  private *lateAgentPart(): Part {
    for (let wait = 5 + this.random.below(60); wait > 0; wait -= 1) yield;
    this.agentHere = true;
  }

  private *clockPart(): Part {
    while (this.clock <= this.expiresAt + 5 || !this.workflowOver) {
      this.clock += 1;
      yield;
    }
  }

  /** Somebody who may write to Temporal. */
  private *operatorPart(): Part {
    for (let wait = this.random.below(40); wait > 0; wait -= 1) yield;
    if (this.workflowOver) return;
    this.workflow += 1;
    this.terminated = true;
  }

  /** What a crash or an operator left is carried on; signals that were lost are sent again. */
  private *sweepPart(): Part {
    while (!this.workflowOver) {
      for (let wait = 3 + this.random.below(5); wait > 0; wait -= 1) yield;
      if (this.terminated) {
        this.terminated = false;
        this.finish('cancelled', 'review');
        yield;
        this.parts.push(this.workflowPart(this.workflow));
      }
      this.signals += 1;
    }
  }

  /** As `workflows/session-review`: reads the rows late, and ends the session by what it read. */
  private *workflowPart(own: number): Part {
    const isOver = () => own !== this.workflow;
    yield;
    for (;;) {
      if (isOver()) return;
      const { outcome } = tallyReview(this.facts());
      const state = this.state;
      yield;
      if (isOver()) return;
      if (isEndState(state)) break;
      // a run that was consumed goes on, whatever became of the approvals since
      if (outcome === 'approved' || this.run) yield* this.executePart(isOver);
      else if (outcome !== 'open') this.finish(outcome, this.run ? 'run' : 'review');
      else if (this.clock >= this.expiresAt) this.finish('expired', 'review');
      else yield* this.news(isOver);
      if (isOver()) return;
    }
    this.workflowResults.push(this.state);
    this.workflowOver = true;
  }

  private *news(isOver: () => boolean): Part {
    const heard = this.signals;
    while (heard === this.signals && this.clock < this.expiresAt && !isOver()) yield;
  }

  /** One try of `execute`; what stands in the way sends the workflow back to its rows. */
  private *executePart(isOver: () => boolean): Part {
    yield;
    const got = this.consume();
    if (got === 'expired') return void this.finish('expired', 'review');
    if (got === 'not_here' && !this.run && this.clock >= this.expiresAt) return void this.finish('expired', 'review');
    if (got !== 'consumed') return;
    yield;
    const { run } = this;
    if (!run) throw new Error('consumed without a run');
    if (!run.started) {
      run.started = true;
      this.starts.push(this.version === run.version && this.state === 'running' && run.fair ? 'fair' : this.state);
    }
    for (let left = this.random.below(10); left > 0 && run.exited === null; left -= 1) {
      yield;
      if (isOver()) return; // the command goes on at the agent; another gateway finds it again
      if (tallyReview(this.facts()).outcome === 'revoked') run.stopped = true;
      if (run.stopped) break;
    }
    run.exited ??= run.stopped ? 'revoked' : 'finished';
    yield;
    this.finish(run.exited, 'run');
  }
}
