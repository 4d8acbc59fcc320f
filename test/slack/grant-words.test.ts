/** What Slack says of a grant of connect, from views alone. */
import { describe, expect, test } from 'vitest';
import type { SlackDecision, SlackGrant, SlackSessionView } from '#shared/slack-view.ts';
import { askedMessage } from '#slack/blocks/asked-message.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import { spokenDuration } from '#slack/blocks/grant-words.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { stateText } from '#slack/blocks/phrases.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import { alice, at, bob, viewWith } from './views.ts';
import { shownText } from './world.ts';

const asked: SlackGrant = { askedSeconds: 1800, grantedSeconds: 1800, activeUntil: null, extends: null };
const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000);

function grant(changes: Partial<SlackSessionView> = {}, of: Partial<SlackGrant> = {}): SlackSessionView {
  const groups = [{ group: 'sre', approvedBy: [], met: false }];
  const own = { ...asked, ...of };
  return viewWith({ ...{ script: '', scriptBytes: 0, durationSeconds: 1800, groups, grant: own }, ...changes });
}
const decision = (verdict: SlackDecision['verdict'], more: Partial<SlackDecision> = {}): SlackDecision => ({
  ...{ id: verdict, by: bob, verdict, group: null, force: false, reason: '', at, countsFor: ['sre'] },
  ...more,
});
const labels = (view: SlackSessionView) => /"Approve as…"/.test(JSON.stringify(reviewMessage(view)));

test('the message asks for a grant, says for how long, and that what runs under it is not shown', () => {
  const view = grant();
  const shown = shownText(reviewMessage(view));
  expect(shown).toContain('Review of a grant on bash');
  expect(shown).toContain('connect for 30 minutes');
  expect(shown).toContain('run under it without another review');
  expect(shownText(reviewMessage(viewWith()))).toContain('Review of a command on bash');
});

test('the button to approve for less is there for the only group too, and not so for a command', () => {
  expect(labels(grant())).toBe(true);
  expect(labels(viewWith({ groups: [{ group: 'sre', approvedBy: [], met: false }] }))).toBe(false);
});

test('an extension says what it extends and until when that lasts, or that it is over', () => {
  const other = { url: 'https://hoop.example.com/sessions/1', until: later(5), isOver: false };
  const view = grant({}, { extends: other });
  const message = reviewMessage(view);
  expect(shownText(message)).toContain('Review of an extension of a grant on bash');
  expect(shownText(message)).toMatch(/connect for 30 minutes more: extends \na grant\n that lasts until/);
  expect(JSON.stringify(message)).toContain('2026-11-23 05:11 UTC');
  expect(shownText(reviewMessage(grant({}, { extends: { ...other, isOver: true } })))).toContain('that is over by now');
});

describe('the state of a grant', () => {
  const active = { activeUntil: later(10) };
  const by = (...decisions: SlackDecision[]) => ({ decisions, startedAt: at });

  test.each<[string, SlackSessionView]>([
    ['Approved', grant({ state: 'approved' })],
    [
      'Approved, shortened to 10m; runs at 22:00 UTC',
      grant({ state: 'approved', runsAt: 'runs at 22:00 UTC' }, { grantedSeconds: 600 }),
    ],
    ['Active until 2026-11-23 05:16 UTC', grant({ state: 'active' }, active)],
    [
      'Active until 2026-11-23 05:16 UTC, shortened to 10m',
      grant({ state: 'active' }, { ...active, grantedSeconds: 600 }),
    ],
    [
      'Active until 2026-11-23 05:16 UTC, extended',
      grant({ state: 'active', startedAt: at }, { ...active, grantedSeconds: 300 }),
    ],
    ['Over; what runs under it is being stopped', grant({ state: 'closing' }, active)],
    ['Given back; what runs under it is being stopped', grant({ state: 'closing', ...by(decision('cancel')) }, active)],
    ['Revoked; what runs under it is being stopped', grant({ state: 'closing', ...by(decision('revoke')) }, active)],
    ['Ended after 10m', grant({ state: 'ended', ...by(), endedAt: later(10) }, active)],
    ['Given back after 4m', grant({ state: 'ended', ...by(decision('cancel')), endedAt: later(4) }, active)],
    ['Revoked after 4m', grant({ state: 'revoked', ...by(decision('revoke')), endedAt: later(4) }, active)],
    ['Withdrawn by the requester', grant({ state: 'cancelled', decisions: [decision('cancel')], endedAt: at })],
    ['Expired, nothing was granted', grant({ state: 'expired', endedAt: at })],
  ])('is told as “%s”', (words, view) => {
    expect(stateText(view)).toBe(words);
  });

  test('tells until when in the time of who reads', () => {
    const json = JSON.stringify(reviewMessage(grant({ state: 'active' }, active)));
    expect(json).toContain(`"timestamp":${later(10).getTime() / 1000}`);
  });
});

