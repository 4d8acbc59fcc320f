/** A `sessionReview` of an outsider who may write to Temporal: it asks an agent at once, whatever the rows say. */
import { CancellationScope, proxyActivities, sleep } from '@temporalio/workflow';

interface Input {
  sessionId: string;
  /** Task queue of an agent. */
  executeOn: string;
  cancelAfterMs?: number;
}

export async function sessionReview({ sessionId, executeOn, cancelAfterMs }: Input): Promise<unknown> {
  const { execute } = proxyActivities<{ execute(input: { sessionId: string }): Promise<unknown> }>({
    taskQueue: executeOn,
    startToCloseTimeout: '30s',
    heartbeatTimeout: '5s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
  const scope = new CancellationScope();
  if (cancelAfterMs !== undefined) void sleep(cancelAfterMs).then(() => scope.cancel());
  return scope.run(() => execute({ sessionId }));
}
