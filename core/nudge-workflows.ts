/** Tells workflows to look at their rows again: something that no decision says changed. Kept as rows until it is told. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowId } from '#shared/task-queues.ts';
import { renewed } from '#workflows/messages.ts';
import { deleteNudge, listNudges, type Nudge } from '#db/renewals.ts';
import type { Core } from './context.ts';
import { settleWorkflow } from './settle-workflow.ts';

const batch = 200;

/** Does not wait: a Temporal that is away holds up nobody, and the sweep repeats it. */
export function nudgeSoon(core: Core, sessionIds: string[]): void {
  if (sessionIds.length === 0) return;
  nudgeWorkflows(core, { sessionIds, olderThanMs: 0 }).catch((error: Error) => {
    core.log.warn({ sessions: sessionIds.length, err: error }, 'workflows were not told of a change yet');
  });
}

/** Those of `sessionIds`, or all that have waited for `olderThanMs`. Gives how many were told. */
export async function nudgeWorkflows(
  core: Core,
  which: { sessionIds?: string[]; olderThanMs: number },
): Promise<number> {
  const nudges = await listNudges(core.db, { ...which, limit: which.sessionIds?.length ?? batch });
  for (const nudge of nudges) await tell(core, nudge);
  return nudges.length;
}

async function tell(core: Core, nudge: Nudge): Promise<void> {
  const { sessionId } = nudge;
  try {
    await core.temporal.workflow.getHandle(workflowId(sessionId)).signal(renewed, sessionId);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // not started yet, or over: what became of it decides what becomes of its session
    await settleWorkflow(core, sessionId);
  }
  await deleteNudge(core.db, nudge);
}
