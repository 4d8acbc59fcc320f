import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionStates } from '#shared/session-states.ts';
import type { SlackPerson, SlackSessionView } from '#shared/slack-view.ts';
import { messageBlocks, viewOf } from '#sandbox/blocks/validate.ts';
import { decodeDecideValue, encodeDecideValue } from '#slack/blocks/decide-value.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import { helpMessage } from '#slack/blocks/help-message.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { noticeModal, rejectModal } from '#slack/blocks/reject-modal.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import { cut, privateAnswer, type Message } from '#slack/blocks/text.ts';
import { buttons, shownText } from './world.ts';

const sessionId = '3f0e3ab8-61b5-4e0f-9d56-0a3a3c6b5d10';
const at = new Date('2026-11-23T05:06:07Z');
const alice: SlackPerson = { slackId: 'U1', name: 'Alice Archer', email: 'alice@example.com' };
const bob: SlackPerson = { slackId: null, name: '', email: 'bob@example.com' };

function viewWith(changes: Partial<SlackSessionView> = {}): SlackSessionView {
  return {
    id: sessionId,
    state: 'pending',
    revision: 1,
    url: `https://hoop.example.com/sessions/${sessionId}`,
    connection: 'bash',
    agent: { name: 'default', online: true },
    requester: alice,
    reason: 'disk full',
    digest: 'd'.repeat(64),
    envelopeVersion: 1,
    command: ['bash'],
    args: [],
    script: 'ls',
    scriptBytes: 2,
    envNames: [],
    createdAt: at,
    expiresAt: at,
    startedAt: null,
    endedAt: null,
    exitCode: null,
    exitSignal: null,
    message: null,
    groups: [
      { group: 'admin', approvedBy: ['1'], met: true },
      { group: 'sre', approvedBy: [], met: false },
    ],
    approvals: 1,
    approvalsNeeded: 1,
    forced: false,
    decisions: [],
    ...changes,
  };
}

/** Text as people and attackers write it. */
const live = '<!channel> <@U1|x> <https://evil.example|click> *b* `c` :smile: &lt;';
const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: max }),
    fc.string({ maxLength: max }),
    fc.constantFrom('', live, '\u202eevil\u200b\u0007', '\ud800 half', '```', '😀'.repeat(max / 2), 'x'.repeat(max)),
  );
const person = fc.record({ slackId: fc.constant(null), name: text(200), email: text(254) });
const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const anyView: fc.Arbitrary<SlackSessionView> = fc.record({
  id: fc.constant(sessionId),
  state: fc.constantFrom(...sessionStates),
  revision: fc.nat(),
  url: fc.constant(`https://hoop.example.com/sessions/${sessionId}`),
  connection: text(63),
  agent: fc.record({ name: text(63), online: fc.boolean() }),
  requester: person,
  reason: text(2000),
  digest: fc.constant('d'.repeat(64)),
  envelopeVersion: fc.integer({ min: 1, max: 99 }),
  command: fc.array(text(300), { minLength: 1, maxLength: 5 }),
  args: fc.array(text(4000), { maxLength: 10 }),
  script: maybe(text(100_000)),
  scriptBytes: fc.nat(100_000),
  envNames: fc.array(text(128), { maxLength: 128 }),
  createdAt: date,
  expiresAt: date,
  startedAt: maybe(date),
  endedAt: maybe(date),
  exitCode: maybe(fc.nat(255)),
  exitSignal: maybe(text(20)),
  message: maybe(text(5000)),
  groups: fc.array(fc.record({ group: text(100), approvedBy: fc.constant([]), met: fc.boolean() }), { maxLength: 80 }),
  approvals: fc.nat(9),
  approvalsNeeded: fc.nat(9),
  forced: fc.boolean(),
  decisions: fc.array(
    fc.record({
      by: person,
      verdict: fc.constantFrom('approve' as const, 'reject' as const, 'cancel' as const, 'revoke' as const),
      group: maybe(text(100)),
      force: fc.boolean(),
      reason: text(2000),
      at: date,
    }),
    { maxLength: 30 },
  ),
});

