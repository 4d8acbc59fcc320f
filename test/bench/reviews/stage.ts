/** What each part of the bench starts anew: a hoop, who asks, who decides, and minimal workflows on its Temporal. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn, type Api } from '../lib/api.ts';
import { startBaseline, type Baseline } from '../lib/baseline.ts';
import { Ends } from '../lib/ends.ts';
import { startHoop, type BenchHoop } from '../lib/hoop.ts';
import { cpuOfTree, memoryOfTree, type Memory } from '../lib/memory.ts';

type Stop = () => Promise<void>;
export type OnStop = (stop: Stop) => void;

export interface ReviewsBench {
  hoop: BenchHoop;
  admin: Api;
  /** Somebody whom Slack does not know: nothing is written to them in private. */
  requester: Api;
  /** The only one of the group that is asked; Slack does not know them either. */
  reviewer: Api;
  baseline: Baseline;
  ends: Ends;
}

/** A review here has this group, no channel, and a command that does nothing. */
export const connection = 'bench';
export const group = 'bench';
/** Calls to the API that are on their way at the same time, for each of the two people. */
const apiSockets = 32;
const password = 'bench-reviewer-password';

/** Parts of hoop whose processes are looked at; `runner` belongs to the agent. */
export const parts = ['gateway', 'worker', 'agent', 'runner', 'temporal', 'postgres'] as const;
export type Part = (typeof parts)[number];

/** A hoop of its own for `work`, stopped after it, or with everything else when the bench is. */
export async function stage<T>(onStop: OnStop, work: (bench: ReviewsBench) => Promise<T>): Promise<T> {
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll(stops));
  onStop(stop);
  const later: OnStop = (one) => stops.push(one);
  try {
    console.error('Starting hoop...');
    const hoop = await startHoop(later);
    const { run } = hoop;
    const baseline = await startBaseline(run.temporalAddress);
    later(baseline.stop);
    const ends = await Ends.open(run.databaseUrl, hoop.db);
    later(() => ends.close());
    const { token } = JSON.parse(await readFile(join(hoop.home, 'config.json'), 'utf8')) as { token: string };
    const admin = await signIn(run.apiUrl, { token });
    const person = async (name: string, groups: string[]): Promise<Api> => {
      const email = `${name}@bench.example`;
      await admin.saveUser({ email, password, groups });
      return signIn(run.apiUrl, { email, password }, apiSockets);
    };
    const requester = await person('requester', []);
    const reviewer = await person('reviewer', [group]);
    await admin.saveConnection({ name: connection, agent: 'default', command: ['true'], reviewers: [group] });
    return await work({ hoop, admin, requester, reviewer, baseline, ends });
  } finally {
    await stop();
  }
}

async function stopAll(stops: Stop[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop().catch((error: unknown) => console.error(error));
}

/** As they are now: a part that was started again has another pid. */
export async function pidsOf(hoop: BenchHoop): Promise<Partial<Record<Part, number>>> {
  const known = await hoop.pids();
  const found: Partial<Record<Part, number>> = {};
  for (const part of parts) {
    const pid = part === 'runner' ? await hoop.runnerPid() : known[part];
    if (pid !== undefined) found[part] = pid;
  }
  return found;
}

export async function memoryOfParts(hoop: BenchHoop): Promise<Partial<Record<Part, Memory>>> {
  const found: Partial<Record<Part, Memory>> = {};
  for (const [part, pid] of entries(await pidsOf(hoop))) found[part] = await memoryOfTree(pid);
  return found;
}

/** Milliseconds of processor time so far. */
export async function cpuOfParts(hoop: BenchHoop): Promise<Partial<Record<Part, number>>> {
  const found: Partial<Record<Part, number>> = {};
  for (const [part, pid] of entries(await pidsOf(hoop))) found[part] = await cpuOfTree(pid);
  return found;
}

export function entries<T>(of: Partial<Record<Part, T>>): [Part, T][] {
  return parts.flatMap((part) => (of[part] === undefined ? [] : [[part, of[part]] as [Part, T]]));
}

/** `work` for each number below `count`, `inFlight` at a time. */
export async function times(count: number, inFlight: number, work: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let turn = next++; turn < count; turn = next++) await work(turn);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane));
}
