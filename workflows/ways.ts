/** The ways of a review: those of the release that began it, to its end, as its history is replayed with them. */
import { patched } from '@temporalio/workflow';

export interface Ways {
  /**
   * Of 0.1: nobody is asked in private, what was overtaken waits on, no run is taken over, and a cancellation from
   * Temporal's side ends nothing.
   */
  readonly isOld: boolean;
  /**
   * Since 0.3: it leaves as little in Temporal as it can. Search attributes come with the start, no timer waits for an
   * agent that is there, and Slack hears of what lasts, in one activity where several things are to be told.
   */
  readonly isSparing: boolean;
}

/**
 * To be asked before anything else, and not where the ways part: a query that is answered while a local activity ends
 * can put what follows it into another workflow task than the replay does, and marks of patches are only known from
 * their own task on.
 */
export function askWays(): Ways {
  const isSparing = patched('release-0.3');
  return { isSparing, isOld: !isSparing && !patched('release-0.2') };
}
