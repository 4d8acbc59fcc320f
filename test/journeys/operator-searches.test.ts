import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { tokenOf } from '../support/sign-in.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { temporalCli, type TemporalCli } from '../support/temporal-cli.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
const section = /^## Searches\n([^]*?)^## /m.exec(page)?.[1] ?? '';
/** Question to query, from the page's table. */
const documented = new Map(
  [...section.matchAll(/^\| ([^|]+) \| `([^`]+)` \|$/gm)].map(([, question = '', query = '']) => [question, query]),
);

let hoop: Stack;
let temporal: TemporalCli;
/** The sessions of this test by name. */
const ids: Record<string, string> = {};
/** Between the first request and the others. */
let hourAgo = '';

async function cli(args: string[], token?: string): Promise<string> {
  const { code, stdout, stderr } = await hoop.hoop(args, token === undefined ? {} : { token }).ended;
  if (code !== 0) throw new Error(`hoop ${args.join(' ')}: ${code} ${stderr}`);
  return stdout.toString().trim();
}
const ask = async (name: string, connection: string, script: string, ...more: string[]) => {
  ids[name] = await cli(['exec', connection, '-i', script, '--detach', ...more]);
};
const become = (name: string, state: string) =>
  eventually(async () => JSON.parse(await cli(['sessions', 'show', ids[name] ?? '', '-o', 'json'])).state === state, {
    describe: `${name} is ${state}`,
  });

const closed = async (name: string) =>
  (await temporal.list(`WorkflowId = 'session-${ids[name]}' AND ExecutionStatus = 'Completed'`)).length === 1;

beforeAll(async () => {
  hoop = await startStack();
  temporal = await temporalCli(hoop.temporalAddress);
  const bob = await tokenOf(hoop, 'bob@localhost');
  await cli(['admin', 'create', 'agent', 'away']);
  const connection = (name: string, ...flags: string[]) =>
    cli(['admin', 'create', 'conn', name, ...flags, '--agent', name === 'batch' ? 'away' : 'default', '--', 'bash']);
  await connection('free');
  await connection('batch');
  await connection('db', '--reviewers', 'sre');
  await connection('both', '--reviewers', 'admin,sre');

  await ask('terminated', 'db', 'true');
  await eventually(
    async () =>
      (await temporal.list(`WorkflowId = 'session-${ids['terminated']}' AND HoopState = 'pending'`)).length === 1,
    {
      describe: 'the workflow that is to be terminated shows its state',
    },
  );
  await temporal.run('workflow', 'terminate', '--workflow-id', `session-${ids['terminated']}`, '--reason', 'by hand');
  await ask('old', 'db', 'true');
  hourAgo = new Date().toISOString();
  await ask('new', 'db', 'true');
  await ask('half', 'both', 'true');
  await cli(['review', 'approve', ids['half'] ?? '', '--group', 'sre', '--yes'], bob);
  ids['of bob'] = await cli(['exec', 'both', '-i', 'true', '--detach'], bob);
  await ask('rejected', 'db', 'true');
  await cli(['review', 'reject', ids['rejected'] ?? '', '--yes', '--reason', 'no'], bob);
  const clock = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 13)}:00`;
  await connection('nightly', '--reviewers', 'sre', '--window', `${clock(3)}-${clock(5)} UTC`);
  await ask('windowed', 'nightly', 'true');
  await cli(['review', 'approve', ids['windowed'] ?? '', '--yes'], bob);
  await ask('queued', 'batch', 'true');
  await ask('running', 'free', 'while :; do read -t 1 < <(:); done');
  await ask('finished', 'free', 'true');
  await ask('failed', 'free', 'while :; do read -t 1 < <(:); done', '--timeout', '1s');
  await become('rejected', 'rejected');
  await become('running', 'running');
  await become('finished', 'finished');
  await become('failed', 'failed');
  await eventually(() => closed('rejected'), { describe: 'Slack was told of the rejection' });
  await eventually(() => closed('terminated'), { describe: 'Slack was told that the terminated one is over' });
  await hoop.sandbox.fault({ kind: 'outage', count: 0 });
  await ask('untold', 'db', 'true');
  await cli(['review', 'reject', ids['untold'] ?? '', '--yes', '--reason', 'no'], bob);
  await become('untold', 'rejected');
}, 240_000);
afterAll(() => hoop?.close(), 60_000);

/** What each documented search finds here. */
const found: Record<string, string[]> = {
  'waits for sre, longer than an hour': ['old'],
  'waits for anybody': ['old', 'new', 'half', 'of bob'],
  'waits for admin and not for sre any more': ['half'],
  'of one person, not over yet': ['of bob'],
  // the terminated run, and the one that the sweep starts to tell Slack of the end
  'on one connection': ['terminated', 'terminated', 'old', 'new', 'rejected', 'untold'],
  'approved, and waits for its time window': ['windowed'],
  'approved, and waits for its agent': ['queued'],
  runs: ['running'],
  'ended, and Slack does not show it yet': ['untold'],
  'failed or lost since a time': ['failed'],
  'one session, by the beginning of its id': ['half'],
};

test('the page documents these searches, and no other', () => {
  expect([...documented.keys()]).toEqual(Object.keys(found));
});

test.each(Object.entries(found))('%s', async (question, names) => {
  const query = (documented.get(question) ?? '')
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, hourAgo)
    .replace('dana@example.com', 'bob@localhost')
    .replace('7c9e6679', ids['half']?.slice(0, 8) ?? '');
  // other test files share this Temporal
  const ours = `TaskQueue = '${hoop.queuePrefix}hoop' AND (${query})`;
  const nameOf = (workflow: string) => Object.keys(ids).find((name) => `session-${ids[name]}` === workflow) ?? workflow;
  const sorted = [...names].sort();
  const last = await eventually(
    async () => {
      const now = (await temporal.list(ours)).map(nameOf).sort();
      return now.join() === sorted.join() ? now : undefined;
    },
    { describe: `${query} finds ${sorted.join(', ')}` },
  ).catch(async () => (await temporal.list(ours)).map(nameOf).sort());
  expect(last).toEqual(sorted);
});

test('the details and the query of a workflow say who has still to approve', async () => {
  const workflow = `session-${ids['half']}`;
  const progress = await temporal.run('workflow', 'query', '-w', workflow, '--type', 'progress', '-o', 'json');
  expect(progress).toContain('"pending"');
  expect(JSON.parse(progress).queryResult[0].standing.groups).toMatchObject([
    { group: 'admin', met: false },
    { group: 'sre', met: true },
  ]);
});
