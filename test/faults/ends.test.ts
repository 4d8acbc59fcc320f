import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markOf } from '#agent/process-mark.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningProcess } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let count = 0;

beforeAll(async () => {
  hoop = await startStack();
  expect((await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended).code).toBe(0);
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

interface Shown {
  id: string;
  state: string;
  exitCode: number | null;
  exitSignal: string | null;
}

interface Asked {
  cli: RunningProcess;
  show(): Promise<Shown>;
  /** As people read it. */
  page(): Promise<string>;
}

function exec(script: string): Asked {
  count += 1;
  const name = `ends-${count}`;
  const cli = hoop.hoop(['exec', 'free', '--correlation-id', name, '-i', script]);
  const id = async () => (await cli.waitForOutput(/[0-9a-f]{8}-[0-9a-f-]{27}/))[0];
  const of = async (...more: string[]) => {
    const listed = await hoop.hoop(['sessions', 'list', '-o', 'json']).ended;
    const all = JSON.parse(listed.stdout.toString()) as (Shown & { correlationId: string | null })[];
    const found = all.find(({ correlationId }) => correlationId === name)?.id ?? (await id());
    return (await hoop.hoop(['sessions', 'show', found, ...more]).ended).stdout.toString();
  };
  return { cli, show: async () => JSON.parse(await of('-o', 'json')) as Shown, page: () => of() };
}

/** Numbers of processes that the command prints, one a line, once it has printed `how many`. */
async function pidsOf({ cli }: Asked, many: number): Promise<number[]> {
  const lines = () => cli.stdout().toString().split('\n').slice(0, -1).map(Number);
  await eventually(() => lines().length >= many, { describe: () => `${many} processes; ${cli.stderr()}` });
  return lines();
}

async function allGone(pids: number[]): Promise<void> {
  await eventually(() => pids.every((pid) => markOf(pid) === null), {
    describe: () => `the end of ${pids.filter((pid) => markOf(pid) !== null)}`,
  });
}

describe('a revocation', () => {
  test('ends a command that will not hear of it, with its children and theirs', async () => {
    // nobody of them listens to SIGTERM; the last is in the background of a child
    const deaf = `trap '' TERM; echo $$; bash -c "echo \\$\\$; (echo \\$BASHPID; while :; do sleep 1; done) & wait" & wait`;
    const asked = exec(deaf);
    const pids = await pidsOf(asked, 3);
    const { id } = await asked.show();
    expect((await hoop.hoop(['sessions', 'revoke', id, '--reason', 'enough']).ended).code).toBe(0);
    const end = await asked.cli.ended;
    expect(end.code).toBe(77);
    await allGone(pids);
    expect(await asked.show()).toMatchObject({ state: 'revoked', exitCode: 137 });
    expect(await asked.page()).toMatch(/SIGKILL/);
  });

  test('lets a command that listens end in order, and what it says then is shown', async () => {
    const asked = exec(`trap 'echo bye; exit 9' TERM; echo $$; while :; do sleep 0.05; done`);
    await pidsOf(asked, 1);
    const { id } = await asked.show();
    await hoop.hoop(['sessions', 'revoke', id, '--reason', 'enough']).ended;
    const end = await asked.cli.ended;
    expect(end.code).toBe(77);
    expect(end.stdout.toString()).toMatch(/\nbye\n$/);
    expect(await asked.show()).toMatchObject({ state: 'revoked', exitCode: 9 });
  });
});

describe('an end by signal', () => {
  test.for([
    ['TERM', 143],
    ['KILL', 137],
    ['SEGV', 139],
    ['USR1', 138],
  ] as const)('SIG%s is %i to the CLI, and shown by its name', async ([name, status]) => {
    const asked = exec(`ulimit -c 0; kill -${name} $$`);
    expect((await asked.cli.ended).code).toBe(status);
    expect(await asked.show()).toMatchObject({ state: 'finished', exitCode: status });
    expect(await asked.page()).toContain(`SIG${name}`);
  });
});

describe('what a command leaves behind', () => {
  test('with its streams does not hold the session, and is ended', async () => {
    const asked = exec('sleep 300 & echo $!; (sleep 301; sleep 302) & echo $!; exit 5');
    const end = await asked.cli.ended;
    expect(end.code).toBe(5);
    await allGone(end.stdout.toString().trim().split('\n').map(Number));
  });

  // once they are what they are meant to be: the shell goes on before its child has begun
  const untilThere = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done; echo $! >&2';
  test.for([
    ['with streams of its own lives on', `nohup sleep 300 >/dev/null 2>&1 </dev/null & ${untilThere}`, true],
    ['in a session of its own lives on, though it keeps the streams', `setsid sleep 300 & ${untilThere}`, true],
    ['and writes for ever is cut off', 'setsid bash -c "while :; do echo on; done" & echo $! >&2', false],
    ['and writes now and then is cut off', 'setsid bash -c "while sleep 0.2; do echo on; done" & echo $! >&2', false],
  ] as const)('%s', async ([, script, livesOn]) => {
    const { cli } = exec(script);
    const end = await cli.ended;
    expect(end.code).toBe(0);
    const left = Number(/^\d+$/m.exec(end.stderr)?.[0]);
    if (!livesOn) return allGone([left]);
    expect(markOf(left)).not.toBeNull();
    process.kill(left, 'SIGKILL');
  });
});

test('a second Ctrl-C leaves the command running, to be followed again', async () => {
  const asked = exec(
    `trap 'echo heard' INT; echo $$; until [ -e "${hoop.home}/leave" ]; do sleep 0.05; done; echo done`,
  );
  await pidsOf(asked, 1);
  asked.cli.child.kill('SIGINT');
  await asked.cli.waitForOutput(/heard/);
  // two that come closer together than fingers can are one
  const leaves = () => asked.cli.child.exitCode !== null || !asked.cli.child.kill('SIGINT');
  await eventually(leaves, { describe: 'it leaves', everyMs: 250 });
  const left = await asked.cli.ended;
  expect(left.code).toBe(130);
  expect(left.stderr).toMatch(/Detached; the command goes on/);
  const { id, state } = await asked.show();
  expect(state).toBe('running');
  const again = hoop.hoop(['exec', '--session', id]);
  await again.waitForOutput(/heard/);
  await writeFile(`${hoop.home}/leave`, '');
  const end = await again.ended;
  expect(end.code).toBe(0);
  expect(end.stdout.toString()).toMatch(/^\d+\nheard\ndone\n$/);
});
