import { randomBytes } from 'node:crypto';
import { askServices } from './ask-services.ts';
import type { TestTemporal } from './services/temporal.ts';

export interface TestTemporalAccess {
  /** host:port of a real development server, shared by all test files. */
  address: string;
  namespace: 'default';
  /** Put before every task queue (HOOP_TASK_QUEUE_PREFIX), so that no other file's worker takes this file's tasks. */
  taskQueuePrefix: string;
}

export async function useTemporal(): Promise<TestTemporalAccess> {
  const { address } = await askServices<TestTemporal>('/temporal');
  return { address, namespace: 'default', taskQueuePrefix: `t${randomBytes(4).toString('hex')}-` };
}
