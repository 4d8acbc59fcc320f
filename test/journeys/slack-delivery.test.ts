import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#db/pool.ts';
import { eventually } from '../support/eventually.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let db: Database;

beforeAll(async () => {
  hoop = await startStack();
  db = openDatabase({ url: hoop.databaseUrl, max: 2 });
}, 180_000);
afterAll(async () => {
  await db?.end();
  await hoop?.close();
}, 60_000);

const ask = async (script: string): Promise<string> => {
  const run = await hoop.hoop(['exec', 'bash', '-i', script, '--detach']).ended;
  expect(run.code).toBe(0);
  return run.stdout.toString().trim();
};
/** Messages of a session in #ops that are no notes in a thread. */
const copies = async (id: string): Promise<{ ts: string; text: string; blocks?: unknown[] }[]> =>
  (await hoop.sandbox.messages('ops', 'bob')).filter(
    (m) => (!m.thread_ts || m.thread_ts === m.ts) && JSON.stringify(m).includes(id),
  );
const rowOf = async (id: string): Promise<string | undefined> =>
  (
    await db.query<{ ts: string }>(
      "select ts from slack_messages where session_id = $1 and kind = 'review' and ts is not null",
      [id],
    )
  ).rows[0]?.ts;

test('a worker killed between posting and noting, with many messages to come: each comes, and a second time only where the answer was lost', async () => {
  // no answer to any post comes, however long a busy machine takes for all this
  const { id: holding } = await hoop.sandbox.fault({ kind: 'hold', method: 'chat.postMessage', count: 0 });
  const sessions: string[] = [];
  for (let i = 0; i < 5; i += 1) sessions.push(await ask(`echo ${i}`));
  const countOf = async (id: string): Promise<number> => (await copies(id)).length;
  await eventually(async () => (await Promise.all(sessions.map(countOf))).some((count) => count > 0), {
    describe: 'a message whose worker has heard nothing of it',
  });
  await hoop.kill('worker');
  const lost = new Map<string, number>();
  for (const id of sessions) lost.set(id, await countOf(id));
  expect(await Promise.all(sessions.map(rowOf))).toEqual(sessions.map(() => undefined));
  await hoop.sandbox.clearFault(holding);
  await hoop.start('worker');

  await eventually(async () => (await Promise.all(sessions.map(rowOf))).every((ts) => ts !== undefined), {
    deadlineMs: 90_000,
    describe: 'a row for the message of every session',
  });
  for (const id of sessions) {
    const shown = await copies(id);
    expect(shown.map(({ ts }) => ts)).toContain(await rowOf(id));
    expect(shown).toHaveLength((lost.get(id) ?? 0) + 1);
  }
}, 180_000);

test('an archived channel beside a good one: the good one is asked, the CLI says what is wrong, and the workflow goes on', async () => {
  const plugin = ['--plugin', 'slack:ops;sre'];
  const made = hoop.hoop([
    'admin',
    'create',
    'conn',
    'two',
    '--agent',
    'default',
    '--reviewers',
    'sre',
    ...plugin,
    '--',
    'bash',
  ]);
  expect((await made.ended).code).toBe(0);
  await fetch(`${hoop.sandbox.url}/control/archive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'sre' }),
  });
  const run = hoop.hoop(['exec', 'two', '-i', 'echo both']);
  const [, id = ''] = await run.waitForOutput(/sessions\/([0-9a-f-]{36})/, 20_000);
  await run.waitForOutput(/Nothing is posted in #sre: #sre is archived/, 20_000);
  const message = await hoop.sandbox.message('ops', 'bob', id);
  await hoop.sandbox.click('bob', 'ops', message.ts, 'approve');
  const end = await run.ended;
  expect(end.stdout.toString()).toBe('both\n');
  await eventually(async () => (await copies(id)).every(({ text }) => text.includes('Finished')), {
    deadlineMs: 20_000,
    describe: 'the end in #ops, while #sre still refuses',
  });

  await fetch(`${hoop.sandbox.url}/control/archive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'sre', archived: false }),
  });
  const repaired = await eventually(
    async () => (await hoop.sandbox.messages('sre', 'bob')).find((m) => JSON.stringify(m).includes(id)),
    { deadlineMs: 45_000, describe: 'the message in #sre, once it is repaired' },
  );
  expect(repaired.text).toContain('Finished');
}, 180_000);

test('with Slack away the CLI says so, and that reviewers are asked once it is back', async () => {
  const { id: outage } = await hoop.sandbox.fault({ kind: 'outage', count: 0 });
  const run = hoop.hoop(['exec', 'bash', '-i', 'echo later']);
  await run.waitForOutput(/Slack does not answer right now, so nothing is posted in #ops yet/, 30_000);
  await hoop.sandbox.clearFault(outage);
  await run.waitForOutput(/Reviewers are asked in #ops now\./, 60_000);
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
}, 120_000);
