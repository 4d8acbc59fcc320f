import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decideReview, revokeSession, signalDecision } from '#core/decide-review.ts';
import { sweep } from '#core/sweep.ts';
import { sweepClosed, sweepRunning } from '#core/sweep-workflows.ts';
import { workflowId } from '#shared/task-queues.ts';
import { workflowType } from '#workflows/messages.ts';
import { setUserGroups } from '#db/users.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { as, auditOf, openFaultWorld, resultOf, stateOf, type FaultWorld } from './world.ts';

let world: FaultWorld;
const slow = { deadlineMs: 60_000, everyMs: 200 };

beforeAll(async () => {
  world = await openFaultWorld();
}, 120_000);
afterAll(() => world.close(), 60_000);

const handleOf = (session: { id: string }) => world.core.temporal.workflow.getHandle(workflowId(session.id));
const approve = (session: SessionRow) =>
  decideReview(as(world.core, world.people.bob), session.id, { verdict: 'approve', digest: session.digest });
/** Rounds of the sweep until a session has its end, as the worker's timer would run them. */
const sweptTo = (session: SessionRow, state: string) =>
  eventuallyPasses(
    async () => {
      await sweepClosed(world.core, { everyMs: 0 });
      expect(await stateOf(world.core, session.id)).toBe(state);
    },
    { ...slow, describe: `swept to ${state}` },
  );

describe('a workflow that an operator ends', () => {
  test('before anything runs, the session is cancelled with the reason, in Temporal too', async () => {
    const session = await world.ask();
    await handleOf(session).terminate('by hand');
    await sweptTo(session, 'cancelled');
    const row = await findSession(world.core.db, session.id);
    expect(row?.endMessage).toBe('Its workflow was terminated by an operator in Temporal.');
    expect(await resultOf(world.core, session.id)).toBe('cancelled');
    await eventuallyPasses(async () => {
      const actions = await auditOf(world.core, `session:${session.id}`);
      expect(actions).toContainEqual({
        action: 'temporal.workflow_ended',
        details: expect.objectContaining({ status: 'TERMINATED', outcome: 'ended' }) as object,
      });
    }, slow);
  }, 90_000);

  test('after an approval that it never heard of, the session is cancelled all the same and nothing runs', async () => {
    const session = await world.ask();
    await handleOf(session).terminate('by hand');
    const { decision } = await approve(session);
    await expect(signalDecision(world.core, decision)).rejects.toThrow('already completed');
    await sweep(world.core, 0);
    expect(await stateOf(world.core, session.id)).toBe('cancelled');
    expect(await resultOf(world.core, session.id)).toBe('cancelled');
    expect(world.agent.startsOf(session.id)).toBe(0);
    await expect(approve(session)).rejects.toMatchObject({ code: 'review_already_decided' });
  }, 90_000);

  test('after the run was consumed, a new workflow takes the command over, which runs once', async () => {
    world.agent.lastsMs = 600_000;
    const session = await world.ask('free');
    await eventually(async () => (await stateOf(world.core, session.id)) === 'running', slow);
    await handleOf(session).terminate('by hand');
    await eventuallyPasses(async () => {
      await sweepClosed(world.core, { everyMs: 0 });
      expect((await handleOf(session).describe()).status.name).toBe('RUNNING');
    }, slow);
    expect(await stateOf(world.core, session.id)).toBe('running');
    world.agent.exit(session.id);
    world.agent.lastsMs = 1;
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(world.agent.startsOf(session.id)).toBe(1);
  }, 90_000);

  test('and the approver has left the group since, or an admin revokes it meanwhile: the run is taken over', async () => {
    world.agent.lastsMs = 600_000;
    const [left, revoked] = [await world.ask(), await world.ask('free')];
    const { decision } = await approve(left);
    await signalDecision(world.core, decision);
    for (const { id } of [left, revoked])
      await eventually(async () => (await stateOf(world.core, id)) === 'running', slow);
    for (const session of [left, revoked]) await handleOf(session).terminate('by hand');
    await setUserGroups(world.core.db, world.people.bob.id, []);
    await revokeSession(as(world.core, world.people.root), revoked.id);
    await sweptTo(revoked, 'revoked');
    world.agent.exit(left.id);
    await sweptTo(left, 'finished');
    await setUserGroups(world.core.db, world.people.bob.id, ['sre']);
    world.agent.lastsMs = 1;
    expect(await resultOf(world.core, left.id)).toBe('finished');
    expect(await resultOf(world.core, revoked.id)).toBe('revoked');
  }, 90_000);

  test('by a time limit, the session says so', async () => {
    const session = await withoutWorkflow();
    await startByHand(session, { workflowExecutionTimeout: '1s' });
    await sweptTo(session, 'cancelled');
    const row = await findSession(world.core.db, session.id);
    expect(row?.endMessage).toBe('Its workflow ran into a time limit that was set in Temporal.');
  }, 90_000);

  test('by a reset that forgets the signals, the approval counts all the same', async () => {
    world.agent.isHere = false;
    const session = await world.ask();
    const tasks = async () => {
      const { events } = await handleOf(session).fetchHistory();
      return (events ?? []).flatMap((event) => (event.workflowTaskCompletedEventAttributes ? [event.eventId] : []));
    };
    await eventually(async () => (await tasks()).length > 0, slow);
    const first = (await tasks()).length;
    await handleOf(session).signal('nothing that it knows');
    await eventually(async () => (await tasks()).length > first, slow);
    // the workflow has read its rows before this task, and has no reason to read them after it
    const last = (await tasks()).at(-1) ?? null;
    const { decision } = await approve(session);
    await signalDecision(world.core, decision);
    await eventually(async () => (await stateOf(world.core, session.id)) === 'queued', slow);
    const { runId } = await handleOf(session).describe();
    await world.core.temporal.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: workflowId(session.id), runId },
      workflowTaskFinishEventId: last,
      resetReapplyType: 2,
      requestId: randomUUID(),
      reason: 'by hand',
    });
    world.agent.isHere = true;
    await sweptTo(session, 'finished');
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(world.agent.startsOf(session.id)).toBe(1);
  }, 90_000);
});

