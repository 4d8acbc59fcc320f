/** Channels and people of one session in one step, each part as it would go by itself. */
import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { SlackActivities } from '../types.ts';
import { tryAgainIn } from './try-again.ts';

/** What takes longer begins nothing more in this attempt, which has 30 s. */
const beginsWithinMs = 3_000;
/** What asked reviewers gives way to what is tried again this soon. */
const soonMs = 5_000;

/**
 * No part holds up another: the step is tried again when the first of them wants to be, and what is done already is
 * not done again, as its rows say so. Throws what Temporal tries again.
 */
export function tellInSlack(
  each: Pick<SlackActivities, 'syncSlackMessage' | 'sendDirectMessages'>,
): SlackActivities['tellInSlack'] {
  return async ({ sessionId, channels, events }) => {
    const begun = Date.now();
    const isLate = () => Date.now() - begun > beginsWithinMs;
    const inOrder = async (): Promise<void> => {
      for (const event of events) {
        if (event === 'asked') continue;
        if (isLate()) throw tryAgainIn(1, 'SlackPaced', 'more is to be told');
        await each.sendDirectMessages({ sessionId, event });
      }
    };
    const parts = [...channels.map((channel) => each.syncSlackMessage({ sessionId, channel })), inOrder()];
    const failures = await failuresOf(parts);
    if (events.includes('asked') && !failures.some((error) => delayOf(error) < soonMs)) {
      if (isLate()) throw tryAgainIn(1, 'SlackPaced', 'reviewers are told after everybody else');
      failures.push(...(await failuresOf([each.sendDirectMessages({ sessionId, event: 'asked' })])));
    }
    if (failures.length > 0) throw failures.reduce((first, error) => (delayOf(error) < delayOf(first) ? error : first));
  };
}

async function failuresOf(parts: Promise<unknown>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(parts);
  return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
}

/** When it is tried again, ms; what does not say so is no matter of Slack's, and as soon as anything. */
function delayOf(error: unknown): number {
  const delay = error instanceof ApplicationFailure ? error.nextRetryDelay : undefined;
  return delay == null ? 0 : msToNumber(delay);
}
