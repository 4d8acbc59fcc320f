import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createControlActivities } from '#activities/control/index.ts';
import type { NoticeEvent, SlackActivities } from '#activities/types.ts';
import type { Context, Core } from '#core/context.ts';
import { cancelSession, decideReview, signalDecision } from '#core/decide-review.ts';
import { signalStarted } from '#core/signal-started.ts';
import { startSession } from '#core/start-session.ts';
import { workflowId } from '#shared/task-queues.ts';
import { setConnectionPlugin } from '#db/connections.ts';
import { saveExit } from '#db/runs.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { consumeForTest } from './consume-for-test.ts';
import { exitOf } from './world.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

let made: TestCore;
let core: Core;
let connection: NativeConnection;
let workers: Worker[];
let running: Promise<unknown>;
let asker: UserRow;
/** Unknown to Slack, as carol is. */
let stranger: UserRow;
let bob: UserRow;
let carol: UserRow;
/** Calls of the Slack activities, and what the next ones do. */
let synced: string[];
let told: NoticeEvent[];
/** What was told in one step. */
let steps: { channels: string[]; events: NoticeEvent[] }[];
let sync: SlackActivities['syncSlackMessage'];
let tell: SlackActivities['sendDirectMessages'];
/** How long a command does, once it is consumed. */
let lasts: (sessionId: string) => Promise<void>;

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });
const inAnHour = () =>
  ApplicationFailure.create({ type: 'SlackRefused', message: 'is_archived', nextRetryDelay: 3_600_000 });

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com', [], { slackId: 'UASKER' });
  stranger = await makeUser(core.db, 'stranger@example.com');
  bob = await makeUser(core.db, 'bob@example.com', ['sre'], { slackId: 'UBOB' });
  carol = await makeUser(core.db, 'carol@example.com', ['admin']);
  const agent = await makeAgent(core.db);
  const bash = await makeConnection(core.db, agent.id, { name: 'bash', policy: { groups: ['sre', 'admin'] } });
  await setConnectionPlugin(core.db, bash, { name: 'slack', channels: ['#ops', '#old'], channelIds: ['C1', 'C2'] });
  const here = await makeAgent(core.db, 'here');
  for (const [name, group] of [
    ['quick', 'sre'],
    ['unheard', 'admin'],
  ] as const) {
    const quick = await makeConnection(core.db, here.id, { name, policy: { groups: [group] } });
    await setConnectionPlugin(core.db, quick, { name: 'slack', channels: ['#ops'], channelIds: ['C1'] });
  }
  connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  workers = [
    await Worker.create({
      connection,
      taskQueue: core.queues.control,
      workflowBundle,
      activities: createControlActivities({ db: core.db }),
    }),
    await Worker.create({
      connection,
      taskQueue: core.queues.slack,
      activities: {
        syncSlackMessage: (target) => {
          synced.push(target.channel);
          return sync(target);
        },
        sendDirectMessages: (notice) => {
          told.push(notice.event);
          return tell(notice);
        },
        tellInSlack: async ({ sessionId, channels, events }) => {
          steps.push({ channels, events });
          synced.push(...channels);
          told.push(...events);
          await Promise.all(channels.map((channel) => sync({ sessionId, channel })));
          for (const event of events) await tell({ sessionId, event });
        },
      } satisfies SlackActivities,
    }),
  ];
  workers.push(
    await Worker.create({
      connection,
      taskQueue: core.queues.agent('here'),
      activities: { execute: (key: { sessionId: string }) => execute(key) },
    }),
  );
  running = Promise.all(workers.map((worker) => worker.run()));
}, 120_000);

beforeEach(() => {
  [synced, told, steps] = [[], [], []];
  sync = async () => ({ revision: 1, settled: true });
  tell = async () => undefined;
  lasts = async () => undefined;
});

