import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { Context as ActivityContext } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlActivities } from '#activities/control/index.ts';
import type { ExecuteActivities } from '#activities/types.ts';
import type { Context, Core } from '#core/context.ts';
import { cancelSession, decideReview, signalDecision } from '#core/decide-review.ts';
import { signalStarted } from '#core/signal-started.ts';
import { startSession } from '#core/start-session.ts';
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import { workflowId } from '#shared/task-queues.ts';
import { setConnectionPlugin } from '#db/connections.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { saveExit } from '#db/runs.ts';
import type { UserRow } from '#db/users.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { consumeForTest } from './consume-for-test.ts';
import { recordHistory } from './record-histories.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let connection: NativeConnection;
let workers: Worker[];
let running: Promise<unknown>;
let asker: UserRow;
let bob: UserRow;
/** What the stand-in for the gateway's `execute` does with a session; set by each test that gets so far. */
let execute: ExecuteActivities['execute'];

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com');
  bob = await makeUser(core.db, 'bob@example.com', ['sre']);
  const agent = await makeAgent(core.db);
  await makeConnection(core.db, agent.id, { name: 'free' });
  const bash = await makeConnection(core.db, agent.id, { name: 'bash', policy: { groups: ['sre'] } });
  await setConnectionPlugin(core.db, bash, { name: 'slack', channels: ['#ops', '#sre'], channelIds: ['C1', 'C2'] });
  const away = await makeAgent(core.db, 'away');
  await makeConnection(core.db, away.id, { name: 'far', policy: { groups: ['sre'] } });
  await makeConnection(core.db, agent.id, { name: 'brief', policy: { groups: ['sre'] }, expireSeconds: 1 });
  connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const payloadConverterPath = fileURLToPath(new URL('../../workflows/payload-converter.ts', import.meta.url));
  const logger = new DefaultLogger('WARN');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, payloadConverterPath, logger });
  workers = [
    await Worker.create({
      connection,
      taskQueue: core.queues.control,
      workflowBundle,
      activities: createControlActivities({ db: core.db }),
    }),
    await Worker.create({
      connection,
      taskQueue: core.queues.agent('default'),
      activities: { execute: (key: { sessionId: string }) => execute(key) },
    }),
    await Worker.create({
      connection,
      taskQueue: core.queues.slack,
      activities: {
        syncSlackMessage: () => ({ revision: 1, settled: true }),
        sendDirectMessages: () => undefined,
        tellInSlack: () => undefined,
      },
    }),
  ];
  running = Promise.all(workers.map((worker) => worker.run()));
}, 120_000);

afterAll(async () => {
  workers.forEach((worker) => worker.shutdown());
  await running;
  await connection.close();
  await made.close();
});

const ask = async (name: string): Promise<SessionRow> =>
  (await startSession(as(asker), { connection: name, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} }))
    .session;
const result = (session: SessionRow) =>
  core.temporal.workflow
    .getHandle(workflowId(session.id))
    .result()
    .finally(() =>
      recordHistory(core.temporal, workflowId(session.id), expect.getState().currentTestName ?? session.id),
    ) as Promise<{ state: string }>;
/** An agent's report of the end. */
const exitOf = (sessionId: string, nonce: string, end: Partial<ExitedFrame>): ExitedFrame => ({
  type: 'exited',
  sessionId,
  nonce,
  reason: 'exit',
  exitCode: null,
  signal: null,
  outputBytes: 0,
  durationMs: 1,
  message: '',
  ...end,
});
const finishWith =
  (exitCode: number): ExecuteActivities['execute'] =>
  async ({ sessionId }) => {
    const { nonce } = await consumeForTest(core, sessionId);
    await saveExit(core.db, sessionId, exitOf(sessionId, nonce, { reason: 'exit', exitCode }));
    return { reason: 'exit' };
  };
const notCalled: ExecuteActivities['execute'] = () => {
  throw ApplicationFailure.nonRetryable('execute was reached');
};

