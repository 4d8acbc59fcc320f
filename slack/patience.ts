/** Slack asks to slow down while an admin waits: that is waited for, within bounds. */
import { setTimeout as delay } from 'node:timers/promises';
import { slackFailure } from '#core/slack-client.ts';

/** Calls again after `Retry-After`, as long as all waits together stay below `totalMs`; else throws what came. */
export function createPatience(totalMs: number): <T>(call: () => Promise<T>) => Promise<T> {
  let left = totalMs;
  return async (call) => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const failure = slackFailure(error);
        const pause = failure.kind === 'rate_limited' ? failure.retryAfterSeconds * 1_000 : Infinity;
        if (pause > left) throw error;
        left -= pause;
        await delay(pause);
      }
    }
  };
}