describe('a session without a workflow', () => {
  test('that Temporal has lost is started again', async () => {
    const session = await world.ask();
    await world.core.temporal.workflowService.deleteWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: workflowId(session.id) },
    });
    await comparedUntil(session, 'RUNNING');
    const { decision } = await approve(session);
    await signalDecision(world.core, decision);
    expect(await resultOf(world.core, session.id)).toBe('finished');
  }, 90_000);

  test('whose workflow was completed by somebody else goes on, and fails when that happens again and again', async () => {
    const session = await withoutWorkflow();
    const impostor = await impostorWorker(world.core.queues.control + '-elsewhere');
    const running = impostor.run();
    for (let time = 0; time < 5 && (await stateOf(world.core, session.id)) === 'pending'; time += 1) {
      await handleOf(session)
        .terminate('to make room')
        .catch(() => undefined);
      const handle = await startByHand(session, { taskQueue: `${world.core.queues.control}-elsewhere` });
      await handle.result();
      await world.core.db.query(
        `insert into workflow_closings (run_id, session_id, status, outcome) values ($1, $2, 'COMPLETED', 'started')`,
        [randomUUID(), session.id],
      );
      if (time < 3) continue;
      await sweepRunning(world.core, { everyMs: 0, olderThanMs: 0 });
    }
    impostor.shutdown();
    await running;
    expect(await findSession(world.core.db, session.id)).toMatchObject({ state: 'failed', endCause: 'workflow_ended' });
  }, 90_000);

  test('whose id another workflow holds gets its own, and the log says who held it', async () => {
    const session = await withoutWorkflow();
    await startByHand(session, { type: 'somethingElse', taskQueue: 'nobody-polls-this' });
    await comparedUntil(session, 'RUNNING');
    expect((await handleOf(session).describe()).type).toBe(workflowType);
    const actions = (await auditOf(world.core, `session:${session.id}`)).map((row) => row.action);
    expect(actions).toContain('temporal.foreign_workflow');
  }, 90_000);

  test('is expired by the sweep when its time is over', async () => {
    const session = await withoutWorkflow();
    await startByHand(session, { type: 'somethingElse', taskQueue: 'nobody-polls-this' });
    await world.core.db.query(`update sessions set expires_at = now() - interval '31 seconds' where id = $1`, [
      session.id,
    ]);
    await eventually(async () => ((await sweep(world.core, 60_000))?.expired ?? 0) > 0, slow);
    expect(await stateOf(world.core, session.id)).toBe('expired');
  });
});

