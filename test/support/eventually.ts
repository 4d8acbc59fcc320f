import { setTimeout as wait } from 'node:timers/promises';

export interface EventuallyOptions<T> {
  /** How long to try; default 30 s. */
  deadlineMs?: number;
  /** Pause between tries; default 25 ms. */
  everyMs?: number;
  /** What is waited for, or a function that shows the last value seen; part of the failure's message. */
  describe?: string | ((last: T | undefined) => string);
}

/**
 * Tries until `attempt` gives a value that is not undefined, null or false, and gives it back. An attempt that throws
 * (a failing `expect`) is tried again. Past the deadline it fails with what was seen last.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { deadlineMs = 30_000, everyMs = 25, describe }: EventuallyOptions<T> = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + deadlineMs;
  let last: T | undefined;
  let problem: unknown;
  for (;;) {
    try {
      problem = undefined;
      last = await attempt();
      if (last !== undefined && last !== null && last !== false) return last as NonNullable<Exclude<T, false>>;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > deadline) break;
    await wait(everyMs);
  }
  const what = typeof describe === 'function' ? describe(last) : (describe ?? 'the condition');
  const seen = problem instanceof Error ? problem.message : show(problem ?? last);
  throw new Error(`Not within ${deadlineMs} ms: ${what}. Last seen: ${seen}`, { cause: problem });
}

/** For attempts that assert and give nothing back: passes as soon as one does not throw. */
export async function eventuallyPasses(
  attempt: () => void | Promise<void>,
  options: EventuallyOptions<boolean> = {},
): Promise<void> {
  await eventually(async () => {
    await attempt();
    return true;
  }, options);
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (text ?? String(value)).slice(0, 2_000);
}
