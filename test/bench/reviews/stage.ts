/** What each part of the bench starts anew: a hoop, who asks, who decides, and minimal workflows on its Temporal. */
import { signIn, type Api } from '../lib/api.ts';
import { startBaseline, type Baseline } from '../lib/baseline.ts';
import { Ends } from '../lib/ends.ts';
import type { BenchHoop } from '../lib/hoop.ts';
import { cpuOfTree, memoryOfTree, type Memory } from '../lib/memory.ts';
import { hoopStage, signInAdmin, type OnStop } from '../lib/stage.ts';

export type { OnStop };

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
export function stage<T>(onStop: OnStop, work: (bench: ReviewsBench) => Promise<T>): Promise<T> {
  return hoopStage(onStop, async (hoop, later) => {
    const { run } = hoop;
    const baseline = await startBaseline(run.temporalAddress);
    later(baseline.stop);
    const ends = await Ends.open(run.databaseUrl, hoop.db);
    later(() => ends.close());
    const admin = await signInAdmin(hoop);
    const person = async (name: string, groups: string[]): Promise<Api> => {
      const email = `${name}@bench.example`;
      await admin.saveUser({ email, password, groups });
      return signIn(run.apiUrl, { email, password }, apiSockets);
    };
    const requester = await person('requester', []);
    const reviewer = await person('reviewer', [group]);
    await admin.saveConnection({ name: connection, agent: 'default', command: ['true'], reviewers: [group] });
    return work({ hoop, admin, requester, reviewer, baseline, ends });
  });
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
