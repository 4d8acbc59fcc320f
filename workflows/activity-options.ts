/** Timeouts and retries, each with its name and its reason. */
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * Control activities read and write a few rows. They run inside the workflow task (no round trip each) and are tried
 * until Postgres answers: a review must not fail because a database restarts.
 */
export const controlOptions: LocalActivityOptions = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' },
};

/**
 * Slack may be away for days and messages follow when it is back. How long to wait, the activities say themselves
 * (`nextRetryDelay`), whatever stands in the way; the policy here is for what is not Slack's. A cancelled one that
 * waits for its next attempt ends at once; an attempt that has begun is left to its end, as what it posts has to be
 * noted.
 */
export const slackOptions: ActivityOptions = {
  startToCloseTimeout: '30s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '1m' },
};

/**
 * Of reviews that 0.1 and 0.2 began: Slack hears of a change this much later, so that changes that follow one another at
 * once (approved, running, finished) become one edit of the message.
 */
export const noticeDelayMs = 200;

/**
 * `execute` lasts as long as the command; the gateway beats for it. When the gateway dies, whichever gateway the
 * agent connects to next takes the run over, so it is retried without end and soon.
 */
export const executeOptions: ActivityOptions = {
  startToCloseTimeout: '30d',
  heartbeatTimeout: '5s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '200ms', backoffCoefficient: 1.5, maximumInterval: '2s' },
};

/** An approved command that no agent has taken after this long is shown as queued. */
export const takenWithinMs = 1_000;

/** The same, of reviews that 0.1 and 0.2 began. */
export const queuedAfterMs = 500;

/**
 * A run that was refused for a reason that may pass is not tried again at once: clocks of machines differ, and one may
 * find a time window open that is closed for another.
 */
export const tryAgainAfterMs = 500;

/**
 * What runs under a grant has this long to end once the grant is over. Longer than a command may resist its stop, and
 * than a gateway that dies is missed.
 */
export const closingAtMostMs = 5 * 60_000;

/** A cancellation is sent this much later than its reason: then what it cancels is known to Temporal. */
export const cancelAfterMs = 100;
