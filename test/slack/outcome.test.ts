/** The last message in the thread of a review. */
import { expect, test } from 'vitest';
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { at, bob, viewWith } from './views.ts';
import { shownText } from './world.ts';

function ended(verdict: SlackDecision['verdict'], reason: string): Partial<SlackSessionView> {
  const decision = { id: '1', by: bob, verdict, group: null, force: false, reason, at, countsFor: [], outdated: false };
  return { decisions: [decision] };
}
const times = (view: SlackSessionView, text: string) => shownText(outcomeMessage(view)).split(text).length - 1;

test.each([
  ['rejected', 'reject', 'Rejected by bob: not today'],
  ['revoked', 'revoke', 'Revoked by bob: not today'],
  ['cancelled', 'cancel', 'Withdrawn by bob: not today'],
] as const)('says once why it was %s, and by whom', (state, verdict, message) => {
  const view = viewWith({ state, message, ...ended(verdict, 'not today') });
  expect(times(view, 'not today')).toBe(1);
  expect(times(view, 'bob')).toBe(1);
});

test('shows a long reason as far as it would show any message', () => {
  const reason = 'because '.repeat(150);
  expect(times(viewWith({ state: 'rejected', message: reason, ...ended('reject', reason) }), 'because')).toBe(150);
});

test('says what hoop says where no person ended it', () => {
  const message = 'Nobody completed the review in time.';
  expect(times(viewWith({ state: 'expired', message }), message)).toBe(1);
});