const halfCharacter = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Held against Slack's limits and block types, none of them mrkdwn; and nothing of others where Slack reads markup. */
function problemsOf({ text: notification, blocks }: Message): string[] {
  const problems: string[] = [];
  const json = JSON.stringify(blocks);
  try {
    messageBlocks(blocks);
  } catch (error) {
    problems.push(`Slack refuses the blocks: ${JSON.stringify(error)}`);
  }
  if (json.includes('mrkdwn')) problems.push('mrkdwn');
  if (/"type":"(user|usergroup|channel|broadcast|emoji)"/.test(json)) problems.push('a mention or an emoji');
  if (notification.length === 0 || notification.length > 4_000)
    problems.push(`${notification.length} characters of text`);
  if (/[<>]|&(?!amp;|lt;|gt;)/.test(notification)) problems.push(`markup in ${notification}`);
  // parsers of JSON in other languages refuse them
  if (halfCharacter.test(notification + shownText(blocks))) problems.push('half a character');
  return problems;
}

describe('whatever people write', () => {
  test('a review message holds no markup and stays in the limits', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(problemsOf(reviewMessage(view))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('outcomes and direct messages hold no markup and stay in the limits', () => {
    const event = fc.constantFrom('approved', 'rejected', 'expired', 'revoked', 'finished' as const);
    fc.assert(
      fc.property(anyView, event, (view, which) => {
        expect(problemsOf(outcomeMessage(view))).toEqual([]);
        expect(problemsOf(directMessage(which, view))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('private answers and modals hold no markup and stay in the limits', () => {
    fc.assert(
      fc.property(text(5000), anyView, (words, view) => {
        expect(problemsOf(privateAnswer(`x${words}`))).toEqual([]);
        const shown = { sessionId, envelopeVersion: view.envelopeVersion };
        for (const modal of [noticeModal(shown, `x${words}`), rejectModal(shown, view)]) {
          expect(() => viewOf(modal)).not.toThrow();
          expect(JSON.stringify(modal)).not.toContain('mrkdwn');
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a cut never leaves half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (whole, max) => {
        const { text: short } = cut(whole, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short).not.toMatch(halfCharacter);
      }),
    );
  });
});

describe('a review message', () => {
  test('says who, where, why, until when, what runs, and how far each group is', () => {
    const message = reviewMessage(viewWith({ args: ['-c', "it's"], envNames: ['A', 'B'] }));
    const shown = shownText(message.blocks);
    for (const part of [
      'Review of a command on bash',
      'Alice Archer (alice@example.com)',
      'bash (agent default)',
      'disk full',
      `bash -c 'it'\\''s'`,
      'ls',
      'A, B',
      '1 of 2 groups',
      '✓ admin: approved',
      '○ sre: waiting',
    ]) {
      expect(shown).toContain(part);
    }
    expect(JSON.stringify(message.blocks)).toContain('"fallback":"2026-11-23 05:06 UTC"');
    expect(message.text).toBe('Review of a command on bash: Waiting for approval');
  });

  test('says of a request that has ended that a group did not approve, for nobody waits any more', () => {
    const shown = shownText(reviewMessage(viewWith({ state: 'rejected', endedAt: new Date() })).blocks);
    expect(shown).toContain('○ sre: not approved');
    expect(shown).not.toContain('waiting');
  });

  test('offers Approve, Reject and the console, with nothing but an id and a version in the buttons', () => {
    const message = reviewMessage(viewWith());
    expect(buttons(message as never)).toEqual(['approve', 'reject', 'open']);
    expect(JSON.stringify(message.blocks)).toContain(`"value":"${sessionId}:1"`);
    expect(JSON.stringify(message)).not.toContain('dddd');
  });

  test.each([
    ['the standard input is long', { script: 'x'.repeat(100_000), scriptBytes: 100_000 }],
    ['the standard input is no text', { script: null, scriptBytes: 3 }],
    ['the arguments are long', { args: ['x'.repeat(5000)] }],
    ['the reason is long', { reason: 'x'.repeat(2000) }],
    ['what is invisible makes it long', { script: '\u200b'.repeat(1000), scriptBytes: 3000 }],
  ])('sends reviewers to the full text instead of Approve when %s', (_what, changes) => {
    const message = reviewMessage(viewWith(changes));
    expect(buttons(message as never)).toEqual(['read_in_full', 'reject']);
    expect(JSON.stringify(message.blocks)).toContain(`"url":"https://hoop.example.com/sessions/${sessionId}"`);
  });

  test('sixty groups with long names each have a line', () => {
    const groups = Array.from({ length: 60 }, (_, i) => ({
      group: `group-${i}:${'x'.repeat(90)}`,
      approvedBy: [],
      met: i % 2 === 0,
    }));
    const message = reviewMessage(viewWith({ groups }));
    expect(shownText(message.blocks).match(/[✓○] group-\d+:/g)).toHaveLength(60);
    expect(problemsOf(message)).toEqual([]);
  });

  test('shows invisible and bidirectional characters of a script', () => {
    const shown = shownText(reviewMessage(viewWith({ script: 'rm \u202e/etc\u200b', scriptBytes: 12 })).blocks);
    expect(shown).toContain('rm \\u{202e}/etc\\u{200b}');
  });

  test('says that the agent is offline', () => {
    const offline = { agent: { name: 'default', online: false } };
    expect(shownText(reviewMessage(viewWith(offline)).blocks)).toContain('offline');
    expect(shownText(reviewMessage(viewWith()).blocks)).not.toContain('offline');
  });

  test('after the decision has no buttons to decide, and says who, when, why and how it ended', () => {
    const decisions = [
      { by: alice, verdict: 'approve' as const, group: 'sre', force: false, reason: '', at },
      { by: bob, verdict: 'reject' as const, group: null, force: false, reason: 'wrong server', at },
    ];
    const message = reviewMessage(viewWith({ state: 'rejected', endedAt: at, decisions }));
    expect(buttons(message as never)).toEqual(['open']);
    const shown = shownText(message.blocks);
    expect(shown).toContain('Alice Archer (alice@example.com) approved for sre');
    expect(shown).toContain('bob@example.com rejected');
    expect(shown).toContain('wrong server');
    expect(message.text).toBe('Review of a command on bash: Rejected');
  });
});

describe('outcomes', () => {
  const ran = { startedAt: at, endedAt: new Date(at.getTime() + 12_000) };

  test('name exit status and duration', () => {
    expect(outcomeMessage(viewWith({ state: 'finished', exitCode: 3, ...ran })).text).toBe(
      'bash: Finished with exit status 3 after 12s',
    );
    expect(directMessage('finished', viewWith({ state: 'finished', exitCode: 0, ...ran })).text).toBe(
      'Finished with exit status 0 after 12s: your command on bash',
    );
  });

  test('name the signal, and what the agent said', () => {
    const view = viewWith({ state: 'failed', exitSignal: 'SIGKILL', message: 'over its output limit', ...ran });
    expect(shownText(outcomeMessage(view))).toContain('over its output limit');
    expect(outcomeMessage(view).text).toContain('signal SIGKILL');
  });

  test('a rejection carries its reason to who asked', () => {
    const decisions = [{ by: bob, verdict: 'reject' as const, group: null, force: false, reason: live, at }];
    const message = directMessage('rejected', viewWith({ state: 'rejected', decisions }));
    expect(shownText(message.blocks)).toContain(live);
    expect(message.text).toBe('Rejected: your command on bash');
  });

  test('a name that could be markup stays out of the notification', () => {
    expect(reviewMessage(viewWith({ connection: '<!here>' })).text).toContain('a connection');
  });
});

describe('values of buttons', () => {
  test('come back as they were, and anything else is nothing', () => {
    const value = { sessionId, envelopeVersion: 7 };
    expect(decodeDecideValue(encodeDecideValue(value))).toEqual(value);
    for (const other of [
      undefined,
      '',
      sessionId,
      `${sessionId}:0`,
      `${sessionId}:1;drop`,
      'x:1',
      `${sessionId}:1e9`,
    ]) {
      expect(decodeDecideValue(other)).toBeNull();
    }
  });
});

test('the help names only what is there', () => {
  expect(problemsOf(helpMessage())).toEqual([]);
  expect(shownText(helpMessage())).not.toContain('subscribe');
});
