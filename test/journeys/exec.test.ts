import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { RunningProcess } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let folder: string;

beforeAll(async () => {
  hoop = await startStack();
  folder = await mkdtemp(join(tmpdir(), 'hoop-journey-'));
  const made = await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended;
  expect(made.stderr).not.toMatch(/error/i);
  expect(made.code).toBe(0);
}, 180_000);
afterAll(async () => {
  await hoop?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The session id that a waiting `hoop exec` names on stderr. */
const sessionOf = async (run: RunningProcess): Promise<string> =>
  (await run.waitForOutput(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
const show = async (id: string): Promise<{ state: string; exitCode: number | null; decisions: { via: string }[] }> => {
  const { stdout } = await hoop.hoop(['sessions', 'show', id, '-o', 'json']).ended;
  return JSON.parse(stdout.toString()) as { state: string; exitCode: number | null; decisions: { via: string }[] };
};

describe('exec with a review in Slack', () => {
  test('waits, runs once approved, prints the output, and the creator is told', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'echo out-$((6*7)); echo err >&2; exit 3', '--reason', 'journey']);
    const id = await sessionOf(run);
    expect(run.stderr()).toMatch(/admin, sre/);
    const asked = await hoop.sandbox.message('ops', 'bob', id);
    expect(run.stdout().toString()).toBe('');
    expect((await hoop.sandbox.click('bob', 'ops', asked.ts, 'approve')).acked).toBe(true);
    const end = await run.ended;
    expect(end.stdout.toString()).toBe('out-42\n');
    expect(end.stderr).toMatch(/^err$/m);
    expect(end.code).toBe(3);
    await eventually(
      async () => {
        const now = (await hoop.sandbox.messages('ops', 'bob')).find((m) => m.ts === asked.ts);
        return !JSON.stringify(now?.blocks).includes('"approve"') && JSON.stringify(now).includes('bob');
      },
      { describe: 'the message shows who approved, without buttons' },
    );
    await hoop.sandbox.message('alice', 'alice', 'Approved');
    await hoop.sandbox.message('alice', 'alice', 'exit status 3');
    const told = (await hoop.sandbox.messages('alice', 'alice')).filter((m) => JSON.stringify(m).includes(id));
    expect(told.map((m) => m.text.split(' ')[0])).toEqual(['Approved:', 'Finished']);
    expect(await show(id)).toMatchObject({ state: 'finished', exitCode: 3, decisions: [{ via: 'slack' }] });
  });

  test('one group is not enough: it says who is still asked and runs after the second', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'echo both']);
    const id = await sessionOf(run);
    const asked = await hoop.sandbox.message('ops', 'carol', id);
    await hoop.sandbox.click('carol', 'ops', asked.ts, 'approve');
    await run.waitForOutput(/carol@localhost/);
    expect(run.stdout().toString()).toBe('');
    await hoop.sandbox.click('bob', 'ops', asked.ts, 'approve');
    expect((await run.ended).stdout.toString()).toBe('both\n');
  });

  test('rejected in the modal with a reason: exits 77, runs nothing and says who and why', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', `touch ${folder}/never`]);
    const id = await sessionOf(run);
    const asked = await hoop.sandbox.message('ops', 'carol', id);
    await hoop.sandbox.click('carol', 'ops', asked.ts, 'reject');
    const view = await eventually(
      async () => (await hoop.sandbox.views('carol')).find((v) => v.blocks.some((b) => b.type === 'input')),
      { describe: 'the modal that asks for a reason' },
    );
    const block = view.blocks.find((b) => b.type === 'input')?.block_id ?? '';
    await hoop.sandbox.submit(view.id, 'carol', { [block]: 'not on a friday' });
    const end = await run.ended;
    expect(end.code).toBe(77);
    expect(end.stderr).toMatch(/carol.*not on a friday/is);
    await hoop.sandbox.message('alice', 'alice', 'not on a friday');
  });

  test('nobody approves their own request: a private answer, and it goes on waiting', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true']);
    const id = await sessionOf(run);
    const asked = await hoop.sandbox.message('ops', 'alice', id);
    await hoop.sandbox.click('alice', 'ops', asked.ts, 'approve');
    await hoop.sandbox.message('ops', 'alice', 'your own request');
    expect(
      (await hoop.sandbox.messages('ops', 'bob')).some((m) => JSON.stringify(m).includes('your own request')),
    ).toBe(false);
    expect((await show(id)).state).toBe('pending');
    run.child.kill('SIGINT');
    await run.ended;
  });

  test('somebody hoop does not know is told privately what to do', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true']);
    const id = await sessionOf(run);
    const asked = await hoop.sandbox.message('ops', 'dave', id);
    await hoop.sandbox.click('dave', 'ops', asked.ts, 'approve');
    await hoop.sandbox.message('ops', 'dave', '/hoop subscribe');
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });

  test('Ctrl-C withdraws: exits 130, and the message says so', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true']);
    const id = await sessionOf(run);
    await hoop.sandbox.message('ops', 'bob', id);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect((await show(id)).state).toBe('cancelled');
    await eventually(
      async () => {
        const m = (await hoop.sandbox.messages('ops', 'bob')).find((one) => JSON.stringify(one).includes(id));
        return m && !JSON.stringify(m.blocks).includes('"approve"');
      },
      { describe: 'the message without buttons' },
    );
  });
});

