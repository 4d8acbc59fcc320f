/** Activities of the Slack queue, run as Temporal does: again when they ask for it, until they are through. */
import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';

export async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`not an ApplicationFailure: ${String(error)}`);
}

const turns = ['SlackPaced', 'SlackRateLimited', 'SlackOvertaken'];
export const everyFailure = [...turns, 'SlackUnavailable', 'SlackRefused'];

/** Failures of other types than `retries` are thrown. `elseMs`: the pause where an activity asks for none. */
export async function asTemporal<T>(
  attempt: () => Promise<T>,
  { retries = turns, deadlineMs = 60_000, elseMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const tryAgain = error instanceof ApplicationFailure && retries.includes(error.type ?? '');
      if (!tryAgain || Date.now() > deadline) throw error;
      await wait(Math.min(Number(error.nextRetryDelay ?? elseMs), Math.max(0, deadline - Date.now())));
    }
  }
}
