/** Workflows of an outsider who may write to Temporal. */
import { proxyActivities } from '@temporalio/workflow';

/** Says at once that it has come to its end. */
export async function sessionReview(): Promise<{ state: string }> {
  return { state: 'finished' };
}

/** Schedules `execute` on the queue of an agent, with any input. */
export async function executeOnAgent(taskQueue: string, input: unknown): Promise<unknown> {
  const { execute } = proxyActivities<{ execute(input: unknown): Promise<unknown> }>({
    taskQueue,
    startToCloseTimeout: '10s',
    heartbeatTimeout: '5s',
    retry: { maximumAttempts: 2 },
  });
  return execute(input);
}

export const sessionReviewThatExecutes = executeOnAgent;
