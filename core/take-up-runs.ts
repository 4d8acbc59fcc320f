/**
 * Runs of an agent that has dialled in again are taken up at once. The gateway that held its line before may have died,
 * or not know yet that the line is dead: Temporal would wait until that gateway's heartbeats are missed.
 */
import { ActivityNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { workflowId } from '#shared/task-queues.ts';
import { listOpenRuns } from '#db/runs.ts';
import type { Core } from './context.ts';

/** Of `PendingActivityInfo`: an attempt is on some worker. */
const started = 2;

/** How the workers of a gateway that poll for agents name themselves to Temporal. */
export const workerIdentity = (gatewayId: string): string => `hoop-gateway-${gatewayId}`;

/**
 * The instance has dialled in at this gateway: ends the attempts that other gateways hold of its runs, so that Temporal
 * begins the next ones, here. An attempt that was ended needlessly is only made again: the order it brings is the same.
 */
export async function takeUpRuns(core: Core, gatewayId: string, instanceId: string): Promise<void> {
  for (const sessionId of await listOpenRuns(core.db, instanceId)) {
    await endAttempt(core, gatewayId, sessionId).catch((error: unknown) => {
      // its gateway was faster, or its workflow has ended and is being started anew
      if (error instanceof ActivityNotFoundError || error instanceof WorkflowNotFoundError) return;
      core.log.warn({ sessionId, err: error }, 'a run could not be taken up at once');
    });
  }
}

async function endAttempt(core: Core, gatewayId: string, sessionId: string): Promise<void> {
  const { raw } = await core.temporal.workflow.getHandle(workflowId(sessionId)).describe();
  const attempt = raw.pendingActivities?.find(
    ({ activityType, state }) => activityType?.name === 'execute' && state === started,
  );
  if (!attempt?.activityId || attempt.lastWorkerIdentity === workerIdentity(gatewayId)) return;
  await core.temporal.activity.fail(
    { workflowId: workflowId(sessionId), activityId: attempt.activityId },
    ApplicationFailure.retryable('the agent has dialled in elsewhere', 'agent_returned'),
  );
  core.log.info({ sessionId }, 'a run is taken up on the new line of its agent');
}
