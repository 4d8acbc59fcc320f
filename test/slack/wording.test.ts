import { describe, expect, test } from 'vitest';
import { refusalOf, someGroups, unreachable } from '#shared/review-policy.ts';
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { closedAskMessage } from '#slack/blocks/closed-ask-message.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { gist, stateText } from '#slack/blocks/phrases.ts';
import { progressMessage } from '#slack/blocks/progress-message.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import { alice, at, bob, viewWith } from './views.ts';
import { shownText } from './world.ts';

const decision = (verdict: SlackDecision['verdict'], by = bob): SlackDecision => ({
  ...{ id: 'd1', by, verdict, group: null, force: false, reason: 'because', at, countsFor: [] },
});
const shown = (view: SlackSessionView) => shownText(reviewMessage(view));

test('a request is told from another by its command as one would type it', () => {
  const command = ['psql', '-c'];
  expect(gist(viewWith({ command, args: ['drop table a; select 1'], script: '', scriptBytes: 0 }))).toBe(
    "psql -c 'drop table a; select 1'",
  );
  expect(gist(viewWith({ command, args: ['drop', 'table', 'a'], script: '', scriptBytes: 0 }))).toBe(
    'psql -c drop table a',
  );
});

describe('a request whose groups have all approved and that still waits', () => {
  const groups = ['admin', 'sre'].map((group) => ({ group, approvedBy: ['1'], met: true }));

  test('says that each group needs a person of its own', () => {
    const view = viewWith({ groups, approvals: 1, approvalsNeeded: 2, distinctReviewers: true });
    const missing = '1 of 2 people: a different person for each group';
    expect(shown(view)).toContain(missing);
    expect(shownText(progressMessage(view, [decision('approve')]))).toContain(missing);
  });

  test('says how many people are missing, and nothing once it is approved', () => {
    const view = viewWith({ groups, approvals: 1, approvalsNeeded: 3 });
    expect(shown(view)).toMatch(/Still missing: \n1 of 3 people$/m);
    expect(shown({ ...view, state: 'approved' })).not.toContain('Still missing');
    expect(shown(viewWith({ approvalsNeeded: 3 }))).not.toContain('Still missing');
  });
});

describe('the end in words', () => {
  test('names the requester who withdrew it, and nobody where an operator cancelled it', () => {
    const view = viewWith({ state: 'cancelled', endedAt: at });
    expect(stateText({ ...view, decisions: [decision('cancel', alice)] })).toBe('Withdrawn by the requester');
    expect(stateText(view)).toBe('Withdrawn');
  });

  test('of an expired request does not say that nobody decided', () => {
    const view = viewWith({ state: 'expired', endedAt: at, decisions: [decision('approve')] });
    expect(directMessage('expired', view).text).toContain(
      'Expired: the review was not completed in time, nothing was run',
    );
    expect(shownText(closedAskMessage(view))).toContain('Expired, nothing was run');
  });
});

test('the last reply of a thread names the approvals that no reply before it told of', () => {
  const decisions = [decision('approve'), { ...decision('approve', alice), id: 'd2' }];
  const view = viewWith({ state: 'finished', endedAt: at, startedAt: at, exitCode: 0, decisions });
  const text = shownText(outcomeMessage(view, new Set(['d1'])));
  expect(text).toContain('Alice Archer (alice@example.com) approved');
  expect(text).not.toContain('bob@example.com');
});

test('of many groups the first five are named', () => {
  const groups = Array.from({ length: 60 }, (_, i) => `g${i + 1}`);
  const policy = { groups, minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] };
  const person = { id: '2', groups: [], active: true };
  const facts = { policy, requesterId: '1', digest: 'd', decisions: [], people: [person] };
  const attempt = { verdict: 'approve', group: null, force: false, reason: '', digest: 'd' } as const;
  const few = 'g1, g2, g3, g4, g5 and 55 more';
  expect(refusalOf(attempt, person, false, facts)?.message).toBe(
    `Only members of ${few} review this request, and you are in none of them.`,
  );
  expect(unreachable(policy, [person], null)).toBe(`nobody is in ${few}`);
  expect(someGroups(groups.slice(0, 5))).toBe('g1, g2, g3, g4, g5');
});
