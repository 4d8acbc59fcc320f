/** Durations in requests; their text form is in `duration-text.ts`. */
import { z } from 'zod';
import { formatDuration, parseDuration } from './duration-text.ts';

export { formatDuration, parseDuration } from './duration-text.ts';

/** A duration in a request: text or a number of seconds; gives seconds between `min` and `max`. */
export const durationSeconds = (min: number, max: number) =>
  z.union([z.string().max(32), z.number()]).transform((value, ctx) => {
    const seconds = typeof value === 'number' ? value : parseDuration(value);
    if (seconds === null || !Number.isInteger(seconds) || seconds < min || seconds > max) {
      ctx.addIssue({
        code: 'custom',
        message: `must be a duration from ${formatDuration(min)} to ${formatDuration(max)}, as in 30m`,
      });
      return z.NEVER;
    }
    return seconds;
  });

/** As `durationSeconds`, of whole days; 0 is taken too. */
export const wholeDays = (max: number) =>
  durationSeconds(0, max * 86_400).refine((seconds) => seconds % 86_400 === 0, 'must be whole days, as in 90d');
