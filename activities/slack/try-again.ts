/** How an activity tells Temporal when to try it again. */
import { ApplicationFailure } from '@temporalio/common';
import type { Database } from '#db/pool.ts';
import { noteSlackFailure } from '#db/slack-failures.ts';
import type { SlackCallError } from './paced-slack.ts';

/** After `ms`. */
export function tryAgainIn(ms: number, type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nextRetryDelay: Math.max(1, Math.ceil(ms)) });
}

/** Waits after the first failure, and after however many. */
const firstWaitMs = 500;
const longestWaitMs = 60_000;
/** All who wait together ask a Slack that is away about this often, and each of them within this. */
const everyMs = 200;
const shortLongestWaitMs = 15_000;

/**
 * Slack gives no answer: later each time, and when Slack says, if it does. Temporal's own count is of no use, as it
 * counts attempts that only waited for their turn too. `who`: names what is tried.
 */
export async function tryAgainLater(db: Database, who: string, cause: SlackCallError): Promise<ApplicationFailure> {
  const { times, waiting } = await noteSlackFailure(db, who);
  const longestMs = Math.min(longestWaitMs, Math.max(shortLongestWaitMs, waiting * everyMs));
  const waitMs = Math.min(longestMs, firstWaitMs * 2 ** (times - 1)) * (0.8 + Math.random() / 5);
  const askedMs = cause.failure.kind === 'unavailable' ? (cause.failure.retryAfterSeconds ?? 0) * 1_000 : 0;
  return tryAgainIn(Math.max(waitMs, askedMs), 'SlackUnavailable', cause.message);
}