test('a reviewer who allowed less is named with how long', () => {
  const view = grant({ decisions: [decision('approve', { shortenedTo: 600 })] }, { grantedSeconds: 600 });
  expect(shownText(reviewMessage(view))).toContain('bob@example.com approved, at most 10m');
  expect(shownText(outcomeMessage(view))).toContain('bob@example.com approved for sre, at most 10m');
});

test('the last reply names who gave it back, and after how long', () => {
  const given = decision('cancel', { by: alice, gaveBack: true });
  const view = grant({ state: 'ended', startedAt: at, endedAt: later(4), decisions: [given] });
  expect(shownText(outcomeMessage(view))).toMatch(
    /Given back after 4m\n[^]*Alice Archer \(alice@example.com\) gave it back/,
  );
});

describe('who asked is told', () => {
  test('that it is approved, until when, and how to use it', () => {
    const view = grant(
      { state: 'active', startedAt: at, decisions: [decision('approve')] },
      { activeUntil: later(10), grantedSeconds: 600 },
    );
    const message = directMessage('approved', view);
    const shown = shownText(message);
    expect(message.text).toBe('Approved, shortened to 10m: your grant on bash');
    expect(shown).toContain('connect for 30m: bash');
    expect(JSON.stringify(message)).toContain('2026-11-23 05:16 UTC');
    expect(shown).toContain('hoop connect bash');
    expect(shown).toContain('Approved by bob@example.com');
  });

  test('for how long it will last, while it waits for its window', () => {
    const shown = shownText(directMessage('approved', grant({ state: 'approved', runsAt: 'runs at 22:00 UTC' })));
    expect(shown).toContain('Approved; runs at 22:00 UTC');
    expect(shown).toContain('30 minutes');
  });

  test('that it ended, or who revoked it', () => {
    const ended = grant({ state: 'ended', startedAt: at, endedAt: later(30) });
    expect(directMessage('finished', ended).text).toBe('Ended after 30m: your grant on bash');
    const revoked = grant({ state: 'revoked', decisions: [decision('revoke', { reason: 'incident is over' })] });
    const shown = shownText(directMessage('revoked', revoked));
    expect(shown).toMatch(/Revoked[^]*your grant on bash[^]*By bob@example.com[^]*incident is over/);
  });

  test('that an extension was approved', () => {
    const extension = { extends: { url: '', until: later(60), isOver: false } };
    const view = grant({ state: 'ended', endedAt: at, message: 'Extended the grant until later.' }, extension);
    const message = directMessage('finished', view);
    expect(message.text).toBe('Approved; the grant was extended: your extension of a grant on bash');
    expect(shownText(message)).toContain('Extended the grant until later.');
  });
});

test('a reviewer who is asked in private reads that it is a grant, and for how long', () => {
  const message = askedMessage(grant(), { groups: ['sre'], permalink: null });
  expect(message.text).toBe('You are asked to review a grant on bash');
  expect(shownText(message)).toContain('connect for 30 minutes');
  expect(askedMessage(grant(), { groups: ['sre'], permalink: null, reminds: true }).text).toContain(
    'A grant still waits',
  );
});

test.each([
  [60, '1 minute'],
  [5400, '1 hour 30 minutes'],
  [90, '1 minute 30 seconds'],
  [172_800, '2 days'],
])('%i seconds are “%s”', (seconds, words) => {
  expect(spokenDuration(seconds)).toBe(words);
});
