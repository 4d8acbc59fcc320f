import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context as CoreContext } from '#core/context.ts';
import { startSession } from '#core/start-session.ts';
import { takeUpRuns, workerIdentity } from '#core/take-up-runs.ts';
import { findRun } from '#db/runs.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { createWorkflowWorld, finishWith, type WorkflowWorld } from '../workflows/world.ts';
import { consumeForTest } from '../workflows/consume-for-test.ts';

const asked = {
  connection: 'free',
  kind: 'exec',
  script: '',
  scriptEncoding: 'utf8',
  args: [] as string[],
  env: {},
} as const;

const thisGateway = randomUUID();

let world: WorkflowWorld;
let as: CoreContext;

beforeAll(async () => {
  world = await createWorkflowWorld(['default'], undefined, workerIdentity(thisGateway));
  const user = await makeUser(world.core.db, 'asker@example.com');
  const agent = await makeAgent(world.core.db);
  await makeConnection(world.core.db, agent.id, { name: 'free' });
  as = { core: world.core, actor: { kind: 'user', user, via: 'api' } };
}, 120_000);
afterAll(() => world?.close());

/** As a gateway that holds a run and does not know that its line is dead: it beats for as long as it is let. */
async function heldRun(): Promise<{ sessionId: string; instanceId: string; letGo: Promise<void> }> {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  world.execute = async ({ sessionId }) => {
    await consumeForTest(world.core, sessionId);
    world.execute = finishWith(world, 0);
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    await context.cancelled.catch(() => undefined);
    clearInterval(beat);
    letGo();
    throw new Error('let go');
  };
  const { session } = await startSession(as, { ...asked, id: randomUUID() });
  const run = await eventually(() => findRun(world.core.db, session.id), { describe: 'a run that is held' });
  return { sessionId: session.id, instanceId: run.agentInstanceId, letGo: gone };
}

test('a run whose gateway goes on beating is taken up where its agent dials in', async () => {
  const { sessionId, instanceId, letGo } = await heldRun();
  await takeUpRuns(world.core, randomUUID(), instanceId);
  expect(await world.result(sessionId)).toEqual({ state: 'finished' });
  await letGo;
});

test('one that this very gateway has taken already is left alone', async () => {
  const { sessionId, instanceId } = await heldRun();
  const attempts = async () =>
    (await world.core.temporal.workflow.getHandle(`session-${sessionId}`).describe()).raw.pendingActivities ?? [];
  await takeUpRuns(world.core, thisGateway, instanceId);
  expect(await attempts()).toMatchObject([{ attempt: 1, lastWorkerIdentity: workerIdentity(thisGateway) }]);
  await takeUpRuns(world.core, randomUUID(), instanceId);
  expect(await world.result(sessionId)).toEqual({ state: 'finished' });
});
