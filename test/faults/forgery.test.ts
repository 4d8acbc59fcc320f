import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { defineSignal } from '@temporalio/workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decideReview, revokeSession, signalDecision } from '#core/decide-review.ts';
import { forgeryKinds, isTold, noteForgery } from '#core/note-forgery.ts';
import { sweepClosed } from '#core/sweep-workflows.ts';
import { listDecisions } from '#db/decisions.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { workflowId } from '#shared/task-queues.ts';
import { workflowType } from '#workflows/messages.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { as, auditOf, openFaultWorld, resultOf, stateOf, type FaultWorld } from './world.ts';

let world: FaultWorld;
let outsider: Worker;
let running: Promise<void>;
/** Of the outsider's own worker and workflows. */
let theirQueue: string;
const slow = { deadlineMs: 60_000, everyMs: 200 };

beforeAll(async () => {
  world = await openFaultWorld();
  theirQueue = `${world.core.queues.control}-theirs`;
  outsider = await Worker.create({
    connection: world.connection,
    taskQueue: theirQueue,
    workflowsPath: new URL('./impostor-workflows.ts', import.meta.url).pathname,
  });
  running = outsider.run();
}, 120_000);
afterAll(async () => {
  outsider.shutdown();
  await running;
  await world.close();
}, 60_000);
beforeEach(() => {
  world.agent.isHere = true;
  world.agent.lastsMs = 1;
});

const handleOf = (session: { id: string }) => world.core.temporal.workflow.getHandle(workflowId(session.id));
const approveAs = (who: 'bob' | 'carol', session: SessionRow) =>
  decideReview(as(world.core, world.people[who]), session.id, { verdict: 'approve', digest: session.digest });
const approve = (session: SessionRow) => approveAs('bob', session);
const actionsOf = async (session: { id: string }) =>
  (await auditOf(world.core, `session:${session.id}`)).map((row) => row.action);
const told = (session: { id: string }, action: string) =>
  eventuallyPasses(async () => expect(await actionsOf(session)).toContain(action), slow);
const forgeriesOf = async (session: { id: string }) =>
  (await actionsOf(session)).filter((action) => forgeryKinds.some((kind) => kind === action));
/** The session is as it was, and its command was not started. */
const untouched = async (session: SessionRow, state = 'pending') => {
  expect(await stateOf(world.core, session.id)).toBe(state);
  expect(world.agent.startsOf(session.id)).toBe(0);
};
const goesOn = async (session: SessionRow) => {
  const { decision } = await approve(session);
  await signalDecision(world.core, decision);
  expect(await resultOf(world.core, session.id)).toBe('finished');
  expect(world.agent.startsOf(session.id)).toBe(1);
};

describe('a signal', () => {
  test('with an id that somebody made up starts nothing, and the log names it', async () => {
    const session = await world.ask();
    const id = randomUUID();
    await handleOf(session).signal('approve', id);
    await told(session, 'temporal.forged_signal');
    const rows = await auditOf(world.core, `session:${session.id}`);
    expect(rows.find((row) => row.action === 'temporal.forged_signal')?.details).toMatchObject({ id, attempts: 1 });
    await untouched(session);
    await goesOn(session);
  }, 90_000);

  test("with the id of another session's approval starts nothing, and the log names it", async () => {
    const [session, other] = [await world.ask(), await world.ask()];
    const { decision } = await approve(other);
    await handleOf(session).signal('approve', decision.id);
    await told(session, 'temporal.forged_signal');
    await untouched(session);
  }, 90_000);

  test('sent again, with the id of a decision that is one, changes nothing and accuses nobody', async () => {
    const session = await world.ask('two');
    const { decision } = await approve(session);
    for (let time = 0; time < 3; time += 1) await handleOf(session).signal('approve', decision.id);
    await handleOf(session).signal('started', session.id);
    await handleOf(session).signal('renewed', session.id);
    await handleOf(session).query('progress');
    await untouched(session);
    const { decision: second } = await approveAs('carol', session);
    await signalDecision(world.core, second);
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(await forgeriesOf(session)).toEqual([]);
  }, 90_000);

  test('with anything else in it starts nothing, nor do hundreds of them; the log is not flooded', async () => {
    const session = await world.ask();
    const odd = [undefined, null, 7, { sessionId: session.id }, ['x'], 'x'.repeat(100_000), '\u0000', '\ud800'];
    await Promise.all(odd.map((id) => handleOf(session).signal('revoke', id)));
    await Promise.all(Array.from({ length: 200 }, (_, i) => handleOf(session).signal('reject', `made up ${i}`)));
    await told(session, 'temporal.forged_signal');
    await untouched(session);
    await goesOn(session);
    expect((await forgeriesOf(session)).length).toBeLessThan(10);
  }, 90_000);

  test('that starts a workflow of its own for an ended session finds the end there', async () => {
    const session = await world.ask();
    const { decision } = await decideReview(as(world.core, world.people.bob), session.id, {
      verdict: 'reject',
      digest: session.digest,
    });
    await signalDecision(world.core, decision);
    expect(await resultOf(world.core, session.id)).toBe('rejected');
    const again = await world.core.temporal.workflow.signalWithStart(workflowType, {
      workflowId: workflowId(session.id),
      taskQueue: world.core.queues.control,
      args: [{ sessionId: session.id, queuePrefix: world.core.queuePrefix }],
      signal: defineSignal<[string]>('approve'),
      signalArgs: [randomUUID()],
    });
    expect(await again.result()).toEqual({ state: 'rejected' });
    await untouched(session, 'rejected');
  }, 90_000);
});

