/** Trying again while the gateway is away, for a bounded time. */
import { setTimeout as wait } from 'node:timers/promises';
import { HoopError } from '#shared/errors.ts';
import { Unavailable } from '../client.ts';

export interface RetryOptions {
  /** From the first failure; milliseconds. */
  forMs: number;
  /** After the first failure. */
  onFirstFailure?: (error: HoopError) => void;
  /** Says that no further try is wanted. */
  isStopped?: () => boolean;
}

const firstPauseMs = 100;
const longestPauseMs = 2000;

export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  let deadline: number | undefined;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (deadline === undefined) options.onFirstFailure?.(error);
      deadline ??= Date.now() + options.forMs;
      if (options.isStopped?.() || Date.now() + pause > deadline) throw error;
      await wait(pause);
      if (options.isStopped?.()) throw error;
    }
  }
}

/** Whether the same request may go through a moment later. */
function mayPass(error: unknown): error is HoopError {
  if (error instanceof Unavailable) return error.passing;
  return error instanceof HoopError && error.code === 'unavailable';
}
