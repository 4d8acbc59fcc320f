/** Who asks an activity is whatever writes to Temporal: it is asked only by the workflow of the session it names. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { sessionIdOf, workflowType } from '#shared/task-queues.ts';
import { noteForgery, type Forgery } from '#core/note-forgery.ts';
import type { Database } from '#db/pool.ts';

/**
 * The session of the workflow that asks, which has to be the one of its `input`. Anything else is kept in the audit
 * log and refused for good.
 */
export async function callersSession(db: Database, kind: Forgery['kind'], input: unknown): Promise<string> {
  const { workflowExecution, workflowType: type } = Context.current().info;
  const workflow = workflowExecution?.workflowId ?? '';
  const caller = sessionIdOf(workflow);
  const named = typeof input === 'object' && input !== null && 'sessionId' in input ? input.sessionId : undefined;
  if (caller !== undefined && caller === named && type === workflowType) return caller;
  const details = { workflow, type: type ?? '', named: typeof named === 'string' ? named : '' };
  await noteForgery(db, { kind, details });
  throw ApplicationFailure.nonRetryable('this is not asked by the workflow of the session', 'not_found');
}