async function execute({ sessionId }: { sessionId: string }): Promise<{ reason: string }> {
  const { nonce } = await consumeForTest(core, sessionId, { agent: 'here' });
  await lasts(sessionId);
  await saveExit(core.db, sessionId, exitOf(sessionId, nonce, { exitCode: 0 }));
  return { reason: 'exit' };
}

afterAll(async () => {
  workers.forEach((worker) => worker.shutdown());
  await running;
  await connection.close();
  await made.close();
});

const ask = async (connectionName = 'bash', who = asker): Promise<SessionRow> =>
  (await startSession(as(who), { connection: connectionName, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} }))
    .session;
const result = ({ id }: SessionRow) => core.temporal.workflow.getHandle(workflowId(id)).result();
async function decide({ id, digest }: SessionRow, who: UserRow, verdict: 'approve' | 'reject'): Promise<void> {
  const { decision } = await decideReview(as(who), id, { verdict, digest, reason: 'because' });
  await signalDecision(core, decision);
}
const count = (channel: string) => synced.filter((name) => name === channel).length;
const handleOf = ({ id }: SessionRow) => core.temporal.workflow.getHandle(workflowId(id));

/** What its activities have done is known to the workflow, which waits for somebody. */
const rests = (session: SessionRow) =>
  eventually(
    async () => {
      const { pendingActivities, pendingWorkflowTask } = (await handleOf(session).describe()).raw;
      return (pendingActivities ?? []).length === 0 && !pendingWorkflowTask;
    },
    { describe: 'a workflow that waits' },
  );

/**
 * A review of a command that ends at once, and its history. On a busy machine the agent may be late, and workflow tasks
 * may last: what is told, and what it costs, is then another story, so that it is begun anew.
 */
const promptReview = (connectionName: string, who: UserRow, reviewer: UserRow) =>
  eventually<{ session: SessionRow; events: HistoryEvent[] } | false>(
    async () => {
      [synced, told, steps] = [[], [], []];
      const session = await ask(connectionName, who);
      await eventually(() => count('C1') === 1);
      await rests(session);
      await decide(session, reviewer, 'approve');
      expect(await result(session)).toEqual({ state: 'finished' });
      const events = (await handleOf(session).fetchHistory()).events ?? [];
      return !events.some(isLate) && { session, events };
    },
    { deadlineMs: 80_000, describe: 'a review in which nothing is late' },
  );
const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(eventTime?.seconds) * 1_000 + Number(eventTime?.nanos) / 1_000_000;
/** Half a second after what came before, which is no wait of the story: only for its reviewer it waits. */
const isLate = (event: HistoryEvent, at: number, events: HistoryEvent[]): boolean =>
  at > 0 && !event.workflowExecutionSignaledEventAttributes && timeOf(event) - timeOf(events[at - 1] ?? event) > 500;

test('a change ends the wait of a channel that refuses, and the other channel is never held up', async () => {
  sync = async ({ sessionId, channel }) => {
    const session = await findSession(core.db, sessionId);
    if (channel === 'C2' && !session?.endedAt) throw inAnHour();
    return { revision: 1, settled: true };
  };
  const session = await ask();
  await eventually(() => count('C1') === 1 && count('C2') === 1);
  await decide(session, bob, 'approve');
  await eventually(() => count('C1') === 2 && count('C2') === 2, { describe: () => synced.join() });
  await decide(session, carol, 'reject');
  expect(await result(session)).toEqual({ state: 'rejected' });
  expect([count('C1'), count('C2')]).toEqual([3, 3]);
});

test('while a review waits, a decision is shown without a pause', async () => {
  const session = await ask();
  await eventually(() => count('C1') === 1 && count('C2') === 1);
  await rests(session);
  await decide(session, bob, 'approve');
  await eventually(() => count('C1') === 2 && count('C2') === 2, { describe: () => synced.join() });
  const { events } = await handleOf(session).fetchHistory();
  const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? []);
  // the expiry of the request, and no other
  expect(timers.filter(({ seconds }) => Number(seconds) < 60)).toEqual([]);
  await decide(session, carol, 'reject');
  await result(session);
});

