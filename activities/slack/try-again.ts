/** How an activity tells Temporal when to try it again. */
import { ApplicationFailure } from '@temporalio/common';

/** After `ms`. */
export function tryAgainIn(ms: number, type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nextRetryDelay: Math.max(1, Math.ceil(ms)) });
}

/** Less and less often, as its retry policy says: Slack does not answer. */
export function tryAgainLater(cause: Error): ApplicationFailure {
  return ApplicationFailure.create({ type: 'SlackUnavailable', message: cause.message, cause });
}
