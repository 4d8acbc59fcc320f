/**
 * What a `sessionReview` workflow is told and can be asked. Signals carry the id of a row of `decisions` and nothing
 * else: the workflow loads the rows, and an id without a row changes nothing.
 */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Standing } from '#shared/review-policy.ts';

export interface SessionRef {
  sessionId: string;
  /** Prefix of the task queues, so that the workflow finds the agents and the Slack queue of its installation. */
  queuePrefix: string;
}

export const approve = defineSignal<[decisionId: string]>('approve');
export const reject = defineSignal<[decisionId: string]>('reject');
export const cancel = defineSignal<[decisionId: string]>('cancel');
export const revoke = defineSignal<[decisionId: string]>('revoke');

/**
 * The command runs, and not just for a moment. Carries the session's id; whether it is true, the rows say. Lets
 * operators and Slack see `running` without a further step for short commands.
 */
export const started = defineSignal<[sessionId: string]>('started');

/**
 * The connection, or somebody who approved, is not what it was. Carries the session's id; the rows say what became of
 * the session. Releases before take it for an unknown name.
 */
export const renewed = defineSignal<[sessionId: string]>('renewed');

/** Where the review stands, for operators: `temporal workflow query --type progress`. */
export const progress = defineQuery<{ state: string; standing: Standing | null }>('progress');

export { searchAttributes } from './search-attributes.ts';
export { workflowType } from '#shared/task-queues.ts';
