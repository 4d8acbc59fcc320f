/**
 * A worker with the workflows of any release and the activities of today, in a process of its own so that it can be
 * killed. With BUILD_ID it polls as that build and leads with it, as `workers/worker.ts` does; without, as 0.1 did.
 */
import { readFile } from 'node:fs/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createControlActivities } from '#activities/control/index.ts';
import { openDatabase } from '#db/pool.ts';
import { taskQueues } from '#shared/task-queues.ts';
import { leadWithBuild, versioned, workerBuild } from '#workers/parts/worker-build.ts';

const { DATABASE_URL = '', TEMPORAL_ADDRESS = '', QUEUE_PREFIX = '', BUNDLE = '', BUILD_ID = '' } = process.env;
const queues = taskQueues(QUEUE_PREFIX);
const build = BUILD_ID ? workerBuild(queues.control, BUILD_ID) : null;
const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS });
const db = openDatabase({ url: DATABASE_URL });
const common = {
  connection,
  identity: BUILD_ID || 'unversioned',
  shutdownGraceTime: '1s',
  ...(build ? { workerDeploymentOptions: versioned(build) } : {}),
} as const;
const control = await Worker.create({
  ...common,
  taskQueue: queues.control,
  workflowBundle: { code: await readFile(BUNDLE, 'utf8') },
  activities: createControlActivities({ db }),
  maxCachedWorkflows: 200,
  stickyQueueScheduleToStartTimeout: '1s',
});
const slack = await Worker.create({
  ...common,
  taskQueue: queues.slack,
  activities: {
    syncSlackMessage: () => ({ revision: 1, settled: true }),
    sendDirectMessages: () => undefined,
    tellInSlack: () => undefined,
  },
});
const running = Promise.all([control.run(), slack.run()]);
const stopLeading = build
  ? await leadWithBuild({
      client: new Client({ connection }),
      build,
      controlQueue: queues.control,
      log: pino({ level: 'info' }),
      lookEveryMs: 250,
      ...(process.env['GONE_AFTER_MS'] ? { goneAfterMs: Number(process.env['GONE_AFTER_MS']) } : {}),
    })
  : undefined;
console.log('ready');
await running; // until SIGTERM
await stopLeading?.();
await connection.close();
await db.end();
