import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  grantedSeconds,
  hasDistinctReviewers,
  impossibility,
  refusalOf,
  tallyReview,
  unreachable,
  type DecisionFact,
  type PersonFact,
  type ReviewFacts,
  type ReviewPolicy,
} from '#shared/review-policy.ts';

const D = 'd'.repeat(64);
const policy = (over: Partial<ReviewPolicy> = {}): ReviewPolicy => ({
  groups: ['admin', 'sre'],
  minApprovals: 0,
  distinctReviewers: false,
  forceApproveGroups: [],
  ...over,
});
const person = (id: string, ...groups: string[]): PersonFact => ({ id, active: true, groups });
let seq = 0;
const decision = (userId: string, over: Partial<DecisionFact> = {}): DecisionFact => {
  seq += 1;
  return { id: `row-${seq}`, seq, userId, verdict: 'approve', group: null, force: false, digest: D, ...over };
};
const facts = (decisions: DecisionFact[], people: PersonFact[], of = policy()): ReviewFacts => ({
  policy: of,
  requesterId: 'asker',
  digest: D,
  decisions,
  people,
});

describe('the tally', () => {
  test('an approval counts for every group of its author', () => {
    const standing = tallyReview(facts([decision('bob')], [person('bob', 'admin', 'sre')]));
    expect(standing).toMatchObject({ outcome: 'approved', approvals: 1 });
  });

  test('an approval for one chosen group leaves the others asked', () => {
    const standing = tallyReview(facts([decision('bob', { group: 'sre' })], [person('bob', 'admin', 'sre')]));
    expect(standing.outcome).toBe('open');
    expect(standing.groups).toEqual([
      { group: 'admin', approvedBy: [], met: false },
      { group: 'sre', approvedBy: ['bob'], met: true },
    ]);
  });

  test('a second approval of the same group changes nothing for the others', () => {
    const people = [person('carol', 'sre'), person('cedric', 'sre')];
    expect(tallyReview(facts([decision('carol'), decision('cedric')], people)).outcome).toBe('open');
  });

  test('an approval about another envelope does not count', () => {
    const standing = tallyReview(facts([decision('bob', { digest: 'e'.repeat(64) })], [person('bob', 'admin', 'sre')]));
    expect(standing.outcome).toBe('open');
  });

  test('a minimum asks for that many distinct people', () => {
    const people = [person('bob', 'admin', 'sre'), person('carol', 'sre')];
    const two = policy({ minApprovals: 2 });
    expect(tallyReview(facts([decision('bob')], people, two)).outcome).toBe('open');
    expect(tallyReview(facts([decision('bob'), decision('carol')], people, two)).outcome).toBe('approved');
  });

  test('distinct reviewers ask for a different person a group', () => {
    const people = [person('bob', 'admin', 'sre'), person('carol', 'sre')];
    const distinct = policy({ distinctReviewers: true });
    expect(tallyReview(facts([decision('bob')], people, distinct)).outcome).toBe('open');
    expect(tallyReview(facts([decision('bob'), decision('carol')], people, distinct)).outcome).toBe('approved');
  });

  test('a forced approval stands alone and is marked', () => {
    const forced = policy({ forceApproveGroups: ['oncall'] });
    const standing = tallyReview(facts([decision('olga', { force: true })], [person('olga', 'oncall')], forced));
    expect(standing).toMatchObject({ outcome: 'approved', forced: true });
  });

  test('force by somebody outside the force groups counts for nothing', () => {
    const standing = tallyReview(facts([decision('olga', { force: true })], [person('olga', 'oncall')]));
    expect(standing).toMatchObject({ outcome: 'open', forced: false });
  });

  test('a rejection after a complete approval still rejects', () => {
    const people = [person('bob', 'admin', 'sre'), person('carol', 'sre')];
    const standing = tallyReview(facts([decision('bob'), decision('carol', { verdict: 'reject' })], people));
    expect(standing.outcome).toBe('rejected');
  });

  test('an approver who left the group or lost the account does not count any more', () => {
    expect(tallyReview(facts([decision('bob')], [person('bob', 'sre')])).outcome).toBe('open');
    const inactive = { ...person('bob', 'admin', 'sre'), active: false };
    expect(tallyReview(facts([decision('bob')], [inactive])).outcome).toBe('open');
  });
});

