/** What the sweeps share: one replica at a time, and one session's trouble holds up no other. */
import type { Core } from './context.ts';
import { partThatIsAway } from './failures.ts';

/** Advisory locks of Postgres, one a sweep. */
export const locks = { rows: 7_266_012, closed: 7_266_013, running: 7_266_014, recordings: 7_266_015 } as const;
/** Sessions of a sweep that are worked on at a time. */
const parallel = 4;

/** Null when another replica is at it. */
export async function alone<T>(core: Core, lock: number, work: () => Promise<T>): Promise<T | null> {
  const client = await core.db.connect();
  let broken: Error | undefined;
  try {
    const taken = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lock]);
    if (taken.rows[0]?.held !== true) return null;
    try {
      return await work();
    } finally {
      await client.query('select pg_advisory_unlock($1)', [lock]).catch((error: Error) => (broken = error));
    }
  } finally {
    client.release(broken);
  }
}

/** What fails for one session alone must not hold up those after it. */
export async function carryOn(core: Core, sessionId: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (partThatIsAway(error)) throw error;
    core.log.warn({ sessionId, err: error }, 'a session could not be carried on');
  }
}

/** Throws when aborted between two items. */
export async function inParallel<T>(
  items: T[],
  signal: AbortSignal | undefined,
  step: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) {
      signal?.throwIfAborted();
      await step(item);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}
