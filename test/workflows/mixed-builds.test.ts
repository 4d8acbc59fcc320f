/** Workers of the previous release and of this one on the same queues and rows, as during an upgrade. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { workflowId } from '#shared/task-queues.ts';
import { eventually } from '../support/eventually.ts';
import { seededRun } from '../support/seeded.ts';
import { makeBuilds, openMixedWorld, removeBuilds, type Builds, type MixedWorld } from './mixed-world.ts';

const newer = '0.2.0-test';
/** On a machine however busy: a review that stalls has tasks that fail, which is looked for besides. */
const boundMs = 120_000;

let builds: Builds;
let world: MixedWorld;

beforeAll(async () => {
  builds = await makeBuilds();
}, 120_000);
afterAll(() => removeBuilds(builds));
beforeEach(async () => {
  world = await openMixedWorld(builds);
});
afterEach(() => world.close());

/** UNHANDLED_COMMAND: a task that ended when something new had come is begun again, and no fault. */
const unhandledCommand = 1;

/** Histories written by workers, where each task was started by whom it names, and none failed. */
async function tasksOf(session: SessionRow): Promise<{ startedBy: string[]; failed: string[] }> {
  const handle = world.core.temporal.workflow.getHandle(workflowId(session.id));
  const events = (await handle.fetchHistory()).events ?? [];
  const started = events.flatMap((event) => event.workflowTaskStartedEventAttributes?.identity ?? []);
  return {
    startedBy: started,
    failed: events
      .flatMap((event) => event.workflowTaskFailedEventAttributes ?? [])
      .filter(({ cause }) => cause !== unhandledCommand)
      .map(({ cause, failure, identity }) => `${identity}: ${String(cause)} ${failure?.message ?? ''}`),
  };
}

const opened = (session: SessionRow): Promise<unknown> =>
  eventually(async () => (await tasksOf(session)).startedBy.length >= 1, { describe: 'the review is opened' });

async function endWithin(session: SessionRow, ms = boundMs): Promise<string> {
  const late = new AbortController();
  const limit = pause(ms, `no end after ${ms} ms`, { signal: late.signal }).catch(() => '');
  return Promise.race([world.end(session), limit]).finally(() => late.abort());
}

describe('reviews that the previous release has opened', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'end right on this one after %s',
    async (signal) => {
      const old = await world.worker({ workflows: 'previous' });
      const sessions = await Promise.all([world.ask(), world.ask(), world.ask(), world.ask('brief')]);
      await Promise.all(sessions.map(opened));
      await (signal === 'SIGTERM' ? old.stop() : old.kill());
      const [approved, rejected, cancelled, expired] = sessions;
      await world.decide(approved, 'approve'); // while nobody works
      await world.worker({ workflows: 'today', buildId: newer });
      await world.decide(rejected, 'reject');
      await world.decide(cancelled, 'cancel');
      expect(await Promise.all([approved, rejected, cancelled, expired].map((one) => endWithin(one)))).toEqual([
        'finished',
        'rejected',
        'cancelled',
        'expired',
      ]);
      expect(world.executed).toEqual([approved.id]);
    },
    180_000,
  );
});