describe('properties of the tally', () => {
  const names = fc.constantFrom('admin', 'sre', 'a:b', 'Ω group', '<!channel>');
  const ids = fc.constantFrom('asker', 'bob', 'carol', 'dave');
  const anyPolicy = fc.record({
    groups: fc.uniqueArray(names, { minLength: 1, maxLength: 4 }),
    minApprovals: fc.integer({ min: 0, max: 3 }),
    distinctReviewers: fc.boolean(),
    forceApproveGroups: fc.uniqueArray(names, { maxLength: 2 }),
  });
  const anyDecision = fc.record({
    userId: ids,
    verdict: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const, 'cancel' as const),
    group: fc.option(names, { nil: null, freq: 1 }),
    force: fc.boolean(),
    digest: fc.constantFrom(D, D, D, 'other'),
  });
  const anyFacts = fc
    .record({
      policy: anyPolicy,
      decisions: fc.array(anyDecision, { maxLength: 8 }),
      people: fc.uniqueArray(
        fc.record({
          id: ids,
          active: fc.constantFrom(true, true, true, false),
          groups: fc.uniqueArray(names, { minLength: 2 }),
        }),
        {
          selector: (p) => p.id,
        },
      ),
    })
    .map(({ policy: of, decisions, people }): ReviewFacts => ({
      policy: of,
      requesterId: 'asker',
      digest: D,
      people,
      decisions: decisions.map((d, i) => ({ ...d, id: `row-${i}`, seq: i + 1 })),
    }));

  test('the requester never contributes to an approval', () => {
    fc.assert(
      fc.property(anyFacts, (f) => {
        const without = { ...f, decisions: f.decisions.filter((d) => d.userId !== 'asker' || d.verdict !== 'approve') };
        const strip = ({ settledBy: _, ...rest }: ReturnType<typeof tallyReview>) => rest;
        expect(strip(tallyReview(f))).toEqual(strip(tallyReview(without)));
      }),
    );
  });

  test('an approved review has an active member for each group, unless it was forced', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyFacts, (f) => {
        const standing = tallyReview(f);
        if (standing.outcome !== 'approved' || standing.forced) return;
        seen += 1;
        for (const group of f.policy.groups) {
          const backers = f.decisions.filter(
            (d) =>
              d.verdict === 'approve' &&
              d.digest === D &&
              d.userId !== 'asker' &&
              (d.group === null || d.group === group),
          );
          const able = backers.some((d) =>
            f.people.some((p) => p.id === d.userId && p.active && p.groups.includes(group)),
          );
          expect(able).toBe(true);
        }
        expect(standing.approvals).toBeGreaterThanOrEqual(f.policy.minApprovals);
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(0);
  });

  test('the order in which rows are read changes nothing', () => {
    fc.assert(
      fc.property(anyFacts, (f) => {
        expect(tallyReview({ ...f, decisions: [...f.decisions].reverse() })).toEqual(tallyReview(f));
      }),
    );
  });

  test('once rejected or withdrawn, no later approval brings a review back', () => {
    fc.assert(
      fc.property(anyFacts, ids, (f, userId) => {
        const before = tallyReview(f);
        if (before.outcome !== 'rejected' && before.outcome !== 'cancelled') return;
        const more = [...f.decisions, decision(userId, { seq: 1000 })];
        expect(tallyReview({ ...f, decisions: more }).outcome).toBe(before.outcome);
      }),
    );
  });

  test('distinct reviewers are found exactly when brute force finds them', () => {
    const candidates = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }), {
      maxLength: 4,
    });
    const brute = ([first, ...rest]: string[][], used: string[] = []): boolean =>
      first === undefined || first.some((p) => !used.includes(p) && brute(rest, [...used, p]));
    fc.assert(
      fc.property(candidates, (c) => {
        expect(hasDistinctReviewers(c)).toBe(brute(c));
      }),
    );
  });
});

