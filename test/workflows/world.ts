/** Workers of every queue around a test core: the real control activities, a stand-in for gateways, and Slack that listens. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { createControlActivities } from '#activities/control/index.ts';
import { queuedMeanwhile } from '#activities/queued-meanwhile.ts';
import type { ControlActivities, ExecuteActivities, NoticeEvent } from '#activities/types.ts';
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import { workflowId } from '#shared/task-queues.ts';
import { searchAttributes } from '#workflows/search-attributes.ts';
import { saveExit } from '#db/runs.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { consumeForTest } from './consume-for-test.ts';

export interface WorkflowWorld extends TestCore {
  /** What gateways do with an order to execute on the agent of that name; set by each test that gets so far. */
  execute: (key: { sessionId: string; envelopeVersion?: number }, agent: string) => Promise<{ reason: string }>;
  /** What was to be shown in which channel, and who was to be told what; in order. */
  slack: { sessionId: string; what: string }[];
  result(sessionId: string): Promise<{ state: string }>;
  /** Where its workflow says that the session stands. */
  stateOf(sessionId: string): Promise<string>;
}

const source = (path: string): string => fileURLToPath(new URL(`../../workflows/${path}`, import.meta.url));

/** `over`: control activities that a test sees through its own eyes; `identity`: of the workers, to Temporal. */
export async function createWorkflowWorld(
  agents: string[],
  over: (real: ControlActivities) => Partial<ControlActivities> = () => ({}),
  identity?: string,
): Promise<WorkflowWorld> {
  const made = await createTestCore();
  const { core } = made;
  const connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: source('index.ts'),
    payloadConverterPath: source('payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const control = createControlActivities({ db: core.db });
  const slack: WorkflowWorld['slack'] = [];
  const world: WorkflowWorld = {
    ...made,
    execute: () => Promise.reject(new Error('execute was reached')),
    slack,
    result: (id) => core.temporal.workflow.getHandle(workflowId(id)).result() as Promise<{ state: string }>,
    stateOf: async (id) => {
      const { typedSearchAttributes } = await core.temporal.workflow.getHandle(workflowId(id)).describe();
      return typedSearchAttributes.get(searchAttributes.state) ?? 'none';
    },
    close: async () => {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await connection.close();
      await made.close();
    },
  };
  const gateway = (agent: string): ExecuteActivities => ({
    execute: (key) => queuedMeanwhile(core, key.sessionId, async () => world.execute(key, agent)),
  });
  const listen = {
    syncSlackMessage: ({ sessionId, channel }: { sessionId: string; channel: string }) => {
      slack.push({ sessionId, what: channel });
      return { revision: 1, settled: true };
    },
    sendDirectMessages: ({ sessionId, event }: { sessionId: string; event: NoticeEvent }) => {
      slack.push({ sessionId, what: event });
    },
    tellInSlack: ({
      sessionId,
      channels,
      events,
    }: {
      sessionId: string;
      channels: string[];
      events: NoticeEvent[];
    }) => {
      slack.push(...[...channels, ...events].map((what) => ({ sessionId, what })));
    },
  };
  const queues: { taskQueue: string; workflowBundle?: typeof workflowBundle; activities: object }[] = [
    { taskQueue: core.queues.control, workflowBundle, activities: { ...control, ...over(control) } },
    { taskQueue: core.queues.slack, activities: listen },
    ...agents.map((agent) => ({ taskQueue: core.queues.agent(agent), activities: gateway(agent) })),
  ];
  const workers = await Promise.all(
    queues.map((queue) => Worker.create({ connection, ...(identity && { identity }), ...queue })),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return world;
}

/** An agent's report of the end. */
export function exitOf(sessionId: string, nonce: string, end: Partial<ExitedFrame>): ExitedFrame {
  const frame = { type: 'exited', sessionId, nonce, reason: 'exit', exitCode: null, signal: null } as const;
  return { ...frame, outputBytes: 0, durationMs: 1, message: '', ...end };
}

/** As a gateway whose agent runs the command at once. */
export const finishWith =
  (world: WorkflowWorld, exitCode: number): WorkflowWorld['execute'] =>
  async ({ sessionId, envelopeVersion }, agent) => {
    const { nonce } = await consumeForTest(world.core, sessionId, { agent, envelopeVersion });
    await saveExit(world.core.db, sessionId, exitOf(sessionId, nonce, { reason: 'exit', exitCode }));
    return { reason: 'exit' };
  };