describe('both at once', () => {
  const run = seededRun('mixed builds', 30);

  test('every review reaches its one right end in time', async () => {
    const old = await world.worker({ workflows: 'previous' });
    const upgraded = pause(1_500).then(() => world.worker({ workflows: 'today', buildId: newer }));
    const slowest = { ms: 0, index: -1 };
    const wrong: string[] = [];
    const expected = { approve: 'finished', reject: 'rejected', cancel: 'cancelled', expire: 'expired' } as const;
    const approved: string[] = [];

    const review = async (index: number): Promise<void> => {
      const random = run.of(index);
      const fate = random.pick(['approve', 'approve', 'reject', 'cancel', 'expire'] as const);
      await pause(random.below(6_000));
      const session = await world.ask(fate === 'expire' ? 'brief' : 'bash');
      if (fate === 'approve') approved.push(session.id);
      await pause(random.below(6_000));
      let due = session.expiresAt.getTime();
      if (fate !== 'expire') {
        await world.decide(session, fate);
        due = Date.now();
      }
      const end = await endWithin(session, boundMs + 6_000);
      const took = Date.now() - due;
      if (took > slowest.ms) Object.assign(slowest, { ms: took, index });
      const row = await findSession(world.core.db, session.id);
      if (end !== expected[fate] || row?.state !== end || took > boundMs) {
        wrong.push(`${fate}: ${end}, row ${row?.state}, ${took} ms: ${run.repeat(index)}`);
      }
      const { failed } = await tasksOf(session);
      for (const task of failed) wrong.push(`${fate}: a failed workflow task, ${task}: ${run.repeat(index)}`);
    };
    await Promise.all(run.indexes().map(review));

    console.log(`slowest end: ${slowest.ms} ms after its decision or expiry (review ${slowest.index})`);
    expect(wrong).toEqual([]);
    expect(world.executed.toSorted()).toEqual(approved.toSorted());
    await upgraded;
    await old.stop();
  }, 240_000);

  test('a review that this release opened never comes to the previous one', async () => {
    await world.worker({ workflows: 'previous' });
    const young = await world.worker({ workflows: 'today', buildId: newer });
    // Temporal tells the parts of a queue one after the other where tasks go: until all know, the previous one opens some
    const session = await eventually(
      async () => {
        const asked = await world.ask();
        await opened(asked);
        return (await tasksOf(asked)).startedBy[0] === newer && asked;
      },
      { describe: 'a review that this release opened' },
    );
    await young.kill();
    await world.decide(session, 'approve');
    await world.worker({ workflows: 'today', buildId: newer });
    expect(await endWithin(session)).toBe('finished');
    const { startedBy, failed } = await tasksOf(session);
    expect([new Set(startedBy), failed]).toEqual([new Set([newer]), []]);

    // it could not read it: this is what the builds are kept apart for
    const history = await world.core.temporal.workflow.getHandle(workflowId(session.id)).fetchHistory();
    const replay = Worker.runReplayHistory({ workflowBundle: { code: builds.previous } }, history);
    await expect(replay).rejects.toThrow('Nondeterminism');
  }, 180_000);
});

describe('the newest release that is alive has the work', () => {
  test('an older replica that starts in the middle of an upgrade stands by, and takes over once the newer are gone', async () => {
    const young = await world.worker({ workflows: 'today', buildId: '9.10.0-new' });
    const session = await world.ask();
    await opened(session);
    // for so long the older one takes a newer one that is idle for one that is there
    const old = await world.worker({ workflows: 'today', buildId: '9.9.0-old', goneAfterMs: 20_000 });
    await old.waitForOutput(/stands by/);
    expect(await world.currentBuild()).toBe('9.10.0-new');
    await young.kill();
    await world.decide(session, 'approve');
    expect(await endWithin(session)).toBe('finished');
    expect(await world.currentBuild()).toBe('9.9.0-old');
    await world.worker({ workflows: 'today', buildId: '9.10.0-new' });
    expect(await world.currentBuild()).toBe('9.10.0-new');
  }, 180_000);

  test('an operator gives the work back to workers without a build', async () => {
    const old = await world.worker({ workflows: 'previous' });
    const session = await world.ask();
    await opened(session);
    const young = await world.worker({ workflows: 'today', buildId: newer });
    await young.stop();
    // temporal worker deployment set-current-version --deployment-name hoop --unversioned
    await world.core.temporal.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: 'default',
      deploymentName: world.core.queues.control,
      ignoreMissingTaskQueues: true,
    });
    await world.decide(session, 'approve');
    expect(await endWithin(session)).toBe('finished');
    expect(new Set((await tasksOf(session)).startedBy)).toEqual(new Set(['unversioned']));
    await old.stop();
  }, 180_000);
});