describe('the time that a grant is approved for', () => {
  test('is the least that a counting approval allows, and never more than was asked for', () => {
    const seconds = fc.option(fc.integer({ min: 60, max: 7200 }), { nil: null });
    const approvals = fc.array(fc.record({ seconds, counts: fc.boolean() }), { maxLength: 6 });
    fc.assert(
      fc.property(approvals, fc.integer({ min: 60, max: 7200 }), (given, asked) => {
        const decisions = given.map((one, i): DecisionFact => decision(`p${i}`, { durationSeconds: one.seconds }));
        const people = given.map((one, i) => ({
          id: `p${i}`,
          active: true,
          groups: one.counts ? ['sre'] : ['others'],
        }));
        const allowed = given.filter(({ counts }) => counts).map((one) => one.seconds ?? asked);
        const granted = grantedSeconds(facts(decisions, people, policy({ groups: ['sre'] })), asked);
        expect(granted).toBe(Math.min(asked, ...allowed));
      }),
    );
  });
});

describe('who may decide', () => {
  const attempt = { verdict: 'approve' as const, group: null, force: false, reason: '', digest: D };
  const bob = person('bob', 'admin', 'sre');

  test('nobody approves their own request, admins included', () => {
    const asker = person('asker', 'admin', 'sre');
    expect(refusalOf(attempt, asker, true, facts([], [asker]))?.code).toBe('review_own_request');
  });

  test('somebody in none of the groups may not approve; an admin may reject', () => {
    const eve = person('eve', 'dev');
    expect(refusalOf(attempt, eve, true, facts([], [eve]))?.code).toBe('review_not_eligible');
    expect(refusalOf({ ...attempt, verdict: 'reject' }, eve, false, facts([], [eve]))?.code).toBe(
      'review_not_eligible',
    );
    expect(refusalOf({ ...attempt, verdict: 'reject' }, eve, true, facts([], [eve]))).toBeNull();
  });

  test('a decision about an older envelope is refused as outdated', () => {
    expect(refusalOf({ ...attempt, digest: 'old' }, bob, false, facts([], [bob]))?.code).toBe('review_outdated');
  });

  test('who approved may still reject, and not approve again', () => {
    const after = facts([decision('bob')], [bob]);
    expect(refusalOf(attempt, bob, false, after)?.code).toBe('review_already_decided');
    expect(refusalOf({ ...attempt, verdict: 'reject' }, bob, false, after)).toBeNull();
  });

  test('force needs a force group and a reason', () => {
    const forced = facts([], [bob], policy({ forceApproveGroups: ['admin'] }));
    expect(refusalOf({ ...attempt, force: true, reason: 'x' }, bob, false, facts([], [bob]))?.code).toBe(
      'review_force_refused',
    );
    expect(refusalOf({ ...attempt, force: true }, bob, false, forced)?.code).toBe('reason_required');
    expect(refusalOf({ ...attempt, force: true, reason: 'fire' }, bob, false, forced)).toBeNull();
  });

  test('a group the person is not in cannot be chosen', () => {
    const carol = person('carol', 'sre');
    expect(refusalOf({ ...attempt, group: 'admin' }, carol, false, facts([], [carol]))?.code).toBe(
      'review_group_refused',
    );
  });
});

describe('policies that cannot work', () => {
  test('a minimum without groups is refused when it is set', () => {
    expect(impossibility(policy({ groups: [], minApprovals: 1 }))).toMatch(/needs reviewer groups/);
    expect(impossibility(policy())).toBeNull();
  });

  test('a quorum that only the requester could give is said in plain words', () => {
    const people = [person('asker', 'admin', 'sre'), person('bob', 'admin')];
    expect(unreachable(policy(), people, 'asker')).toBe('nobody but you is in sre');
    expect(unreachable(policy(), [...people, person('carol', 'sre')], 'asker')).toBeNull();
  });
});
