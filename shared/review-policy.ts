/**
 * The review policy: pure functions, no clock, no I/O. They are applied when somebody decides (core), when the
 * workflow looks at the rows, and once more when a run is consumed.
 */
import type { ErrorCode } from './errors.ts';

export interface ReviewPolicy {
  /** Reviewer groups; each must be represented by an approval. None: the connection needs no review. */
  groups: string[];
  /** Distinct people who must approve, at least; 0 when the groups alone say. */
  minApprovals: number;
  /** Each group must be represented by a different person. */
  distinctReviewers: boolean;
  /** Groups whose members may approve alone, with a reason. */
  forceApproveGroups: string[];
  /** When an approved command may begin (`shared/time-window`); absent: at any time. */
  window?: string | undefined;
}

/** A decision row as the policy sees it. */
export interface DecisionFact {
  id: string;
  /** Order of the decisions of one session. */
  seq: number;
  userId: string;
  verdict: 'approve' | 'reject' | 'cancel' | 'revoke';
  /** The one group the person chose to decide for; null: all of theirs. */
  group: string | null;
  force: boolean;
  /** The asked groups that the person represented when they decided; absent or null: nobody noted it. */
  groups?: string[] | null;
  /** Of connect: an approval for at most so many seconds; absent or null: for all that was asked. */
  durationSeconds?: number | null;
  /** The digest of the envelope that the person was shown. */
  digest: string;
}

/** A person with what they are now: an approval counts only for groups its author is still in. */
export interface PersonFact {
  id: string;
  active: boolean;
  groups: string[];
}

export interface GroupStanding {
  group: string;
  /** Ids of the people whose approvals count for the group. */
  approvedBy: string[];
  met: boolean;
}

export type ReviewOutcome = 'open' | 'approved' | 'rejected' | 'cancelled' | 'revoked';

export interface Standing {
  outcome: ReviewOutcome;
  groups: GroupStanding[];
  /** Distinct people whose approvals count. */
  approvals: number;
  approvalsNeeded: number;
  /** Set when a force-approve group decided alone. */
  forced: boolean;
  /** The decision that settled the review, where one did. */
  settledBy: string | null;
}

export interface ReviewFacts {
  policy: ReviewPolicy;
  requesterId: string;
  /** Digest of the present envelope; decisions about another one do not count. */
  digest: string;
  decisions: DecisionFact[];
  people: PersonFact[];
  /** The grant that it would run under is over, or being closed. */
  grantOver?: boolean;
}

export function needsReview(policy: ReviewPolicy): boolean {
  return policy.groups.length > 0;
}

/** Groups that still have to approve. */
export function groupsAsked({ outcome, groups }: Standing): string[] {
  return outcome === 'open' ? groups.filter(({ met }) => !met).map(({ group }) => group) : [];
}

/** Where a review stands. Decisions apply in the order of their sequence numbers; a reject or withdrawal ends it. */
export function tallyReview(facts: ReviewFacts): Standing {
  const { policy, digest } = facts;
  const people = new Map(facts.people.map((person) => [person.id, person]));
  const ordered = facts.decisions.filter((d) => d.digest === digest).sort((a, b) => a.seq - b.seq);

  const stop = ordered.find((d) => d.verdict !== 'approve');
  const approvals = ordered.filter((d) => d.verdict === 'approve' && d.userId !== facts.requesterId);
  const counting = approvals.map((d) => ({ decision: d, groups: countsFor(d, people.get(d.userId), policy) }));
  const forced = approvals.find((d) => d.force && mayForce(people.get(d.userId), policy));

  const groups = policy.groups.map((group) => {
    const approvedBy = [...new Set(counting.filter((c) => c.groups.includes(group)).map((c) => c.decision.userId))];
    return { group, approvedBy, met: approvedBy.length > 0 };
  });
  const approvers = new Set(counting.filter((c) => c.groups.length > 0).map((c) => c.decision.userId));
  const approvalsNeeded = neededApprovals(policy);
  const quorum =
    groups.every((g) => g.met) &&
    approvers.size >= approvalsNeeded &&
    (!policy.distinctReviewers || hasDistinctReviewers(groups.map((g) => g.approvedBy)));

  const standing = { groups, approvals: approvers.size, approvalsNeeded, forced: forced !== undefined };
  if (stop) return { ...standing, outcome: outcomeOf(stop.verdict), settledBy: stop.id };
  if (facts.grantOver) return { ...standing, outcome: 'revoked', settledBy: null };
  if (forced) return { ...standing, outcome: 'approved', settledBy: forced.id };
  if (!needsReview(policy)) return { ...standing, outcome: 'approved', settledBy: null };
  if (quorum) return { ...standing, outcome: 'approved', settledBy: approvals.at(-1)?.id ?? null };
  return { ...standing, outcome: 'open', settledBy: null };
}