test('reviewers are asked at once, and a wait to ask more of them ends with the session', async () => {
  tell = async ({ event }) => {
    if (event === 'asked' && told.length === 1) throw inAnHour();
  };
  const session = await ask();
  await eventually(() => told.includes('asked'));
  await decide(session, bob, 'reject');
  expect(await result(session)).toEqual({ state: 'rejected' });
  // the second is to say what became of it
  expect(told.toSorted()).toEqual(['asked', 'asked', 'rejected']);
});

test('reviewers hear what became of it as soon as it is approved, and once', async () => {
  const session = await ask();
  await eventually(() => told.includes('asked'));
  await decide(session, bob, 'approve');
  expect(told).toEqual(['asked']);
  await decide(session, carol, 'approve');
  await eventually(() => told.filter((event) => event === 'asked').length === 2, { describe: () => told.join() });
  await signalDecision(core, (await cancelSession(as(asker), session.id)).decision);
  await result(session);
  expect(told.filter((event) => event === 'asked')).toHaveLength(2);
});

test('an attempt that has begun is left to its end, so that nothing is posted twice', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let underway = 0;
  let most = 0;
  sync = async ({ channel }) => {
    if (channel === 'C2') return { revision: 1, settled: true };
    underway += 1;
    most = Math.max(most, underway);
    await held;
    underway -= 1;
    return { revision: 1, settled: true };
  };
  const session = await ask();
  await eventually(() => count('C1') === 1);
  await decide(session, bob, 'approve');
  await eventually(() => count('C2') === 2);
  expect(count('C1')).toBe(1);
  release();
  await eventually(() => count('C1') === 2);
  await decide(session, carol, 'reject');
  await result(session);
  expect(most).toBe(1);
});

test('of a command that ends at once everything is told in one step, the approval before the end', async () => {
  await promptReview('quick', asker, bob);
  expect(steps).toEqual([{ channels: ['C1'], events: ['approved', 'finished', 'asked'] }]);
  expect([synced, told.toSorted()]).toEqual([
    ['C1', 'C1'],
    ['approved', 'asked', 'asked', 'finished'],
  ]);
});

test('of a command that lasts the approval is told while it runs, and its end once', async () => {
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  lasts = async (id) => {
    signalStarted(core, id);
    await held;
  };
  const session = await ask('quick');
  await eventually(() => count('C1') === 1);
  await decide(session, bob, 'approve');
  await eventually(() => told.includes('approved') && count('C1') >= 2, { describe: () => told.join() });
  finish();
  await result(session);
  expect(told.filter((event) => event !== 'asked')).toEqual(['approved', 'finished']);
  // an agent that is late has been told of as well
  expect([3, 4]).toContain(count('C1'));
});

test('where nobody can be written to nothing is sent in private', async () => {
  await promptReview('unheard', stranger, carol);
  expect([told, steps]).toEqual([[], [{ channels: ['C1'], events: [] }]]);
});

test('one approval leaves at most ten actions and forty events', async () => {
  const { events } = await promptReview('unheard', asker, carol);
  const of = (pick: (event: HistoryEvent) => unknown) => events.filter((event) => pick(event) != null);
  const local = new Set(of((e) => e.markerRecordedEventAttributes).map(taskOf));
  const upserts = of(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => upsert).length - 1; // of the patch
  // the expiry of the request, its approval, the end, and no other
  expect([of((e) => e.timerStartedEventAttributes).length, upserts, local.size]).toEqual([1, 1, 3]);
  const attempts = of((e) => e.activityTaskStartedEventAttributes).length;
  expect({ actions: 1 + 1 + 1 + attempts + local.size + upserts, events: events.length }).toEqual({
    actions: 10,
    events: expect.toSatisfy((n: number) => n <= 40, 'at most 40'),
  });
});

const taskOf = (event: HistoryEvent): string =>
  String(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId);
