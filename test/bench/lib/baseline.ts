/** Minimal Temporal workflows on the server that hoop uses: what any review and any run on it costs at least. */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { eventually } from '#test/support/eventually.ts';
import { now } from './clock.ts';
import type * as workflows from './baseline-workflows.ts';

export interface Baseline {
  client: Client;
  /** Start of a workflow with one activity, until its result is here. */
  startToResult(): Promise<number>;
  /** A workflow that waits for a signal: from sending it until its activity begins, and until the result is here. */
  signal(): Promise<{ toActivity: number; toResult: number }>;
  /** Starts a workflow that waits for its signal. */
  ask(shape: Shape): Promise<Waiting>;
  /** Of the baseline's worker. */
  pid: number;
  stop(): Promise<void>;
}

/** What follows the signal: an activity, or nothing. */
export type Shape = 'signalThenActivity' | 'signalOnly';

/** From sending its signal until its result is here, in milliseconds. */
export type Waiting = () => Promise<number>;

/** Started, scheduled, taken, completed: the workflow waits for its signal. */
const eventsOfWaiting = 4;

export async function startBaseline(address: string): Promise<Baseline> {
  const taskQueue = `baseline-${randomUUID()}`;
  const worker = fork(fileURLToPath(new URL('./baseline-worker.mjs', import.meta.url)), [address, taskQueue]);
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('exit', (code) => reject(new Error(`the baseline's worker ended with ${code}`)));
  });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  return {
    client,
    async startToResult() {
      const began = now();
      await client.workflow.execute<typeof workflows.oneActivity>('oneActivity', {
        taskQueue,
        workflowId: `baseline-${randomUUID()}`,
      });
      return now() - began;
    },
    async signal() {
      const handle = await client.workflow.start<typeof workflows.signalThenActivity>('signalThenActivity', {
        taskQueue,
        workflowId: `baseline-${randomUUID()}`,
      });
      await eventually(async () => ((await handle.fetchHistory()).events?.length ?? 0) >= eventsOfWaiting, {
        describe: 'the minimal workflow waits for its signal',
      });
      const result = handle.result();
      const began = now();
      await handle.signal('go');
      const activityBegan = await result;
      return { toActivity: activityBegan - began, toResult: now() - began };
    },
    async ask(shape) {
      const handle = await client.workflow.start(shape, {
        taskQueue,
        workflowId: `baseline-${randomUUID()}`,
        args: [],
      });
      return async () => {
        const result = handle.result();
        const began = now();
        await handle.signal('go');
        await result;
        return now() - began;
      };
    },
    pid: worker.pid ?? 0,
    async stop() {
      worker.kill('SIGTERM');
      await exited;
      await connection.close();
    },
  };
}