describe('the sweeps', () => {
  test('ask Temporal about no session that waits as it should', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => world.ask()));
    const { workflow } = world.core.temporal;
    const listed = () =>
      eventuallyPasses(async () => {
        const query = `TaskQueue = '${world.core.queues.control}' AND ExecutionStatus = 'Running'`;
        expect((await workflow.count(query)).count).toBeGreaterThanOrEqual(sessions.length);
      }, slow);
    await listed();
    // what the tests before left to be found
    await eventuallyPasses(
      async () => expect(await sweep(world.core, 0)).toEqual({ started: 0, signalled: 0, expired: 0, revoked: 0 }),
      slow,
    );
    const handles = vi.spyOn(workflow, 'getHandle');
    const starts = vi.spyOn(workflow, 'start');
    const lists = vi.spyOn(workflow, 'list');
    await sweep(world.core, 0);
    await sweepClosed(world.core, { everyMs: 0 });
    expect(await sweepRunning(world.core, { everyMs: 0, olderThanMs: 0 })).toBe(0);
    expect(lists).toHaveBeenCalledTimes(2);
    expect(handles).not.toHaveBeenCalled();
    expect(starts).not.toHaveBeenCalled();
    for (const spy of [handles, starts, lists]) spy.mockRestore();
  }, 90_000);

  test('look back an hour at first, and from then on as far as they have seen', async () => {
    await world.core.db.query('delete from sweep_turns');
    const lists = vi.spyOn(world.core.temporal.workflow, 'list');
    const since = () => /CloseTime > '([^']+)'/.exec(lists.mock.lastCall?.[0]?.query ?? '')?.[1] ?? '';
    const ago = () => Math.round((Date.now() - Date.parse(since())) / 60_000);
    await sweepClosed(world.core, { everyMs: 0 });
    expect(ago()).toBe(60);
    await sweepClosed(world.core, { everyMs: 0 });
    expect(ago()).toBe(2);
    lists.mockRestore();
  });

  test('of several replicas take turns', async () => {
    const both = await Promise.all([1, 2].map(() => sweepClosed(world.core, { everyMs: 60_000 })));
    expect(both).toContain(null);
    expect(await sweepClosed(world.core, { everyMs: 60_000 })).toBeNull();
  });
});

/** A session as a crash leaves it: Temporal has nothing of it, and the rows say that it was started. */
async function withoutWorkflow(): Promise<SessionRow> {
  const session = await world.ask();
  await world.core.temporal.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: workflowId(session.id) },
  });
  await eventually(
    () =>
      handleOf(session)
        .describe()
        .then(
          () => false,
          () => true,
        ),
    slow,
  );
  return session;
}

interface ByHand {
  type?: string;
  taskQueue?: string;
  workflowExecutionTimeout?: '1s';
}

function startByHand(session: SessionRow, { type = workflowType, ...how }: ByHand = {}) {
  return world.core.temporal.workflow.start(type, {
    workflowId: workflowId(session.id),
    taskQueue: world.core.queues.control,
    args: [{ sessionId: session.id, queuePrefix: world.core.queuePrefix }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    ...how,
  });
}

async function comparedUntil(session: SessionRow, status: string): Promise<void> {
  await eventuallyPasses(async () => {
    await sweepRunning(world.core, { everyMs: 0, olderThanMs: 0 });
    const { type, status: now } = await handleOf(session).describe();
    expect([type, now.name]).toEqual([workflowType, status]);
  }, slow);
}

/** A worker of somebody else, whose `sessionReview` is over at once. */
function impostorWorker(taskQueue: string): Promise<Worker> {
  return Worker.create({
    connection: world.connection,
    taskQueue,
    workflowsPath: new URL('./impostor-workflows.ts', import.meta.url).pathname,
  });
}