describe('sessionReview', () => {
  test('a connection without reviewers runs at once and keeps the exit status', async () => {
    execute = finishWith(7);
    const session = await ask('free');
    expect(await result(session)).toEqual({ state: 'finished' });
    expect(await findSession(core.db, session.id)).toMatchObject({ state: 'finished', exitCode: 7 });
  });

  test('an approval of the asked group runs it', async () => {
    execute = finishWith(0);
    const session = await ask('bash');
    const { decision } = await decideReview(as(bob), session.id, { verdict: 'approve', digest: session.digest });
    await signalDecision(core, decision);
    expect(await result(session)).toEqual({ state: 'finished' });
  });

  test('a rejection ends it with who and why, and nothing runs', async () => {
    execute = notCalled;
    const session = await ask('bash');
    const { decision } = await decideReview(as(bob), session.id, {
      verdict: 'reject',
      digest: session.digest,
      reason: 'not today',
    });
    await signalDecision(core, decision);
    expect(await result(session)).toEqual({ state: 'rejected' });
    expect((await findSession(core.db, session.id))?.endMessage).toBe('Rejected by bob: not today');
  });

  test('a withdrawal ends it as cancelled', async () => {
    execute = notCalled;
    const session = await ask('bash');
    await signalDecision(core, (await cancelSession(as(asker), session.id)).decision);
    expect(await result(session)).toEqual({ state: 'cancelled' });
  });

  test('nobody in time: it expires', async () => {
    execute = notCalled;
    const session = await ask('brief');
    expect(await result(session)).toEqual({ state: 'expired' });
  });

  test('signals with ids of no row, or with anything else, change nothing', async () => {
    execute = finishWith(0);
    const session = await ask('bash');
    const handle = core.temporal.workflow.getHandle(workflowId(session.id));
    await handle.signal('approve', '00000000-0000-4000-8000-000000000000');
    await handle.signal('approve', { verdict: 'approve', user: 'bob' });
    await handle.signal('nonsense', 1);
    const state = await eventually(() => handle.query<{ state: string; standing: { outcome: string } }>('progress'), {
      describe: 'an answer to the query',
    });
    expect(state).toMatchObject({ state: 'pending', standing: { outcome: 'open' } });
    expect((await findSession(core.db, session.id))?.state).toBe('pending');
    const { decision } = await decideReview(as(bob), session.id, { verdict: 'approve', digest: session.digest });
    await signalDecision(core, decision);
    expect(await result(session)).toEqual({ state: 'finished' });
  });

  test('a rejection while the agent is away still stops it', async () => {
    const session = await ask('far');
    await signalDecision(
      core,
      (await decideReview(as(bob), session.id, { verdict: 'approve', digest: session.digest })).decision,
    );
    await eventually(async () => (await findSession(core.db, session.id))?.state === 'queued', {
      describe: 'state queued',
    });
    await signalDecision(
      core,
      (await decideReview(as(bob), session.id, { verdict: 'reject', digest: session.digest })).decision,
    );
    expect(await result(session)).toEqual({ state: 'rejected' });
  });

  test('once consumed, only the run ends the session: a gateway that dies is replaced', async () => {
    let attempts = 0;
    execute = async (key) => {
      attempts += 1;
      const { nonce } = await consumeForTest(core, key.sessionId);
      if (attempts < 3) throw ApplicationFailure.retryable('the line broke');
      await saveExit(core.db, key.sessionId, exitOf(key.sessionId, nonce, { reason: 'exit', exitCode: 0 }));
      return { reason: 'exit' };
    };
    const session = await ask('free');
    expect(await result(session)).toEqual({ state: 'finished' });
    // a gateway that a busy machine keeps from beating is replaced too
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  test('a revocation cancels the running command, and its end is the end', async () => {
    const admin = await makeUser(core.db, 'admin@example.com', ['admin']);
    execute = async ({ sessionId }) => {
      const { nonce } = await consumeForTest(core, sessionId);
      const context = ActivityContext.current();
      const beat = setInterval(() => context.heartbeat(), 100);
      await context.cancelled.catch(() => undefined);
      clearInterval(beat);
      await saveExit(
        core.db,
        sessionId,
        exitOf(sessionId, nonce, { reason: 'stopped', exitCode: null, signal: 'SIGTERM' }),
      );
      return { reason: 'stopped' };
    };
    const session = await ask('free');
    await eventually(async () => (await findSession(core.db, session.id))?.state === 'running', {
      describe: 'state running',
    });
    const { revokeSession } = await import('#core/decide-review.ts');
    await signalDecision(core, (await revokeSession(as(admin), session.id, 'stop it')).decision);
    expect(await result(session)).toEqual({ state: 'revoked' });
    expect(await findSession(core.db, session.id)).toMatchObject({
      state: 'revoked',
      exitCode: 143,
      exitSignal: 'SIGTERM',
    });
  });

  test('a command that lasts is shown as running, and only when the rows say so', async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    execute = async (key) => {
      const { nonce } = await consumeForTest(core, key.sessionId);
      await held;
      await saveExit(core.db, key.sessionId, exitOf(key.sessionId, nonce, { reason: 'exit', exitCode: 0 }));
      return { reason: 'exit' };
    };
    const waiting = await ask('bash');
    signalStarted(core, waiting.id);
    const session = await ask('free');
    await eventually(async () => (await findSession(core.db, session.id))?.state === 'running', {
      describe: 'state running',
    });
    signalStarted(core, session.id);
    const stateOf = async (id: string): Promise<string> =>
      (await core.temporal.workflow.getHandle(workflowId(id)).query<{ state: string }>('progress')).state;
    await eventually(async () => (await stateOf(session.id)) === 'running', { describe: 'shown as running' });
    expect(await stateOf(waiting.id)).toBe('pending');
    finish();
    expect(await result(session)).toEqual({ state: 'finished' });
    await signalDecision(core, (await cancelSession(as(asker), waiting.id)).decision);
  });

  test('operators find it by its search attributes', async () => {
    const session = await ask('bash');
    const query = `WorkflowId = '${workflowId(session.id)}' AND HoopGroupsAsked = 'sre' AND HoopState = 'pending' AND HoopConnection = 'bash' AND HoopRequester = 'asker@example.com'`;
    await eventually(async () => (await core.temporal.workflow.count(query)).count === 1, {
      describe: 'one workflow found',
    });
    await signalDecision(core, (await cancelSession(as(asker), session.id)).decision);
    expect(await result(session)).toEqual({ state: 'cancelled' });
  });

  test('a signal that nobody can read holds up no decision', async () => {
    execute = finishWith(0);
    const session = await ask('bash');
    for (const signalName of ['approve', 'revoke', 'nonsense']) {
      await core.temporal.workflowService.signalWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: workflowId(session.id) },
        signalName,
        input: {
          payloads: [
            { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{not json') },
            { metadata: { encoding: Buffer.from('unheard/of') }, data: Buffer.from('?') },
          ],
        },
      });
    }
    const { decision } = await decideReview(as(bob), session.id, { verdict: 'approve', digest: session.digest });
    await signalDecision(core, decision);
    expect(await result(session)).toEqual({ state: 'finished' });
  });

  test('a workflow started by hand for no session ends without touching anything', async () => {
    const handle = await core.temporal.workflow.start('sessionReview', {
      workflowId: workflowId('made-up'),
      taskQueue: core.queues.control,
      args: [{ sessionId: 'made-up', queuePrefix: core.queuePrefix }],
    });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
  });
});
