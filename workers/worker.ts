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

/** An evicted workflow answers 6 ms later than a cached one, and each cached one costs about half a megabyte. */
const maxCachedWorkflows = 200;

await runProcess('worker', async (openLog) => {
  const config = serverConfig();
  const log = openLog(config.logLevel);
  const publicUrl = config.publicUrl ?? `http://${formatListen(config.listen)}`;
  const { core, connection, namespace, close } = await openCore(config, publicUrl, log);
  await registerSearchAttributes(connection, namespace);
  const control = await Worker.create({
    connection,
    namespace,
    taskQueue: core.queues.control,
    workflowBundle: { codePath: fileURLToPath(new URL('./workflow-bundle.js', import.meta.url)) },
    activities: createControlActivities({ db: core.db }),
    maxCachedWorkflows,
    // after the death of a worker the next signal would otherwise wait 10 s for it
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: '1s',
  });
  const slack = await Worker.create({
    connection,
    namespace,
    taskQueue: core.queues.slack,
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
  const stopSweeper = startSweeper(core);
  return {
    details: { taskQueue: core.queues.control },
    async stop() {
      await stopSweeper();
      control.shutdown();
      slack.shutdown();
      await running;
      await close();
    },
  };
});
