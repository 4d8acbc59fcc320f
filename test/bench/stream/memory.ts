/** What many cost that do nothing: commands that run and wait, and requests that wait, each with somebody watching. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type WebSocket } from 'ws';
import { eventually } from '#test/support/eventually.ts';
import type { Api } from '../lib/api.ts';
import type { BenchHoop } from '../lib/hoop.ts';
import { memoryOf, memoryOfTree, type Memory } from '../lib/memory.ts';
import { hoopStage, signInAdmin, times, type OnStop } from '../lib/stage.ts';
import type { StreamBenchOptions } from './options.ts';

export const holders = ['gateway', 'worker', 'agent', 'runner', 'postgres', 'temporal'] as const;
export type Holder = (typeof holders)[number];
type Held = Partial<Record<Holder, Memory>>;

export interface MemoryResult {
  count: number;
  /** Before any, with all of them, and after the last has ended; MB. */
  running: { before: Held; with: Held; after: Held };
  waiting: { before: Held; with: Held; after: Held };
}

const free = 'bench-free';
const reviewed = 'bench-reviewed';
const group = 'bench';
const inFlight = 8;
/** The command itself is `sleep`: a shell would not be told of a signal before it ends. */
const script = 'echo running; exec sleep 100000';
const endedWithinMs = 60_000;

export function measureMemory(onStop: OnStop, options: StreamBenchOptions): Promise<MemoryResult> {
  return hoopStage(onStop, async (hoop) => {
    const { runs: count, restSeconds } = options;
    const admin = await signInAdmin(hoop, inFlight);
    await admin.saveUser({ email: 'reviewer@bench.example', password: 'bench-reviewer-password', groups: [group] });
    await admin.saveConnection({ name: free, agent: 'default', command: ['sh'] });
    await admin.saveConnection({ name: reviewed, agent: 'default', command: ['sh'], reviewers: [group] });
    const atRest = async () => {
      await wait(restSeconds * 1000);
      return held(hoop);
    };
    // what grows with the first ones only, such as compiled code, is no cost of each
    await endRuns(await startRuns(admin, Math.ceil(count / 2)));
    await withdraw(admin, await startWaiting(admin, Math.ceil(count / 2)));

    const waitingBefore = await atRest();
    console.error(`${count} requests that wait...`);
    const requests = await startWaiting(admin, count);
    const waitingWith = await atRest();
    await withdraw(admin, requests);
    const waiting = { before: waitingBefore, with: waitingWith, after: await atRest() };

    console.error(`${count} commands that run...`);
    const commands = await startRuns(admin, count);
    const runningWith = await atRest();
    await endRuns(commands);
    const running = { before: waiting.after, with: runningWith, after: await atRest() };
    return { count, running, waiting };
  });
}

interface Watched {
  id: string;
  socket: WebSocket;
  ended: Promise<void>;
}

/** Resolves once the stream has said what `isThere` waits for. */
async function watch(admin: Api, id: string, isThere: (data: Buffer, isBinary: boolean) => boolean): Promise<Watched> {
  const socket = admin.stream(id);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer, isBinary) => isThere(data, isBinary) && resolve());
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`the stream of ${id} was closed with ${code}`)));
  });
  return { id, socket, ended };
}

async function startRuns(admin: Api, count: number): Promise<Watched[]> {
  const all: Watched[] = [];
  await times(count, inFlight, async () => {
    const { id } = await admin.createSession(randomUUID(), free, script);
    all.push(await watch(admin, id, (_data, isBinary) => isBinary));
  });
  return all;
}

/** Interrupts them; each says its end. */
async function endRuns(all: Watched[]): Promise<void> {
  for (const { socket } of all) socket.send(JSON.stringify({ command: 'interrupt' }));
  await allEnded(all);
}

async function startWaiting(admin: Api, count: number): Promise<Watched[]> {
  const all: Watched[] = [];
  await times(count, inFlight, async () => {
    const { id } = await admin.createSession(randomUUID(), reviewed, script);
    all.push(await watch(admin, id, () => true));
  });
  return all;
}

async function withdraw(admin: Api, all: Watched[]): Promise<void> {
  await times(all.length, inFlight, async (turn) => admin.cancel(all[turn]?.id ?? ''));
  await allEnded(all);
}

async function allEnded(all: Watched[]): Promise<void> {
  let left = all.length;
  for (const { ended } of all) void ended.then(() => (left -= 1));
  await eventually(() => left === 0, { deadlineMs: endedWithinMs, describe: () => `${left} sessions to end` });
}

/** Of hoop's own processes without their children: commands have their own memory. */
async function held(hoop: BenchHoop): Promise<Held> {
  const { postgres, temporal, gateway, worker, agent } = await hoop.pids();
  const single = { gateway, worker, agent, runner: await hoop.runnerPid() };
  const found: Held = {};
  for (const [name, pid] of Object.entries(single)) {
    if (pid !== undefined) found[name as Holder] = await memoryOf(pid);
  }
  for (const [name, pid] of Object.entries({ postgres, temporal })) {
    if (pid !== undefined) found[name as Holder] = await memoryOfTree(pid);
  }
  return found;
}
