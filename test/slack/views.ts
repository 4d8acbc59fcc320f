/** Views of sessions for tests of what Slack shows, and what must hold for every message. */
import fc from 'fast-check';
import { sessionStates } from '#shared/session-states.ts';
import type { SlackPerson, SlackSessionView } from '#shared/slack-view.ts';
import { messageBlocks } from '#sandbox/blocks/validate.ts';
import type { Message } from '#slack/blocks/text.ts';
import { shownText } from './world.ts';

export const sessionId = '3f0e3ab8-61b5-4e0f-9d56-0a3a3c6b5d10';
export const at = new Date('2026-11-23T05:06:07Z');
export const alice: SlackPerson = { slackId: 'U1', name: 'Alice Archer', email: 'alice@example.com' };
export const bob: SlackPerson = { slackId: null, name: '', email: 'bob@example.com' };

export function viewWith(changes: Partial<SlackSessionView> = {}): SlackSessionView {
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
    grant: null,
    durationSeconds: null,
    command: ['bash'],
    args: [],
    script: 'ls',
    scriptBytes: 2,
    runAs: null,
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
    distinctReviewers: false,
    forceApproveGroups: [],
    renewal: null,
    lapsed: [],
    window: null,
    runsAt: null,
    remindedAt: null,
    forced: false,
    decisions: [],
    ...changes,
  };
}

/** Text as people and attackers write it. */
export const live = '<!channel> <@U1|x> <https://evil.example|click> *b* `c` :smile: &lt;';
export const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: max }),
    fc.string({ maxLength: max }),
    fc.constantFrom(
      '',
      live,
      '\u202eevil\u200b\u0007',
      '\u{e0041}\ufff3\u{13430}\u{1bca0}\u2800\r',
      '\ud800 half',
      '```',
      '😀'.repeat(max / 2),
      'x'.repeat(max),
    ),
  );
const person = fc.record({ slackId: fc.constant(null), name: text(200), email: text(254) });
const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

export const anyView: fc.Arbitrary<SlackSessionView> = fc.record({
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
  grant: maybe(
    fc.record({
      askedSeconds: fc.integer({ min: 60, max: 172_800 }),
      grantedSeconds: fc.integer({ min: 60, max: 172_800 }),
      activeUntil: maybe(date),
      extends: maybe(
        fc.record({ url: fc.constant('https://hoop.example.com'), until: maybe(date), isOver: fc.boolean() }),
      ),
    }),
  ),
  durationSeconds: maybe(fc.integer({ min: 60, max: 172_800 })),
  command: fc.array(text(300), { minLength: 1, maxLength: 5 }),
  args: fc.array(text(4000), { maxLength: 10 }),
  script: maybe(text(100_000)),
  scriptBytes: fc.nat(100_000),
  runAs: fc.option(text(64), { nil: null }),
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
  distinctReviewers: fc.boolean(),
  forceApproveGroups: fc.array(text(100), { maxLength: 3 }),
  forced: fc.boolean(),
  renewal: maybe(fc.record({ by: text(254), changed: fc.array(text(20), { maxLength: 5 }) })),
  lapsed: fc.array(fc.record({ by: person, groups: fc.array(text(100), { maxLength: 5 }), active: fc.boolean() }), {
    maxLength: 20,
  }),
  window: maybe(text(200)),
  // hoop's own words
  runsAt: maybe(fc.constant('runs at 22:00 UTC')),
  remindedAt: maybe(date),
  decisions: fc.array(
    fc.record({
      id: fc.uuid(),
      countsFor: fc.array(text(100), { maxLength: 3 }),
      by: person,
      verdict: fc.constantFrom('approve' as const, 'reject' as const, 'cancel' as const, 'revoke' as const),
      group: maybe(text(100)),
      force: fc.boolean(),
      reason: text(2000),
      at: date,
      outdated: fc.boolean(),
      shortenedTo: maybe(fc.integer({ min: 60, max: 172_800 })),
      gaveBack: fc.boolean(),
    }),
    { maxLength: 30 },
  ),
});

/** Characters that show nothing, or turn what follows around; tab and newline are read as what they are. */
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu;
/** Of category Cf, but seen: marks that stand before a number. */
const seen = /[\t\n\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;

/** The first character of a text that nobody would see. */
export function firstInvisible(shown: string): string | undefined {
  const found = shown.match(invisible)?.find((character) => !seen.test(character));
  return found && `U+${found.codePointAt(0)?.toString(16)}`;
}

export const halfCharacter = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Held against Slack's limits and block types, none of them mrkdwn; and nothing of others where Slack reads markup. */
export function problemsOf({ text: notification, blocks }: Message): string[] {
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
  const hidden = firstInvisible(notification + shownText(blocks));
  if (hidden !== undefined) problems.push(`${hidden} is not shown as \\u{...}`);
  return problems;
}
