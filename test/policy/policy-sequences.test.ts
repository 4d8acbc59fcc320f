import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lapsedApprovals, tallyReview, type ReviewPolicy } from '#shared/review-policy.ts';
import { readTimeWindow, windowAt } from '#shared/time-window.ts';
import { PolicyWorld } from './policy-world.ts';

// names of groups may hold any characters, those of Object.prototype too
const groups = ['sre', 'admin', 'constructor', '__proto__', 'a b'];
const people = ['asker', 'bob', 'carol', 'dan', 'olga'];
const day = Date.parse('2026-03-02T00:00:00Z');

const group = fc.constantFrom(...groups);
const who = fc.constantFrom(...people);
const policy: fc.Arbitrary<ReviewPolicy> = fc.record({
  groups: fc.uniqueArray(group, { maxLength: 3 }),
  minApprovals: fc.nat(3),
  distinctReviewers: fc.boolean(),
  forceApproveGroups: fc.uniqueArray(group, { maxLength: 1 }),
  window: fc.constantFrom(undefined, undefined, '22:00-02:00 UTC'),
});
const op = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('approve' as const), who, group: fc.option(group), old: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), who, old: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('force' as const), who, reason: fc.constantFrom('', ' ', 'fire') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('member' as const), who, group }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('active' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const), policy: fc.option(policy) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), hours: fc.nat(23) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('run' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'revoke' as const), who }) },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** What the request was before its last change. */
function apply(world: PolicyWorld, step: Op): string | null {
  const before = /\d+$/.exec(world.digest)?.[0] ?? '1';
  const old = { digest: `envelope ${Number(before) - 1}` };
  switch (step.kind) {
    case 'approve':
      return world.decide(step.who, 'approve', { ...(step.group && { group: step.group }), ...(step.old && old) });
    case 'reject':
      return world.decide(step.who, 'reject', step.old ? old : {});
    case 'force':
      return world.decide(step.who, 'approve', { force: true, reason: step.reason });
    case 'member': {
      const now = world.person(step.who).groups;
      const has = now.includes(step.group);
      world.set(step.who, { groups: has ? now.filter((g) => g !== step.group) : [...now, step.group] });
      return null;
    }
    case 'active':
      world.set(step.who, { active: !world.person(step.who).active });
      return null;
    case 'change':
      world.change(step.policy ?? undefined);
      return null;
    case 'clock':
      world.now = new Date(day + step.hours * 3_600_000);
      return null;
    case 'run':
      return world.run();
    default:
      return world.stop(step.who, step.kind);
  }
}

/** Said anew, by trying every choice of one approver a group: whether the approvals carry the request as it is. */
function carries(world: PolicyWorld): boolean {
  const { groups: asked, minApprovals, distinctReviewers } = world.policy;
  const backers = asked.map((name) =>
    [
      ...new Set(
        world.decisions.filter((d) => d.verdict === 'approve' && d.digest === world.digest).map((d) => d.userId),
      ),
    ].filter((id) => {
      const person = world.person(id);
      const chose = world.decisions.some(
        (d) => d.userId === id && d.verdict === 'approve' && d.digest === world.digest && (d.group ?? name) === name,
      );
      return id !== world.requesterId && person.active && person.groups.includes(name) && chose;
    }),
  );
  const choices = (i: number, taken: string[]): boolean =>
    i === backers.length ||
    (backers[i] ?? []).some((id) => (!distinctReviewers || !taken.includes(id)) && choices(i + 1, [...taken, id]));
  return choices(0, []) && new Set(backers.flat()).size >= minApprovals;
}

