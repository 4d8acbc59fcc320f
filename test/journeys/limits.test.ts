import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { paths } from '#shared/api-paths.ts';
import type { AgentView, SessionDetail } from '#shared/api-schemas.ts';
import { workflowId } from '#shared/task-queues.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { distFile, type RunningProcess } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let folder: string;

beforeAll(async () => {
  hoop = await startStack();
  folder = await mkdtemp(join(tmpdir(), 'hoop-limits-'));
}, 180_000);
afterAll(async () => {
  await hoop?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const admin = async (...words: string[]): Promise<string> => {
  const end = await hoop.hoop(['admin', ...words]).ended;
  expect(end).toMatchObject({ code: 0 });
  return end.stdout.toString();
};
const connect = (name: string, ...options: string[]) =>
  admin('create', 'conn', name, '--overwrite', '--agent', 'default', ...options, '--', 'bash');
const getAgent = () => api<AgentView>(paths.agent('default'));
const api = async <T>(path: string, body?: unknown): Promise<T> => {
  const headers = { authorization: `Bearer ${hoop.adminToken}`, 'content-type': 'application/json' };
  const answer = await fetch(hoop.apiUrl + path, {
    headers,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as T;
};
const show = (id: string) => api<SessionDetail>(paths.session(id));
const inState = (id: string, state: string, deadlineMs = 60_000) =>
  eventually(async () => (await show(id)).state === state, { describe: `${id} is ${state}`, deadlineMs });

/** A command that says that it runs, and ends once it is let go. */
interface Held {
  run: RunningProcess;
  letGo(): Promise<void>;
}
function hold(connection: string): Held {
  const gate = join(folder, randomUUID());
  const run = hoop.hoop(['exec', connection, '-i', `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo over`]);
  const held = { run, letGo: () => writeFile(gate, '') };
  all.push(held);
  return held;
}
let all: Held[] = [];
afterEach(async () => {
  await Promise.all(all.map(({ letGo }) => letGo()));
  await Promise.all(all.map(({ run }) => run.ended));
  all = [];
});
const begun = (held: Held) => held.run.waitForOutput(/^begun$/m);
const ask = async (connection: string, script: string): Promise<string> =>
  (await api<SessionDetail>(paths.sessions, { connection, script })).id;

describe('commands at once on a connection', () => {
  test('the one too many waits, says for what, and begins when another ends', async () => {
    await connect('one', '--max-runs', '1');
    const first = hold('one');
    await begun(first);
    const second = hoop.hoop(['exec', 'one', '-i', 'date +%s%N']);
    await second.waitForOutput(/It waits: 1 of 1 command of one runs\./);
    const id = (await second.waitForOutput(/--session ([0-9a-f-]{36})/))[1] ?? '';
    await inState(id, 'queued');
    expect((await show(id)).message).toBe('It waits: 1 of 1 command of one runs.');
    const letGoAt = Date.now();
    await first.letGo();
    const [, end] = await Promise.all([first.run.ended, second.ended]);
    expect(end).toMatchObject({ code: 0 });
    expect(Number(end.stdout.toString()) / 1e6).toBeGreaterThan(letGoAt);
  });

  test('it waits as long as it has to without filling its history, and can be withdrawn', async () => {
    const first = hold('one');
    await begun(first);
    const id = await ask('one', 'echo never');
    await inState(id, 'queued');
    const events = await eventually(() => restingHistoryOf(id), { describe: 'a workflow that waits' });
    await connect('one', '--max-runs', '1'); // whoever waits is told, tries, and waits on
    await connect('one', '--max-runs', '1');
    expect(await restingHistoryOf(id)).toBe(events);
    await api(paths.cancel(id), {});
    await inState(id, 'cancelled');
    await first.letGo();
    expect((await first.run.ended).code).toBe(0);
    expect((await show(id)).startedAt).toBeNull();
  });

  test('those of other connections do not wait behind them', async () => {
    await connect('free');
    const first = hold('one');
    await begun(first);
    const waiting = await Promise.all(Array.from({ length: 22 }, (_, i) => ask('one', `echo ${i}`)));
    await Promise.all(waiting.slice(0, 3).map((id) => inState(id, 'queued')));
    expect((await hoop.hoop(['exec', 'free', '-i', 'echo free']).ended).stdout.toString()).toBe('free\n');
    await first.letGo();
    await Promise.all(waiting.map((id) => inState(id, 'finished', 60_000)));
  }, 240_000);

  test('a higher limit lets those begin that wait', async () => {
    const [first, second] = [hold('one'), hold('one')];
    await Promise.race([begun(first), begun(second)]);
    await connect('one', '--max-runs', '2');
    await Promise.all([begun(first), begun(second)]);
    await Promise.all([first.letGo(), second.letGo()]);
    await Promise.all([first.run.ended, second.run.ended]);
  });
});

describe('several instances of an agent', () => {
  let other: ChildProcess;
  let otherHome: string;

  beforeAll(async () => {
    await connect('many');
    otherHome = await mkdtemp(join(tmpdir(), 'hoop-other-'));
    other = await startOther();
  }, 180_000);
  afterAll(async () => {
    await endOther({ type: 'shutdown', stopCommands: true });
    await rm(otherHome, { recursive: true, force: true });
  });

  async function startOther(): Promise<ChildProcess> {
    const env = {
      PATH: process.env.PATH,
      HOOP_TEST_RUN: process.env.HOOP_TEST_RUN,
      HOOP_HOME: otherHome,
      HOOP_GATEWAY_URL: hoop.apiUrl,
      HOOP_AGENT_TOKEN: (await readFile(join(hoop.home, 'agent-token'), 'utf8')).trim(),
      HOOP_AGENT_LABELS: 'zone=b,role=db',
    };
    const child = fork(await distFile('agent.js'), [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    return child;
  }
  async function endOther(how: NodeJS.Signals | { type: string; stopCommands: boolean }): Promise<void> {
    if (other.exitCode !== null) return;
    const ended = once(other, 'exit');
    if (typeof how === 'string') other.kill(how);
    else other.send(how);
    await ended;
  }
  const labelled = async () => (await getAgent()).instances.find((one) => one.labels['zone'] === 'b');

  test('share the work; labels, runs, version and round trip are shown of each', async () => {
    const held = Array.from({ length: 4 }, () => hold('many'));
    await Promise.all(held.map(begun));
    const measured = await eventually(
      async () => {
        const view = await getAgent();
        return view.instances.every(({ roundTripMs }) => roundTripMs !== null) ? view : undefined;
      },
      { describe: 'round trips of both lines', deadlineMs: 60_000 },
    );
    expect(measured.instances.map(({ running }) => running.length)).toEqual([2, 2]);
    expect(measured.instances).toHaveLength(2);
    for (const one of measured.instances) {
      expect(one).toMatchObject({ online: true, draining: false, version: expect.stringMatching(/^\d+\.\d+/) });
      expect(one.connectedAt).not.toBeNull();
      expect(one.roundTripMs).toBeGreaterThanOrEqual(0);
    }
    expect(await labelled()).toMatchObject({ labels: { zone: 'b', role: 'db' } });
    const text = await admin('get', 'agent', 'default');
    expect(text).toMatch(/role=db zone=b, connected to http:\S+ since .*, round trip [\d.]+ ms, runs 2: [0-9a-f]{8}, /);
    await Promise.all(held.map(({ letGo }) => letGo()));
    await Promise.all(held.map(({ run }) => run.ended));
    await eventuallyPasses(async () =>
      expect((await getAgent()).instances.flatMap(({ running }) => running)).toEqual([]),
    );
  }, 180_000);

  test('one that is stopped gets no new work, what it runs goes on and stays with it', async () => {
    const held = Array.from({ length: 4 }, () => hold('many'));
    await Promise.all(held.map(begun));
    const before = (await labelled())?.running ?? [];
    expect(before).toHaveLength(2);
    await endOther('SIGTERM');
    const later = Array.from({ length: 3 }, () => hold('many'));
    await Promise.all(later.map(begun));
    expect((await labelled())?.running.toSorted()).toEqual(before.toSorted());
    await Promise.all([...held, ...later].map(({ letGo }) => letGo()));
    await Promise.all(later.map(({ run }) => run.ended));
    other = await startOther();
    const ends = await Promise.all(held.map(({ run }) => run.ended));
    expect(ends.map(({ code, stdout }) => [code, stdout.toString()])).toEqual(held.map(() => [0, 'begun\nover\n']));
  }, 180_000);

  test('nothing is lost of a stream of commands while one is stopped and started again', async () => {
    const asked: Promise<string>[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (let i = 0; i < 12; i += 1) asked.push(ask('many', `echo ${i}`));
      await endOther('SIGTERM');
      other = await startOther();
    }
    const ids = await Promise.all(asked);
    await Promise.all(ids.map((id) => inState(id, 'finished', 60_000)));
    expect(ids).toHaveLength(24);
  }, 180_000);

  test('commands at once are counted an instance', async () => {
    await admin('create', 'agent', 'default', '--overwrite', '--max-runs', '1');
    const held = [hold('many'), hold('many')];
    await Promise.all(held.map(begun));
    expect((await getAgent()).instances.map(({ running }) => running.length)).toEqual([1, 1]);
    const third = hoop.hoop(['exec', 'many', '-i', 'echo third']);
    await third.waitForOutput(/It waits: each instance of agent default runs 1 of 1 commands\./);
    await held[0]?.letGo();
    expect((await third.ended).stdout.toString()).toBe('third\n');
    await held[1]?.letGo();
    await Promise.all(held.map(({ run }) => run.ended));
    await admin('create', 'agent', 'default', '--overwrite', '--max-runs', '0');
  }, 180_000);
});

/** The length of the history of a workflow that has nothing to do but to wait for its command; else undefined. */
async function restingHistoryOf(sessionId: string): Promise<number | undefined> {
  const connection = await Connection.connect({ address: hoop.temporalAddress });
  const client = new Client({ connection });
  const { historyLength, raw } = await client.workflow.getHandle(workflowId(sessionId)).describe();
  await connection.close();
  const rests = !raw.pendingWorkflowTask && raw.pendingActivities?.some((one) => one.activityType?.name === 'execute');
  return rests ? historyLength : undefined;
}
