/**
 * A session whose workflow does not go on: what became of the workflow decides what becomes of it.
 * Ended by hand, it is cancelled when nothing has run yet; a run that was consumed gets a new workflow, which takes the
 * command over. Temporal is only asked here where there is reason to.
 */
import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import { tallyReview } from '#shared/review-policy.ts';
import { workflowId } from '#shared/task-queues.ts';
import { workflowType } from '#workflows/messages.ts';
import { findSession } from '#db/sessions.ts';
import { countRestarts, forgetWorkflow } from '#db/sweep.ts';
import type { Core } from './context.ts';
import { endMessage } from './end-message.ts';
import { finishSession, type ProposedEnd } from './finish-session.ts';
import { noteForgery } from './note-forgery.ts';
import { loadReview } from './review-facts.ts';
import { startWorkflow } from './start-session.ts';

/**
 * `started`: it had ended by a fault, or Temporal had lost it; `replaced`: something else held its id; `ended`: the
 * session has its end, and a workflow that shows it.
 */
export type Settled = 'runs' | 'started' | 'replaced' | 'ended';

/** Reasons in words, by the status that Temporal gives a workflow which somebody ended. */
const byHand: Record<string, string | undefined> = {
  TERMINATED: 'Its workflow was terminated by an operator in Temporal.',
  CANCELLED: 'Its workflow was cancelled by an operator in Temporal.',
  TIMED_OUT: 'Its workflow ran into a time limit that was set in Temporal.',
};
/** A workflow that comes to no end of its session as often as this will not come to one by another start. */
const restartsAtMost = 3;

/** Brings one session on. Safe to repeat, and for several replicas at once. */
export async function settleWorkflow(core: Core, sessionId: string): Promise<Settled> {
  const latest = await latestRun(core, sessionId);
  const session = await findSession(core.db, sessionId);
  if (!session) return 'ended';
  if (latest?.status.name === 'RUNNING') return keepOrReplace(core, sessionId, latest);
  const hasEnded = session.endedAt !== null;
  if (hasEnded && (!latest || latest.status.name === 'COMPLETED')) return 'ended';
  const reason = hasEnded ? undefined : byHand[latest?.status.name ?? ''];
  if (reason !== undefined) return endOrTakeOver(core, sessionId, 'cancelled', reason);
  if (latest && (await countRestarts(core.db, sessionId)) >= restartsAtMost) {
    if (hasEnded) return 'ended';
    return endOrTakeOver(core, sessionId, 'failed', 'Its workflow in Temporal came to no end of it; ask again.');
  }
  await startWorkflow(core, sessionId, 'again');
  return 'started';
}

async function keepOrReplace(core: Core, sessionId: string, held: WorkflowExecutionDescription): Promise<Settled> {
  const { type, taskQueue, runId: run } = held;
  if (type === workflowType && taskQueue === core.queues.control) return 'runs';
  await noteForgery(core.db, { kind: 'temporal.foreign_workflow', sessionId, details: { type, taskQueue, run } });
  await startWorkflow(core, sessionId, 'instead');
  return 'replaced';
}

/** The last run of the session's workflow id, whatever it is; undefined when Temporal knows none. */
async function latestRun(core: Core, sessionId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await core.temporal.workflow.getHandle(workflowId(sessionId)).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Ends the session unless its run was consumed: as somebody had stopped it already, else as proposed. In both cases a
 * new workflow follows: it goes on with the run, or shows the end in Slack and has it as its own result.
 */
async function endOrTakeOver(
  core: Core,
  sessionId: string,
  state: 'cancelled' | 'failed',
  message: string,
): Promise<Settled> {
  await forgetWorkflow(core.db, sessionId);
  const end = (await stoppedBefore(core, sessionId)) ?? { state, message, cause: 'workflow_ended' };
  const { applied } = await finishSession(core.db, sessionId, { ...end, source: 'review' });
  await startWorkflow(core, sessionId, 'again');
  return applied ? 'ended' : 'started';
}

/** The end that a decision or the expiry gave it already, though its workflow never heard of it. */
async function stoppedBefore(core: Core, sessionId: string): Promise<Omit<ProposedEnd, 'source'> | undefined> {
  const session = await findSession(core.db, sessionId);
  if (!session) return undefined;
  const { decisions, ...facts } = await loadReview(core.db, session);
  const { outcome, settledBy } = tallyReview({ ...facts, decisions });
  const by = decisions.find((decision) => decision.id === settledBy);
  if (outcome !== 'open' && outcome !== 'approved') {
    return { state: outcome, message: endMessage(session, outcome, by, null) };
  }
  if (session.expiresAt > core.now()) return undefined;
  return { state: 'expired', message: endMessage(session, 'expired', undefined, null) };
}
