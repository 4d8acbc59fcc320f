import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ReviewPolicy } from '#shared/review-policy.ts';
import { PolicyWorld } from './policy-world.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/policy.md', import.meta.url)), 'utf8');
const people = {
  asker: ['sre'],
  bob: ['admin', 'sre'],
  carol: ['sre'],
  dan: ['dba'],
  olga: ['oncall'],
  root: ['admin'],
};
const noon = new Date('2026-03-02T12:00:00Z');

const rows = (page.split('## Situations')[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .slice(2)
  .map(([, connection = '', happens = '', outcome = '']) => [connection, happens, outcome] as const);

const groupsOf = (text: string): string[] => (text === 'nobody' ? [] : text.split(', '));

function policyOf(text: string): ReviewPolicy {
  const [groups = '', ...options] = text.split('; ');
  const policy: ReviewPolicy = {
    groups: groupsOf(groups),
    minApprovals: 0,
    distinctReviewers: false,
    forceApproveGroups: [],
  };
  for (const option of options) {
    const [, atLeast] = /^at least (\d+) people$/.exec(option) ?? [];
    const [, forcedBy] = /^forced by (.+)$/.exec(option) ?? [];
    const [, within] = /^within (.+)$/.exec(option) ?? [];
    if (atLeast !== undefined) policy.minApprovals = Number(atLeast);
    else if (option === 'a different person a group') policy.distinctReviewers = true;
    else if (forcedBy !== undefined) policy.forceApproveGroups = groupsOf(forcedBy);
    else if (within !== undefined) policy.window = within;
    else throw new Error(`no such option: ${option}`);
  }
  return policy;
}

type Step = (world: PolicyWorld, words: string[]) => string | null | void;
const first = 'envelope 1';
const steps: [RegExp, Step][] = [
  [/^nothing$/, () => null],
  [/^(\w+) approves$/, (world, [who = '']) => world.decide(who, 'approve')],
  [/^(\w+) approves for (\w+)$/, (world, [who = '', group = '']) => world.decide(who, 'approve', { group })],
  [/^(\w+) approves what it was$/, (world, [who = '']) => world.decide(who, 'approve', { digest: first })],
  [
    /^(\w+) forces(?:: (.+))?$/,
    (world, [who = '', reason = '']) => world.decide(who, 'approve', { force: true, reason }),
  ],
  [/^(\w+) rejects$/, (world, [who = '']) => world.decide(who, 'reject')],
  [/^(\w+) rejects what it was$/, (world, [who = '']) => world.decide(who, 'reject', { digest: first })],
  [/^(\w+) withdraws$/, (world, [who = '']) => world.stop(who, 'cancel')],
  [/^(\w+) revokes$/, (world, [who = '']) => world.stop(who, 'revoke')],
  [
    /^(\w+) leaves (\w+)$/,
    (world, [who = '', group = '']) => world.set(who, { groups: world.person(who).groups.filter((g) => g !== group) }),
  ],
  [
    /^(\w+) joins (\w+)$/,
    (world, [who = '', group = '']) => world.set(who, { groups: [...world.person(who).groups, group] }),
  ],
  [/^(\w+) is closed$/, (world, [who = '']) => world.set(who, { active: false })],
  [/^(\w+) is opened$/, (world, [who = '']) => world.set(who, { active: true })],
  [/^the command changes$/, (world) => world.change()],
  [
    /^the reviewers change to (.+)$/,
    (world, [groups = '']) => world.change({ ...world.policy, groups: groupsOf(groups) }),
  ],
  [/^it is (\d\d:\d\d)$/, (world, [time = '']) => void (world.now = new Date(`2026-03-02T${time}:00Z`))],
  [/^it runs$/, (world) => world.run()],
  [/^it expires$/, (world) => world.expire()],
];

function take(world: PolicyWorld, text: string): string | null {
  for (const [form, step] of steps) {
    const match = form.exec(text);
    if (match) return step(world, match.slice(1)) ?? null;
  }
  throw new Error(`no such step: ${text}`);
}

function outcomeOf(world: PolicyWorld): string {
  const { outcome, groups, forced } = world.standing();
  if (outcome === 'revoked') return 'revoked';
  if (world.ended !== null) return world.ended;
  if (outcome === 'cancelled') return 'withdrawn';
  if (outcome === 'approved') return forced ? 'approved (forced)' : 'approved';
  if (outcome === 'rejected') return 'rejected';
  const missing = groups.filter(({ met }) => !met).map(({ group }) => group);
  return `open: ${missing.join(', ') || 'more people'}`;
}

describe('the table of situations', () => {
  test('is there, and no row says twice what another says', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map(([connection, happens]) => `${connection} | ${happens}`)).size).toBe(rows.length);
  });

  test.each(rows)('%s: %s: %s', (connection, happens, outcome) => {
    const world = new PolicyWorld(policyOf(connection), people, noon);
    const refusals = happens.split('; ').map((step) => take(world, step));
    const refusal = refusals.at(-1) ?? null;
    expect(`${refusal === null ? '' : `\`${refusal}\`, `}${outcomeOf(world)}`).toBe(outcome);
  });
});
