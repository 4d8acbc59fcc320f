import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createControlActivities } from '#activities/control/index.ts';
import { decideReview, signalOrLeaveToSweep } from '#core/decide-review.ts';
import { startSession } from '#core/start-session.ts';
import { sweepClosed } from '#core/sweep-workflows.ts';
import { workflowId } from '#shared/task-queues.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { workflowFailureErrorTypes } from '../../workers/parts/unreplayable.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { as, auditOf, stateOf } from './world.ts';

let made: TestCore;
let connection: NativeConnection;
const slow = { deadlineMs: 60_000, everyMs: 200 };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  made = await createTestCore();
  connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
}, 120_000);
afterAll(async () => {
  await connection.close();
  await made.close();
});

const at = (path: string): string => new URL(path, import.meta.url).pathname;

async function worker(workflowsPath: string): Promise<{ stop(): Promise<void> }> {
  const { core } = made;
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath: at('../../workflows/payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const polling = await Worker.create({
    connection,
    taskQueue: core.queues.control,
    workflowBundle,
    workflowFailureErrorTypes,
    activities: createControlActivities({ db: core.db }),
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const running = polling.run();
  return {
    async stop() {
      polling.shutdown();
      await running;
    },
  };
}

test('a review whose history cannot be replayed is started anew from its rows, and keeps its decisions', async () => {
  const { core } = made;
  const asker = await makeUser(core.db, 'asker@example.com');
  const [bob, carol] = [
    await makeUser(core.db, 'bob@example.com', ['sre']),
    await makeUser(core.db, 'carol@example.com', ['admin']),
  ];
  await makeConnection(core.db, (await makeAgent(core.db)).id, { name: 'two', policy: { groups: ['sre', 'admin'] } });
  const asked = { connection: 'two', kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} } as const;
  const { session } = await startSession(as(core, asker), { ...asked, args: [] });
  const handle = core.temporal.workflow.getHandle(workflowId(session.id));
  const { digest } = session;

  const odd = await worker(at('./odd-workflows.ts'));
  await eventually(
    async () => ((await handle.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes),
    { ...slow, describe: 'a history that is not of the workflow' },
  );
  await odd.stop();

  const real = await worker(at('../../workflows/index.ts'));
  const { decision } = await decideReview(as(core, bob), session.id, { verdict: 'approve', digest });
  await signalOrLeaveToSweep(core, decision);
  await eventuallyPasses(async () => {
    await sweepClosed(core, { everyMs: 0 });
    expect((await auditOf(core, `session:${session.id}`)).map(({ action }) => action)).toContain(
      'temporal.workflow_ended',
    );
  }, slow);
  expect(await stateOf(core, session.id)).toBe('pending');
  const { decision: rejected } = await decideReview(as(core, carol), session.id, {
    verdict: 'reject',
    digest,
    reason: 'no',
  });
  await signalOrLeaveToSweep(core, rejected);
  await eventuallyPasses(async () => expect(await stateOf(core, session.id)).toBe('rejected'), slow);
  await real.stop();
}, 240_000);
