/** Process of the baseline: a worker like hoop's own, with a prebuilt bundle and one activity that says when it began. */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { now } from './clock.ts';

const activities = { begin: async (): Promise<number> => now() };
export type BaselineActivities = typeof activities;

const [address = '', taskQueue = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace: 'default',
  taskQueue,
  workflowBundle: { codePath: fileURLToPath(new URL('./baseline-bundle.js', import.meta.url)) },
  activities,
  maxCachedWorkflows: 200,
});
const stop = () => worker.getState() === 'RUNNING' && worker.shutdown();
process.on('SIGTERM', stop);
process.on('disconnect', stop);
const running = worker.run();
process.send?.({ type: 'ready' });
await running;
await connection.close();
process.exit(0);
