import { workflowType } from '#workflows/messages.ts';

/**
 * A review whose history cannot be replayed would be stuck for ever. It fails instead, and the sweep starts it anew from
 * its rows, which have all that counts.
 */
export const workflowFailureErrorTypes = { '*': [], [workflowType]: ['NondeterminismError'] };
