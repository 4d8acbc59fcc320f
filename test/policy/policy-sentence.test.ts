import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration } from '#shared/duration-text.ts';
import { policySentence, whoApproves, type PolicyRules } from '#shared/policy-sentence.ts';
import { tallyReview, type DecisionFact, type PersonFact } from '#shared/review-policy.ts';

const rules = (over: Partial<PolicyRules> = {}): PolicyRules => ({
  reviewers: ['admin', 'sre'],
  minApprovals: 0,
  distinctReviewers: false,
  forceApproveGroups: [],
  ...over,
});

test.each<[Partial<PolicyRules>, string]>([
  [{ reviewers: [] }, 'Nobody has to approve.'],
  [
    { reviewers: [], window: 'Mon-Fri 09:00-17:00 Europe/Berlin', requireReason: true },
    'Nobody has to approve; who asks must give a reason; commands begin on Mon-Fri between 09:00 and 17:00 Europe/Berlin.',
  ],
  [{ reviewers: ['sre'] }, 'One person of sre must approve; nobody approves their own request.'],
  [
    { reviewers: ['sre'], minApprovals: 3 },
    'At least three different people of sre must approve; nobody approves their own request.',
  ],
  [
    {},
    'One person of admin and one of sre must approve (who is in several of these groups counts for each); nobody approves their own request.',
  ],
  [
    { minApprovals: 2 },
    'One person of admin and one of sre must approve, at least two different people in all; nobody approves their own request.',
  ],
  [
    {
      distinctReviewers: true,
      forceApproveGroups: ['oncall'],
      requireReason: true,
      window: '22:00-02:00 UTC',
      expire: '24h',
    },
    'One person of admin and one of sre must approve, two different people; nobody approves their own request; members of oncall may force it alone with a reason; who asks must give a reason; approved commands begin between 22:00 and 02:00 UTC; requests wait at most 1d.',
  ],
  [
    { reviewers: ['admin', 'sre', 'dba'], distinctReviewers: true, minApprovals: 4 },
    'One person of admin, one of sre and one of dba must approve, each a different one, and at least four people in all; nobody approves their own request.',
  ],
  [
    { reviewers: ['on call; and admin'], forceApproveGroups: ['a', 'b c'] },
    'One person of "on call; and admin" must approve; nobody approves their own request; members of a or "b c" may force it alone with a reason.',
  ],
  [
    { reviewers: ['sre'], window: 'Sat,Sun 00:00-24:00 UTC; 22:00-02:00 UTC' },
    'One person of sre must approve; nobody approves their own request; approved commands begin on Sat,Sun (UTC) or between 22:00 and 02:00 UTC.',
  ],
])('%j: %s', (over, sentence) => {
  expect(policySentence(rules(over))).toBe(sentence);
});

const group = fc.string({ minLength: 1, maxLength: 20 }).filter((name) => /^[^,\p{Cc}]+$/u.test(name));
const groups = fc.uniqueArray(group, { maxLength: 12 });
const anyRules = fc.record({
  reviewers: groups,
  minApprovals: fc.integer({ min: 0, max: 100 }),
  distinctReviewers: fc.boolean(),
  forceApproveGroups: groups,
  requireReason: fc.boolean(),
  window: fc.constantFrom(null, '', '22:00-02:00 UTC', 'Mon-Fri 08:30-12:00 Europe/Berlin', 'no window'),
  expire: fc.integer({ min: 60, max: 30 * 86_400 }).map(formatDuration),
});
const numberWords = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

test('names every group, number, time and duration of the policy', () => {
  fc.assert(
    fc.property(anyRules, (made) => {
      const sentence = policySentence(made);
      for (const name of made.reviewers) expect(sentence).toContain(name);
      expect(sentence).toContain(`requests wait at most ${made.expire}`);
      expect(sentence.includes('give a reason')).toBe(made.requireReason);
      expect(sentence.includes('begin')).toBe(made.window?.includes(':') ?? false);
      if (made.window?.includes(':')) {
        for (const part of made.window.match(/\d\d:\d\d|Mon-Fri|UTC|Europe\/Berlin/g) ?? [])
          expect(sentence).toContain(part);
      }
      expect(sentence.startsWith('Nobody has to approve')).toBe(made.reviewers.length === 0);
      if (made.reviewers.length === 0) return;
      for (const name of made.forceApproveGroups) expect(sentence).toContain(name);
      const people = Math.max(made.minApprovals, made.distinctReviewers ? made.reviewers.length : 1);
      if (people > 1) expect(sentence).toContain(numberWords[people] ?? String(people));
      expect(sentence.includes('different')).toBe(people > 1);
    }),
  );
});

test('two policies that ask for different things have different sentences', () => {
  const asked = ({ window, ...made }: PolicyRules) => {
    const reviewed = made.reviewers.length > 0;
    const distinct = made.distinctReviewers && made.reviewers.length > 1;
    const people = reviewed ? Math.max(made.minApprovals, distinct ? made.reviewers.length : 1) : 0;
    return JSON.stringify([
      { ...made, minApprovals: 0, forceApproveGroups: reviewed ? made.forceApproveGroups : [] },
      [people, distinct, window?.includes(':') ? window : null],
    ]);
  };
  fc.assert(
    fc.property(anyRules, anyRules, (one, other) => {
      const plain = (made: PolicyRules) => ({
        ...made,
        distinctReviewers: made.distinctReviewers && made.reviewers.length > 1,
      });
      if (asked(plain(one)) === asked(plain(other))) return;
      expect(policySentence(one)).not.toBe(policySentence(other));
    }),
  );
});

test('the number of people it names is enough, and one fewer is not', () => {
  const small = fc.record({
    reviewers: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    minApprovals: fc.integer({ min: 0, max: 4 }),
    distinctReviewers: fc.boolean(),
  });
  fc.assert(
    fc.property(small, (made) => {
      const sentence = policySentence({ ...made, forceApproveGroups: [] });
      const named = /(\w+) different people|at least (\w+) people in all/.exec(
        sentence.replace(/^At least/, 'at least'),
      );
      const people = named ? numberWords.indexOf(named[1] ?? named[2] ?? '') : 1;
      // people who are in every group
      const approvedBy = (count: number) => {
        const able: PersonFact[] = Array.from({ length: count }, (_, n) => ({
          id: `p${n}`,
          active: true,
          groups: made.reviewers,
        }));
        const decisions: DecisionFact[] = able.map(({ id }, seq) => ({
          ...{ id, seq, userId: id, verdict: 'approve', group: null, force: false, digest: 'd' },
        }));
        const policy = { ...made, groups: made.reviewers, forceApproveGroups: [] };
        return tallyReview({ policy, requesterId: 'asker', digest: 'd', decisions, people: able }).outcome;
      };
      expect([approvedBy(people - 1), approvedBy(people)]).toEqual(['open', 'approved']);
    }),
  );
});

test('a list shows the first few groups of many', () => {
  expect(whoApproves(rules({ reviewers: [] }))).toBe('Nobody has to approve.');
  expect(whoApproves(rules())).toBe('One person of admin and one of sre must approve.');
  const reviewers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect(whoApproves(rules({ reviewers, distinctReviewers: true }))).toBe(
    'One person of each of a, b, c, d, e and 2 more must approve, seven different people.',
  );
});
