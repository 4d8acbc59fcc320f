import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { RunningProcess } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let bobToken: string;

beforeAll(async () => {
  hoop = await startStack();
  expect((await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended).code).toBe(0);
  bobToken = await signedInAs('bob@localhost');
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

/** Makes the user where there is none. */
async function signedInAs(email: string): Promise<string> {
  const create = hoop.hoop(['admin', 'create', 'user', email, '--overwrite', '--password-stdin']);
  create.child.stdin.end('a long password');
  expect((await create.ended).code).toBe(0);
  const signIn = { email, password: 'a long password', kind: 'cli' };
  return (await request<{ token: string }>('POST', '/api/login', signIn)).token;
}

async function request<T>(method: string, path: string, body?: unknown, token = hoop.adminToken): Promise<T> {
  const answer = await fetch(hoop.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

const sessionOf = async (run: RunningProcess): Promise<string> =>
  (await run.waitForOutput(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
const approve = (id: string) => hoop.hoop(['review', 'approve', id, '--yes'], { token: bobToken }).ended;

describe('when a part is away', () => {
  test('with Slack away, an approval from the CLI runs the command at once, and the messages follow', async () => {
    await hoop.sandbox.fault({ kind: 'outage', count: 0 });
    const run = hoop.hoop(['exec', 'bash', '-i', 'echo without slack']);
    const id = await sessionOf(run);
    expect((await approve(id)).code).toBe(0);
    const end = await run.ended;
    expect(end.stdout.toString()).toBe('without slack\n');
    expect(end.code).toBe(0);
    await hoop.sandbox.clearFaults();
    const message = await eventually(
      async () => (await hoop.sandbox.messages('ops', 'bob')).find((m) => JSON.stringify(m).includes(id)),
      { deadlineMs: 60_000, describe: 'the message of the session, once Slack is back' },
    );
    expect(JSON.stringify(message.blocks)).not.toContain('"approve"');
    await eventually(async () => JSON.stringify(await hoop.sandbox.messages('alice', 'alice')).includes(id), {
      deadlineMs: 60_000,
      describe: 'the direct message to the creator',
    });
  }, 240_000);

  test('an offline agent makes the request wait, the CLI says so, and it runs when the agent is back', async () => {
    await hoop.kill('agent');
    const run = hoop.hoop(['exec', 'free', '-i', 'echo back']);
    await run.waitForOutput(/offline/i);
    expect(run.stdout().toString()).toBe('');
    await hoop.start('agent');
    const end = await run.ended;
    expect(end.stdout.toString()).toBe('back\n');
    expect(end.code).toBe(0);
  }, 180_000);

  test('a gateway that is killed while a request waits changes nothing for who waits', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'echo survived']);
    const id = await sessionOf(run);
    await hoop.sandbox.message('ops', 'bob', id);
    await hoop.kill('gateway');
    await hoop.start('gateway');
    const message = await hoop.sandbox.message('ops', 'bob', id);
    await eventually(async () => (await hoop.sandbox.click('bob', 'ops', message.ts, 'approve')).acked, {
      deadlineMs: 60_000,
      everyMs: 500,
      describe: 'the click is acknowledged by the new gateway',
    });
    const end = await run.ended;
    expect(end.stdout.toString()).toBe('survived\n');
    expect(end.code).toBe(0);
  }, 240_000);

  test.each([
    ['a gateway killed while the command runs loses no byte and starts nothing twice', 'gateway'],
    ['an agent killed while the command runs loses no byte: the runner goes on', 'agent'],
  ] as const)(
    '%s',
    async (_title, part) => {
      const script = 'for i in $(seq 1 40); do echo line $i; read -t 0.1 < <(sleep 1) || true; done';
      const run = hoop.hoop(['exec', 'free', '-i', script]);
      await run.waitForOutput(/line 5\n/);
      await hoop.kill(part);
      await hoop.start(part);
      const end = await run.ended;
      expect(end.stdout.toString()).toBe(Array.from({ length: 40 }, (_, i) => `line ${i + 1}\n`).join(''));
      expect(end.code).toBe(0);
    },
    240_000,
  );

  test('a worker killed while a request waits is replaced and the decision counts', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'echo worker']);
    const id = await sessionOf(run);
    await hoop.kill('worker');
    expect((await approve(id)).code).toBe(0);
    await hoop.start('worker');
    expect((await run.ended).stdout.toString()).toBe('worker\n');
  }, 180_000);

  test('an admin revokes a running command: it is stopped and exits 77', async () => {
    const run = hoop.hoop(['exec', 'free', '-i', 'echo on; sleep 600']);
    await run.waitForOutput(/^on$/m);
    const listed = await hoop.hoop(['sessions', 'list', '-o', 'json']).ended;
    const [newest] = JSON.parse(listed.stdout.toString()) as { id: string }[];
    const revoked = await hoop.hoop(['sessions', 'revoke', newest?.id ?? '', '--reason', 'enough']).ended;
    expect(revoked.code).toBe(0);
    const end = await run.ended;
    expect(end.code).toBe(77);
  }, 180_000);

  test('a gateway killed right after it closed an account: what its owner had asked for ends all the same', async () => {
    const kim = await signedInAs('kim@localhost');
    const asked = await request<{ id: string }>('POST', '/api/sessions', { connection: 'bash', kind: 'exec' }, kim);
    const grant = await request<{ id: string }>('POST', '/api/sessions', { connection: 'free', kind: 'connect' }, kim);
    const stateOf = async ({ id }: { id: string }) =>
      (await request<{ state: string }>('GET', `/api/sessions/${id}`)).state;
    await eventually(async () => (await stateOf(grant)) === 'active', { describe: 'the grant is active' });
    const client = new pg.Client({ connectionString: hoop.databaseUrl });
    await client.connect();
    onTestFinished(() => client.end());
    // the first to be revoked is held, so that the gateway comes no further than the commit before
    await client.query('begin');
    await client.query('select 1 from sessions where id = $1 for update', [asked.id]);
    const answer = request('POST', '/api/users', { email: 'kim@localhost', active: false, overwrite: true });
    const cutOff = answer.then(
      () => false,
      () => true,
    );
    const closed = `select 1 from users where email = 'kim@localhost' and not active`;
    await eventually(async () => (await client.query(closed)).rowCount === 1, { describe: 'the account is closed' });
    await hoop.kill('gateway');
    expect(await cutOff).toBe(true);
    await client.query('rollback');
    await hoop.start('gateway');
    for (const session of [asked, grant]) {
      await eventually(async () => (await stateOf(session)) === 'revoked', {
        deadlineMs: 60_000,
        everyMs: 250,
        describe: 'revoked by the sweep',
      });
      const log = await request<{ actor: string; action: string }[]>('GET', `/api/audit?subject=session:${session.id}`);
      expect(log.filter(({ action }) => action === 'session.revoke')).toMatchObject([
        { actor: 'user:admin@localhost' },
      ]);
    }
  }, 180_000);
});