describe('exec without reviewers', () => {
  test('binary output of 10 MB arrives exactly, stdout and stderr apart, no newline added', async () => {
    const bytes = randomBytes(10 * 1024 * 1024);
    await writeFile(join(folder, 'blob'), bytes);
    const end = await hoop.hoop(['exec', 'free', '-i', `cat ${folder}/blob; printf tail >&2`, '-s']).ended;
    const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    expect(end.stdout.length).toBe(bytes.length);
    expect(sha(end.stdout)).toBe(sha(bytes));
    expect(end.stderr).toBe('tail');
    expect(end.code).toBe(0);
  });

  test('stdin, -f, -e and arguments after -- reach the command', async () => {
    await hoop.hoop([
      'admin',
      'create',
      'conn',
      'show',
      '--agent',
      'default',
      '--',
      'sh',
      '-c',
      'cat; echo "$GREETING $*"',
      'sh',
    ]).ended;
    const piped = hoop.hoop(['exec', 'show', '-s', '-e', 'GREETING=hi there', '--', 'a b', 'c']);
    piped.child.stdin.end(Buffer.from([0, 255, 10]));
    expect((await piped.ended).stdout).toEqual(
      Buffer.concat([Buffer.from([0, 255, 10]), Buffer.from('hi there a b c\n')]),
    );
    await writeFile(join(folder, 'script'), 'from a file\n');
    const file = await hoop.hoop(['exec', 'show', '-s', '-f', join(folder, 'script')]).ended;
    expect(file.stdout.toString()).toBe('from a file\n \n');
  });

  test('-o json prints one event a line and nothing else on stdout', async () => {
    const end = await hoop.hoop(['exec', 'free', '-i', 'echo hi', '-o', 'json']).ended;
    const events = end.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(events[0]).toMatchObject({ event: 'session' });
    expect(events).toContainEqual({ event: 'output', stream: 'stdout', offset: 0, data: 'hi\n', encoding: 'utf8' });
    expect(events.at(-1)).toEqual({ event: 'end', state: 'finished', exitCode: 0 });
  });

  test('--detach prints the id alone, and --session shows everything from the start', async () => {
    const detached = await hoop.hoop(['exec', 'free', '-i', 'echo later; exit 5', '--detach']).ended;
    const id = detached.stdout.toString().trim();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const attached = await hoop.hoop(['exec', '--session', id]).ended;
    expect(attached.stdout.toString()).toBe('later\n');
    expect(attached.code).toBe(5);
  });

  test('a command that is not found exits 127; one ended by a signal 128+n', async () => {
    await hoop.hoop(['admin', 'create', 'conn', 'nothing', '--agent', 'default', '--', 'no-such-program']).ended;
    expect((await hoop.hoop(['exec', 'nothing', '-i', '']).ended).code).toBe(127);
    expect((await hoop.hoop(['exec', 'free', '-i', 'kill -9 $$']).ended).code).toBe(137);
  });

  test('Ctrl-C while it runs interrupts the command', async () => {
    const run = hoop.hoop([
      'exec',
      'free',
      '-i',
      'trap "echo caught; exit 9" INT; echo started; while :; do read -t 1 < <(:); done',
    ]);
    await run.waitForOutput(/started/);
    run.child.kill('SIGINT');
    const end = await run.ended;
    expect(end.stdout.toString()).toBe('started\ncaught\n');
    expect(end.code).toBe(9);
  });

  test('--timeout ends the run and exits 124', async () => {
    const end = await hoop.hoop(['exec', 'free', '-i', 'echo a; sleep 600', '--timeout', '1s']).ended;
    expect(end.stdout.toString()).toMatch(/^(a\n)?$/); // a slow machine needs the second to start it
    expect(end.code).toBe(124);
  });
});
