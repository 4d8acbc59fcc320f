/** How long a reviewer allows a grant to last, as they wrote it. */
import { grantLimits } from '#shared/api-schemas.ts';
import { formatDuration, parseDuration } from '#shared/duration-text.ts';

export interface Allowed {
  /** Undefined: all that was asked for. */
  seconds: number | undefined;
  /** What is wrong with the text, as a sentence. */
  problem: string | null;
}

/** `asked`: seconds; null: it is no grant, and nothing was written. */
export function readAllowed(text: string, asked: number | null): Allowed {
  if (asked === null || text.trim() === '') return { seconds: undefined, problem: null };
  const seconds = parseDuration(text);
  if (seconds === asked) return { seconds: undefined, problem: null };
  if (seconds !== null && seconds >= grantLimits.fewestSeconds && seconds < asked) return { seconds, problem: null };
  const [fewest, most] = [formatDuration(grantLimits.fewestSeconds), formatDuration(asked)];
  return { seconds: undefined, problem: `Write a duration from ${fewest} to ${most}, as in 10m.` };
}