function check(world: PolicyWorld): void {
  const facts = world.facts();
  const standing = world.standing();
  const current = world.decisions.filter((d) => d.digest === world.digest);
  const stop = current.find((d) => d.verdict !== 'approve');
  const force = current.find((d) => {
    const { active, groups: theirs } = world.person(d.userId);
    return d.force && active && theirs.some((name) => world.policy.forceApproveGroups.includes(name));
  });
  // a reject wins until the run; then a forced approval; then the approvals, or that nobody is asked
  if (stop)
    expect(standing).toMatchObject({
      outcome: { reject: 'rejected', cancel: 'cancelled', revoke: 'revoked' }[stop.verdict as 'reject'],
      settledBy: stop.id,
    });
  else if (force) expect(standing).toMatchObject({ outcome: 'approved', forced: true });
  else if (world.policy.groups.length === 0) expect(standing.outcome).toBe('approved');
  else expect(standing.outcome).toBe(carries(world) ? 'approved' : 'open');

  expect(standing.forced).toBe(force !== undefined);
  for (const decision of world.decisions.filter((d) => d.verdict === 'approve')) {
    expect(decision.userId).not.toBe(world.requesterId);
    if (decision.force) expect(decision.reason.trim()).not.toBe('');
  }
  // what was decided about another envelope does not count, nor does the order in which rows are read
  expect(tallyReview({ ...facts, decisions: [...current].reverse() })).toEqual(standing);
  const made = world.decisions.map((d) => `${d.digest} ${d.userId} ${d.verdict}`);
  expect(new Set(made).size).toBe(made.length);
  // approvals lapsed exactly where their authors have lost what they had; were they back, each would count again
  const lapses = lapsedApprovals(facts);
  const back = facts.people.map((person) => ({
    ...person,
    active: person.active || lapses.some(({ userId }) => userId === person.id),
    groups: [...person.groups, ...lapses.filter(({ userId }) => userId === person.id).flatMap((lapse) => lapse.groups)],
  }));
  expect(lapsedApprovals({ ...facts, people: back }).filter(({ groups: lost }) => lost.length > 0)).toEqual([]);
  for (const { userId, groups: lost, active } of lapses) {
    const person = world.person(userId);
    expect(standing.outcome).toBe('open');
    expect(active).toBe(person.active);
    if (active) expect(lost.filter((name) => person.groups.includes(name))).toEqual([]);
  }
}

const beginnings = fc.record({
  policy,
  members: fc.tuple(...people.map(() => fc.uniqueArray(group, { maxLength: 4 }))),
  hours: fc.nat(23),
});

describe('any sequence of decisions, memberships, changes of the connection and of the clock', () => {
  test('ends where the rules say, and nothing runs that is not approved as it is', () => {
    const seen = new Map<string, number>();
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(beginnings, fc.array(op, { maxLength: 25 }), ({ policy: first, members, hours }, steps) => {
        const groupsOf = Object.fromEntries(people.map((id, i) => [id, members[i] ?? []]));
        const world = new PolicyWorld(first, groupsOf, new Date(day + hours * 3_600_000));
        for (const step of steps) {
          const before = { decisions: world.decisions.length, outcome: world.standing().outcome, ended: world.ended };
          const refusal = apply(world, step);
          if (refusal !== null) expect(world.decisions.length).toBe(before.decisions);
          if (world.ended === 'running' && before.ended === null) {
            expect(before.outcome).toBe('approved');
            const { window } = world.policy;
            if (window !== undefined) expect(windowAt(readTimeWindow(window), world.now).open).toBe(true);
            count('ran');
          }
          const stopped = ['rejected', 'cancelled', 'revoked'].includes(before.outcome);
          if (stopped) expect(world.standing().outcome).toBe(before.outcome);
          check(world);
          count(refusal ?? world.standing().outcome);
          if (world.standing().forced) count('forced');
        }
      }),
      { numRuns: 3000 },
    );
    for (const what of [
      'ran',
      'open',
      'approved',
      'rejected',
      'cancelled',
      'revoked',
      'forced',
      'review_outdated',
      'window_closed',
    ]) {
      expect({ what, often: (seen.get(what) ?? 0) > 20 }).toEqual({ what, often: true });
    }
  }, 60_000);

  test('of several that stop it the first in order is the one that did', () => {
    const stops = fc.uniqueArray(
      fc.record({
        seq: fc.integer({ min: 1, max: 50 }),
        verdict: fc.constantFrom('approve', 'reject', 'cancel', 'revoke'),
      }),
      { selector: ({ seq }) => seq },
    );
    fc.assert(
      fc.property(stops, (made) => {
        const world = new PolicyWorld(
          { groups: ['sre'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
          { asker: [], bob: ['sre'] },
          new Date(day),
        );
        const decisions = made.map(({ seq, verdict }) => ({
          ...{ id: `decision ${seq}`, seq, userId: 'bob', verdict: verdict as 'approve', group: null, force: false },
          digest: world.digest,
        }));
        const first = decisions.filter((d) => (d.verdict as string) !== 'approve').sort((a, b) => a.seq - b.seq)[0];
        if (first) expect(tallyReview({ ...world.facts(), decisions }).settledBy).toBe(first.id);
      }),
    );
  });
});