describe('a workflow started by hand', () => {
  const startByHand = (id: string, args: unknown[]) =>
    world.core.temporal.workflow.start(workflowType, {
      workflowId: id,
      taskQueue: world.core.queues.control,
      args,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  const forgedStarts = async () => {
    const rows = await auditOf(world.core, 'temporal');
    return rows.filter((row) => row.action === 'temporal.forged_start');
  };

  test('for a session that is not there, or that is no session, fails and is noted', async () => {
    const id = randomUUID();
    const input = { sessionId: id, queuePrefix: world.core.queuePrefix };
    const starts = [
      [workflowId(id), [input]],
      [`session-${'-'.repeat(36)}`, [input]],
      ['mine', [input]],
    ] as const;
    for (const [name, args] of starts) {
      await expect((await startByHand(name, [...args])).result()).rejects.toThrow('Workflow execution failed');
    }
    expect((await forgedStarts()).map((row) => row.details)).toEqual(
      expect.arrayContaining([expect.objectContaining({ named: id }), expect.objectContaining({ workflow: 'mine' })]),
    );
  }, 90_000);

  test("under one session's id for another runs neither", async () => {
    const [session, other] = [await world.ask(), await world.ask()];
    world.agent.isHere = false;
    const { decision } = await approve(other);
    await handleOf(session).terminate('to make room');
    const input = { sessionId: other.id, queuePrefix: world.core.queuePrefix };
    const forged = await startByHand(workflowId(session.id), [input]);
    await expect(forged.result()).rejects.toThrow('Workflow execution failed');
    await untouched(session);
    world.agent.isHere = true;
    await signalDecision(world.core, decision);
    expect(await resultOf(world.core, other.id)).toBe('finished');
    expect(world.agent.startsOf(other.id)).toBe(1);
    await eventuallyPasses(async () => {
      await sweepClosed(world.core, { everyMs: 0 });
      expect((await handleOf(session).describe()).status.name).not.toBe('FAILED');
    }, slow);
    expect(world.agent.startsOf(session.id)).toBe(0);
  }, 90_000);

  test.each([[[]], [[null]], [['x']], [[{ queuePrefix: 5 }]]])(
    'with %j as its input fails, and blocks no session',
    async (args) => {
      const session = await world.ask();
      await handleOf(session).terminate('to make room');
      const forged = await startByHand(workflowId(session.id), args);
      await expect(forged.result()).rejects.toThrow('Workflow execution failed');
      await untouched(session);
    },
  );

  test.each(['theirs-', 5, null])(
    'for other task queues (%j) uses those of hoop all the same',
    async (queuePrefix) => {
      const session = await world.ask();
      await handleOf(session).terminate('to make room');
      await startByHand(workflowId(session.id), [{ sessionId: session.id, queuePrefix }]);
      await told(session, 'temporal.forged_start');
      await goesOn(session);
    },
    90_000,
  );
});

describe('the activity execute', () => {
  const scheduleByHand = (input: unknown, id = randomUUID()) =>
    world.core.temporal.workflow.start('executeOnAgent', {
      workflowId: id,
      taskQueue: theirQueue,
      args: [world.core.queues.agent('default'), input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  /** All of them: of many, the audit log has a few. */
  const forgedExecutes = async () => {
    const counted = await world.core.db.query<{ attempts: number }>(
      `select attempts from forged_writes where kind = 'temporal.forged_execute' and subject = 'temporal'`,
    );
    return counted.rows[0]?.attempts ?? 0;
  };

  test('scheduled by a workflow of somebody else starts nothing, not even what is approved', async () => {
    world.agent.isHere = false;
    const [pending, approved] = [await world.ask(), await world.ask()];
    await approve(approved);
    world.agent.isHere = true;
    await handleOf(approved).terminate('so that nobody else runs it');
    const before = await forgedExecutes();
    for (const input of [{ sessionId: pending.id }, { sessionId: approved.id }, { sessionId: 'x' }, null, 'x']) {
      await expect((await scheduleByHand(input)).result()).rejects.toThrow('Workflow execution failed');
    }
    expect(world.agent.startsOf(pending.id) + world.agent.startsOf(approved.id)).toBe(0);
    expect(await forgedExecutes()).toBe(before + 5);
    expect((await auditOf(world.core, 'temporal')).map((row) => row.action)).toContain('temporal.forged_execute');
  }, 90_000);

  test("scheduled under a session's own id by a workflow of another type starts nothing", async () => {
    const session = await world.ask();
    const before = await forgedExecutes();
    await handleOf(session).terminate('to make room');
    const forged = await world.core.temporal.workflow.start('sessionReviewThatExecutes', {
      workflowId: workflowId(session.id),
      taskQueue: theirQueue,
      args: [world.core.queues.agent('default'), { sessionId: session.id }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    await expect(forged.result()).rejects.toThrow('Workflow execution failed');
    await untouched(session);
    expect(await forgedExecutes()).toBe(before + 1);
  }, 90_000);

  test('scheduled by the workflow of a session whose rows do not allow it is refused, and noted', async () => {
    const session = await world.ask();
    await handleOf(session).terminate('to make room');
    const theirs = await impostorOfHoop();
    const forged = await world.core.temporal.workflow.start(workflowType, {
      workflowId: workflowId(session.id),
      taskQueue: theirs.queue,
      args: [{ sessionId: session.id, executeOn: world.core.queues.agent('default') }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    await expect(forged.result()).rejects.toThrow('Workflow execution failed');
    await theirs.close();
    await untouched(session);
    expect(await actionsOf(session)).toContain('run.refused');
  }, 90_000);

  test('said to be complete before anything ran is tried again, and the log says so', async () => {
    const session = await world.ask('free', { agentAway: true });
    await completeByHand(session, (name, task) =>
      world.core.temporal.workflowService.respondActivityTaskCompletedById({ ...task, identity: name }),
    );
    await told(session, 'temporal.forged_completion');
    world.agent.isHere = true;
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(world.agent.startsOf(session.id)).toBe(1);
  }, 90_000);

  test.each(['internal error', 'run_expired', 'agent_refused', 'session_ended'])(
    'said to have failed with %s while nothing ran is tried again',
    async (type) => {
      const session = await world.ask('free', { agentAway: true });
      await completeByHand(session, (name, task) =>
        world.core.temporal.workflowService.respondActivityTaskFailedById({
          ...task,
          identity: name,
          failure: { message: 'by hand', applicationFailureInfo: { type, nonRetryable: true } },
        }),
      );
      await told(session, 'temporal.forged_completion');
      world.agent.isHere = true;
      expect(await resultOf(world.core, session.id)).toBe('finished');
      expect(world.agent.startsOf(session.id)).toBe(1);
    },
    90_000,
  );

  test('said to be complete while its command runs changes nothing: the command ends once, by itself', async () => {
    world.agent.lastsMs = 600_000;
    const session = await world.ask('free');
    await eventually(async () => (await stateOf(world.core, session.id)) === 'running', slow);
    await completeByHand(session, (name, task) =>
      world.core.temporal.workflowService.respondActivityTaskCompletedById({ ...task, identity: name }),
    );
    await handleOf(session).signal('revoke', randomUUID());
    await told(session, 'temporal.forged_signal');
    expect(await stateOf(world.core, session.id)).toBe('running');
    world.agent.exit(session.id);
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(world.agent.startsOf(session.id)).toBe(1);
    expect(await findSession(world.core.db, session.id)).toMatchObject({ exitCode: 0 });
  }, 90_000);

  test('cancelled by a workflow whose rows nobody revoked stops nothing; a revocation does', async () => {
    world.agent.lastsMs = 600_000;
    const session = await world.ask('free');
    await eventually(async () => (await stateOf(world.core, session.id)) === 'running', slow);
    await handleOf(session).terminate('to make room');
    const theirs = await impostorOfHoop();
    const forged = await world.core.temporal.workflow.start(workflowType, {
      workflowId: workflowId(session.id),
      taskQueue: theirs.queue,
      args: [{ sessionId: session.id, executeOn: world.core.queues.agent('default'), cancelAfterMs: 1_000 }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    await expect(forged.result()).rejects.toThrow('Workflow execution failed');
    await theirs.close();
    await told(session, 'temporal.forged_stop');
    expect(await stateOf(world.core, session.id)).toBe('running');
    world.agent.exit(session.id);
    await eventuallyPasses(async () => {
      await sweepClosed(world.core, { everyMs: 0 });
      expect(await stateOf(world.core, session.id)).toBe('finished');
    }, slow);
    expect(world.agent.startsOf(session.id)).toBe(1);

    const other = await world.ask('free');
    await eventually(async () => (await stateOf(world.core, other.id)) === 'running', slow);
    const { decision } = await revokeSession(as(world.core, world.people.root), other.id);
    await signalDecision(world.core, decision);
    expect(await resultOf(world.core, other.id)).toBe('revoked');
  }, 120_000);
});

describe('what else can be written to Temporal', () => {
  test('an update is refused, and a cancellation ends what has not run as cancelled', async () => {
    const session = await world.ask();
    await expect(handleOf(session).executeUpdate('approve', { args: [randomUUID()] })).rejects.toThrow('Update');
    await handleOf(session).cancel();
    expect(await resultOf(world.core, session.id)).toBe('cancelled');
    const row = await findSession(world.core.db, session.id);
    expect(row?.endMessage).toBe('Its workflow was cancelled by an operator in Temporal.');
  }, 90_000);

  test('a cancellation while the agent is away ends it, and one of a running command changes nothing', async () => {
    const waiting = await world.ask('free', { agentAway: true });
    await eventually(async () => (await stateOf(world.core, waiting.id)) === 'queued', slow);
    await handleOf(waiting).cancel();
    expect(await resultOf(world.core, waiting.id)).toBe('cancelled');
    world.agent.isHere = true;
    world.agent.lastsMs = 600_000;
    const session = await world.ask('free');
    await eventually(async () => (await stateOf(world.core, session.id)) === 'running', slow);
    await handleOf(session).cancel();
    await handleOf(session).signal('approve', 'noted after the cancellation');
    await told(session, 'temporal.forged_signal');
    expect(await stateOf(world.core, session.id)).toBe('running');
    world.agent.exit(session.id);
    expect(await resultOf(world.core, session.id)).toBe('finished');
    expect(world.agent.startsOf(waiting.id)).toBe(0);
    expect(world.agent.startsOf(session.id)).toBe(1);
  }, 90_000);

  test('a reset to before the rejection that it had heard of rejects again', async () => {
    const session = await world.ask();
    const { decision } = await decideReview(as(world.core, world.people.bob), session.id, {
      verdict: 'reject',
      digest: session.digest,
    });
    await signalDecision(world.core, decision);
    expect(await resultOf(world.core, session.id)).toBe('rejected');
    const { runId } = await handleOf(session).describe();
    const { events } = await handleOf(session).fetchHistory();
    const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    if (!firstTask) throw new Error('no task was completed');
    await world.core.temporal.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: workflowId(session.id), runId },
      workflowTaskFinishEventId: firstTask,
      resetReapplyType: 2,
      requestId: randomUUID(),
      reason: 'by hand',
    });
    await handleOf(session).signal('approve', randomUUID());
    expect(await resultOf(world.core, session.id)).toBe('rejected');
    await untouched(session, 'rejected');
    expect(await listDecisions(world.core.db, session.id)).toHaveLength(1);
  }, 90_000);
});

test('of a flood the log keeps the first three, the tenth, the hundredth', async () => {
  const sessionId = (await world.ask()).id;
  const details = { id: '\u0000\ud800 made up' };
  for (let time = 0; time < 12; time += 1) {
    await noteForgery(world.core.db, { kind: 'temporal.forged_signal', sessionId, details });
  }
  const rows = await auditOf(world.core, `session:${sessionId}`);
  const attempts = rows.flatMap(({ details: of }) => ('attempts' in of ? [of.attempts] : []));
  expect(attempts).toEqual([1, 2, 3, 10]);
  expect([99, 100, 101, 1000].map(isTold)).toEqual([false, true, false, true]);
});

type Task = { namespace: string; workflowId: string; runId: string; activityId: string };

/** Ends the activity `execute` of a session by its id, as anybody with access to Temporal can. */
async function completeByHand(
  session: SessionRow,
  respond: (identity: string, task: Task) => Promise<unknown>,
): Promise<void> {
  await eventuallyPasses(
    async () => {
      const { runId, raw } = await handleOf(session).describe();
      const activityId = raw.pendingActivities?.find(
        ({ activityType }) => activityType?.name === 'execute',
      )?.activityId;
      if (!activityId) throw new Error('no execute yet');
      await respond('somebody', { namespace: 'default', workflowId: workflowId(session.id), runId, activityId });
    },
    { ...slow, everyMs: 5 },
  );
}

/** A worker of somebody else whose `sessionReview` schedules `execute` and, where asked, cancels it. */
async function impostorOfHoop(): Promise<{ queue: string; close(): Promise<void> }> {
  const queue = `${world.core.queues.control}-${randomUUID()}`;
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue: queue,
    workflowsPath: new URL('./impostor-review.ts', import.meta.url).pathname,
  });
  const works = worker.run();
  return {
    queue,
    async close() {
      worker.shutdown();
      await works;
    },
  };
}
