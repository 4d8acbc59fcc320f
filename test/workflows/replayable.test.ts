/** Whatever comes at whatever moment, a worker that has to begin a review anew from its history can go on with it. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createControlActivities } from '#activities/control/index.ts';
import type { ExecuteActivities, SlackActivities } from '#activities/types.ts';
import type { Context } from '#core/context.ts';
import { cancelSession, decideReview, signalDecision } from '#core/decide-review.ts';
import { startSession } from '#core/start-session.ts';
import { setConnectionPlugin } from '#db/connections.ts';
import { saveExit } from '#db/runs.ts';
import type { SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { workflowId } from '#shared/task-queues.ts';
import { HoopError } from '#shared/errors.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { consumeForTest } from './consume-for-test.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { seededRun, type Seeded } from '../support/seeded.ts';

const run = seededRun('replayable', 24);

let made: TestCore;
let connection: NativeConnection;
let workflowBundle: WorkflowBundle;
let people: { asker: UserRow; bob: UserRow };

beforeAll(async () => {
  made = await createTestCore();
  const { db } = made.core;
  people = { asker: await makeUser(db, 'asker@example.com'), bob: await makeUser(db, 'bob@example.com', ['sre']) };
  const agent = await makeAgent(db);
  for (const [name, expireSeconds] of [
    ['bash', 600],
    ['brief', 2],
  ] as const) {
    const id = await makeConnection(db, agent.id, { name, policy: { groups: ['sre'] }, expireSeconds });
    await setConnectionPlugin(db, id, { name: 'slack', channels: ['#ops', '#sre'], channelIds: ['C1', 'C2'] });
  }
  connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const at = (path: string): string => fileURLToPath(new URL(`../../workflows/${path}`, import.meta.url));
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: at('index.ts'),
    payloadConverterPath: at('payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
}, 120_000);
afterAll(async () => {
  await connection.close();
  await made.close();
});

const as = (user: UserRow): Context => ({ core: made.core, actor: { kind: 'user', user, via: 'api' } });

/** Slack that is slow, refuses and comes back: what is under way is overtaken again and again. */
function slackOf(random: Seeded): SlackActivities {
  const work = async (): Promise<void> => {
    await pause(random.below(60));
    if (random.chance(0.4))
      throw ApplicationFailure.create({ message: 'away', nextRetryDelay: random.below(800) + 50 });
  };
  return {
    syncSlackMessage: () => work().then(() => ({ revision: 1, settled: true })),
    sendDirectMessages: work,
    tellInSlack: work,
  };
}

const execute: ExecuteActivities['execute'] = async ({ sessionId }) => {
  const { nonce } = await consumeForTest(made.core, sessionId).catch((error: Error) => {
    throw ApplicationFailure.nonRetryable(error.message, error instanceof HoopError ? error.code : 'internal');
  });
  const exit = { exitCode: 0, signal: null, outputBytes: 0, durationMs: 1, message: '' };
  await saveExit(made.core.db, sessionId, { type: 'exited', sessionId, nonce, reason: 'exit', ...exit });
  return { reason: 'exit' };
};

async function decide(session: SessionRow, verdict: 'approve' | 'reject' | 'cancel'): Promise<void> {
  try {
    const { decision } =
      verdict === 'cancel'
        ? await cancelSession(as(people.asker), session.id)
        : await decideReview(as(people.bob), session.id, { verdict, digest: session.digest, reason: 'because' });
    await signalDecision(made.core, decision);
  } catch (error) {
    if (!(error instanceof HoopError)) throw error; // who came late is told
  }
}

/** Asks, decides once or twice at moments of chance, and gives the id of the workflow once it is over. */
async function review(random: Seeded): Promise<string> {
  const name = random.chance(0.2) ? 'brief' : 'bash';
  const asked = { connection: name, kind: 'exec', scriptEncoding: 'utf8', args: [] as string[], env: {} } as const;
  const { session } = await startSession(as(people.asker), { ...asked, args: [] });
  const first = random.pick(['approve', 'approve', 'reject', 'cancel'] as const);
  if (name === 'bash' || random.chance(0.5)) {
    await pause(random.below(400));
    await Promise.all([decide(session, first), random.chance(0.5) ? decide(session, 'reject') : undefined]);
  }
  const id = workflowId(session.id);
  await made.core.temporal.workflow.getHandle(id).result();
  return id;
}

test('the history of every review replays, however Slack fares and whenever it is decided', async () => {
  const { queues, temporal, db } = made.core;
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: queues.control,
      workflowBundle,
      activities: createControlActivities({ db }),
      maxCachedWorkflows: 3, // most tasks begin with a replay
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({ connection, taskQueue: queues.agent('default'), activities: { execute } }),
    Worker.create({ connection, taskQueue: queues.slack, activities: { ...slackOf(run.of(-1)) } }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const ids = await Promise.all(run.indexes().map((index) => review(run.of(index))));
  workers.forEach((worker) => worker.shutdown());
  await running;

  const histories = await Promise.all(
    ids.map(async (id) => ({ workflowId: id, history: await temporal.workflow.getHandle(id).fetchHistory() })),
  );
  const broken: string[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (result.error) broken.push(`${result.workflowId}: ${result.error.message}`);
  }
  expect(broken).toEqual([]);
}, 300_000);
