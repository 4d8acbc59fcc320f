/** The Temporal worker: workflows with their control activities, and the Slack activities on a queue of their own. */
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { formatListen } from '#config/environment.ts';
import { serverConfig } from '#config/server.ts';
import { createControlActivities } from '#activities/control/index.ts';
import { createSlackActivities } from '#activities/slack/index.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { openCore } from './parts/core.ts';
import { runProcess } from './parts/process.ts';
import { registerSearchAttributes } from './parts/search-attributes.ts';
import { startSweeper } from './parts/sweeper.ts';
import { workflowFailureErrorTypes } from './parts/unreplayable.ts';
import { version } from './parts/version.ts';
import { holdWorkerLease } from './parts/worker-lease.ts';
import { leadWithBuild, readBuildId, versioned, workerBuild } from './parts/worker-build.ts';

/** An evicted workflow answers 6 ms later than a cached one, and each cached one costs about half a megabyte. */
const maxCachedWorkflows = 200;

await runProcess('worker', async (openLog) => {
  const config = serverConfig();
  const log = openLog(config.logLevel);
  const publicUrl = config.publicUrl ?? `http://${formatListen(config.listen)}`;
  const { core, connection, namespace, close } = await openCore(config, publicUrl, log);
  await registerSearchAttributes(connection, namespace);
  const codePath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  const buildId = await readBuildId(version, [codePath, fileURLToPath(import.meta.url)]);
  const build = workerBuild(core.queues.control, buildId);
  const control = await Worker.create({
    connection,
    namespace,
    taskQueue: core.queues.control,
    workflowBundle: { codePath },
    workerDeploymentOptions: versioned(build),
    activities: createControlActivities({ db: core.db }),
    maxCachedWorkflows,
    workflowFailureErrorTypes,
    // after the death of a worker the next signal would otherwise wait 10 s for it
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: '1s',
  });
  const slack = await Worker.create({
    connection,
    namespace,
    taskQueue: core.queues.slack,
    // what posts for a review is of the build that tells it to
    workerDeploymentOptions: versioned(build),
    activities: createSlackActivities({ db: core.db, openTokens: () => openSlackTokens(core), log, publicUrl }),
    // each may wait 10 s for Slack; a channel has about as many calls on their way then
    maxConcurrentActivityTaskExecutions: 50,
    shutdownGraceTime: '1s',
  });
  const running = Promise.all([control.run(), slack.run()]);
  running.catch((error: Error) => {
    log.fatal({ err: error }, 'the worker failed');
    process.exit(1);
  });
  const stopLeading = await leadWithBuild({
    client: core.temporal,
    build,
    controlQueue: core.queues.control,
    log,
  });
  const stopSweeper = startSweeper(core);
  const lease = holdWorkerLease(core, { pid: process.pid, version, build: buildId });
  return {
    details: { taskQueue: core.queues.control, build: buildId },
    async stop() {
      await stopLeading();
      await stopSweeper();
      control.shutdown();
      slack.shutdown();
      await running;
      // last: it waits for Postgres, which may be away, and what people are shown is the least of it
      await lease.release();
      await close();
    },
  };
});
