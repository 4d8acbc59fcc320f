import { randomBytes } from 'node:crypto';
import { askServices } from './ask-services.ts';
import type { TestTemporal } from './services/temporal.ts';

export interface TestTemporalAccess {
  /** host:port of a real development server, shared with other test files. */
  address: string;
  namespace: 'default';
  /** Put before every task queue (HOOP_TASK_QUEUE_PREFIX), so that no other file's worker takes this file's tasks. */
  taskQueuePrefix: string;
}

/** All of a file is on one server. */
let given: Promise<TestTemporal> | undefined;

export async function useTemporal(): Promise<TestTemporalAccess> {
  given ??= askServices<TestTemporal>('/temporal');
  const { address } = await given;
  return { address, namespace: 'default', taskQueuePrefix: `t${randomBytes(4).toString('hex')}-` };
}