/**
 * Seconds that a grant is approved for: what was asked, or the least that an approval of a person who may give it now
 * allows. Who approved alone by force counts as the others do.
 */
export function grantedSeconds(facts: ReviewFacts, askedSeconds: number): number {
  const people = new Map(facts.people.map((person) => [person.id, person]));
  const allowed = facts.decisions
    .filter((d) => d.verdict === 'approve' && d.digest === facts.digest && d.userId !== facts.requesterId)
    .filter(
      (d) =>
        countsFor(d, people.get(d.userId), facts.policy).length > 0 ||
        (d.force && mayForce(people.get(d.userId), facts.policy)),
    )
    .flatMap((d) => d.durationSeconds ?? []);
  return Math.min(askedSeconds, ...allowed);
}

/** How many distinct people a policy needs at least, groups and `minApprovals` taken together. */
function neededApprovals(policy: ReviewPolicy): number {
  const byGroups = policy.distinctReviewers ? policy.groups.length : Math.min(1, policy.groups.length);
  return Math.max(policy.minApprovals, byGroups);
}

function outcomeOf(verdict: 'approve' | 'reject' | 'cancel' | 'revoke'): ReviewOutcome {
  return ({ approve: 'approved', reject: 'rejected', cancel: 'cancelled', revoke: 'revoked' } as const)[verdict];
}

function countsFor(decision: DecisionFact, person: PersonFact | undefined, policy: ReviewPolicy): string[] {
  return person ? representedBy(policy, person, decision.group) : [];
}

function mayForce(person: PersonFact | undefined, policy: ReviewPolicy): boolean {
  return person?.active === true && policy.forceApproveGroups.some((group) => person.groups.includes(group));
}

/** The asked groups that an approval by `person` counts for, as they are now; `group`: the one that they chose. */
export function representedBy(policy: ReviewPolicy, person: PersonFact, group: string | null): string[] {
  if (!person.active) return [];
  const theirs = policy.groups.filter((name) => person.groups.includes(name));
  return group === null ? theirs : theirs.filter((name) => name === group);
}

export interface Lapse {
  userId: string;
  /** Groups that the approval counted for and does not now; empty where nobody noted which. */
  groups: string[];
  /** Their account is open: they have left. */
  active: boolean;
}

/**
 * Approvals of the present envelope that an open review misses: their authors have left groups that are asked, or
 * their accounts are closed. They count again once the people are back.
 */
export function lapsedApprovals(facts: ReviewFacts): Lapse[] {
  const standing = tallyReview(facts);
  if (standing.outcome !== 'open') return [];
  const people = new Map(facts.people.map((person) => [person.id, person]));
  const lapses: Lapse[] = [];
  for (const decision of facts.decisions) {
    const { userId, verdict, digest, groups } = decision;
    if (verdict !== 'approve' || digest !== facts.digest || userId === facts.requesterId) continue;
    const person = people.get(userId);
    const counts = countsFor(decision, person, facts.policy);
    const lost = (groups ?? []).filter((name) => facts.policy.groups.includes(name) && !counts.includes(name));
    const isLapsed = groups ? lost.length > 0 || decision.force : counts.length === 0;
    if (isLapsed) lapses.push({ userId, groups: lost, active: person?.active === true });
  }
  return lapses;
}

/** Whether every group can be given a reviewer of its own (bipartite matching by augmenting paths). */
export function hasDistinctReviewers(candidates: string[][]): boolean {
  const groupOf = new Map<string, number>();
  const place = (group: number, tried: Set<string>): boolean => {
    for (const person of candidates[group] ?? []) {
      if (tried.has(person)) continue;
      tried.add(person);
      const holder = groupOf.get(person);
      if (holder === undefined || place(holder, tried)) {
        groupOf.set(person, group);
        return true;
      }
    }
    return false;
  };
  return candidates.every((_, group) => place(group, new Set()));
}

export interface DecideAttempt {
  verdict: 'approve' | 'reject';
  group: string | null;
  force: boolean;
  reason: string;
  digest: string;
}

