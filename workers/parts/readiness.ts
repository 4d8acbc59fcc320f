/** What `GET /readyz` says: the names of the parts that do not answer. */
import type { NativeConnection } from '@temporalio/worker';
import type { Core } from '#core/context.ts';

const answerWithinMs = 2000;

export interface ReadinessOptions {
  core: Core;
  connection: NativeConnection;
  namespace: string;
}

export function createReadiness({ core, connection, namespace }: ReadinessOptions): () => Promise<string[]> {
  const checks: Record<string, () => Promise<unknown>> = {
    postgres: () => core.db.query('select 1'),
    temporal: () => connection.workflowService.describeNamespace({ namespace }),
    worker: async () => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: core.queues.control },
        taskQueueType: 1,
      });
      if (!pollers?.length) throw new Error('no worker polls');
    },
  };
  return async () => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const timeout = new Promise<never>((_, reject) =>
          setTimeout(reject, answerWithinMs, new Error('no answer')).unref(),
        );
        return Promise.race([check(), timeout]).then(
          () => null,
          () => name,
        );
      }),
    );
    return results.filter((name) => name !== null);
  };
}