export interface Refusal {
  code: ErrorCode;
  message: string;
}

/** Why `person` may not take this decision now, or null when they may. The session's state is checked elsewhere. */
export function refusalOf(
  attempt: DecideAttempt,
  person: PersonFact,
  isAdmin: boolean,
  facts: ReviewFacts,
): Refusal | null {
  const { policy } = facts;
  if (person.id === facts.requesterId) {
    return {
      code: 'review_own_request',
      message:
        attempt.verdict === 'approve'
          ? 'This is your own request; somebody else has to approve it.'
          : 'This is your own request; withdraw it instead of rejecting it.',
    };
  }
  if (!person.active) return { code: 'review_not_eligible', message: 'Your account is not active.' };
  if (attempt.digest !== facts.digest) {
    return { code: 'review_outdated', message: 'The request changed since you were shown it; look at it again.' };
  }
  if (attempt.force && !mayForce(person, policy)) {
    return { code: 'review_force_refused', message: 'You are in none of the groups that may force an approval.' };
  }
  if (attempt.force && attempt.reason.trim() === '') {
    return { code: 'reason_required', message: 'Forcing an approval needs a reason.' };
  }
  const theirs = policy.groups.filter((group) => person.groups.includes(group));
  const mayRejectAnyway = attempt.verdict === 'reject' && isAdmin;
  if (theirs.length === 0 && !attempt.force && !mayRejectAnyway) {
    const asked = someGroups(policy.groups);
    return {
      code: 'review_not_eligible',
      message: `Only members of ${asked || 'no group'} review this request, and you are in none of them.`,
    };
  }
  if (attempt.group !== null && !theirs.includes(attempt.group)) {
    return {
      code: 'review_group_refused',
      message: `You cannot decide for the group ${attempt.group} on this request.`,
    };
  }
  const same = facts.decisions.some(
    (d) => d.userId === person.id && d.verdict === attempt.verdict && d.digest === attempt.digest,
  );
  if (same)
    return {
      code: 'review_already_decided',
      message: `You have already ${attempt.verdict === 'approve' ? 'approved' : 'rejected'} this request.`,
    };
  return null;
}

const namedGroups = 5;

/** The first few, and how many more there are. */
export function someGroups(groups: string[]): string {
  const more = groups.length - namedGroups;
  return groups.slice(0, namedGroups).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** What a policy asks for that nobody can ever give; null when it is possible. Checked when a policy is set. */
export function impossibility(policy: ReviewPolicy): string | null {
  if (policy.groups.length === 0) {
    if (policy.minApprovals > 0) return 'A minimum of approvals needs reviewer groups.';
    if (policy.distinctReviewers) return 'Distinct reviewers need reviewer groups.';
    if (policy.forceApproveGroups.length > 0) return 'Force-approve groups need reviewer groups.';
  }
  return null;
}

/**
 * Why the people of today cannot complete a review asked by `requesterId`; null when they can.
 * `people` are all active people with their groups.
 */
export function unreachable(policy: ReviewPolicy, people: PersonFact[], requesterId: string | null): string | null {
  const able = people.filter((p) => p.active && p.id !== requesterId);
  const candidates = policy.groups.map((group) => able.filter((p) => p.groups.includes(group)).map((p) => p.id));
  const empty = policy.groups.filter((_, i) => candidates[i]?.length === 0);
  if (empty.length > 0) {
    const but =
      requesterId === null
        ? 'nobody'
        : people.some((p) => p.id === requesterId && p.groups.includes(empty[0] ?? ''))
          ? 'nobody but you'
          : 'nobody';
    return `${but} is in ${someGroups(empty)}${unlessForced(policy, able)}`;
  }
  const reviewers = new Set(candidates.flat());
  if (reviewers.size < policy.minApprovals)
    return `${policy.minApprovals} people must approve and only ${reviewers.size} can${unlessForced(policy, able)}`;
  if (policy.distinctReviewers && !hasDistinctReviewers(candidates))
    return `there are not enough different people for the groups${unlessForced(policy, able)}`;
  return null;
}

/** Who could do without the others. */
function unlessForced(policy: ReviewPolicy, able: PersonFact[]): string {
  const groups = policy.forceApproveGroups.filter((group) => able.some((p) => p.groups.includes(group)));
  return groups.length === 0 ? '' : `; members of ${someGroups(groups)} can force it`;
}
