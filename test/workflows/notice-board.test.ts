import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createControlActivities } from '#activities/control/index.ts';
import type { NoticeEvent, SlackActivities } from '#activities/types.ts';
import type { Context, Core } from '#core/context.ts';
import { cancelSession, decideReview, signalDecision } from '#core/decide-review.ts';
import { startSession } from '#core/start-session.ts';
import { workflowId } from '#shared/task-queues.ts';
import { setConnectionPlugin } from '#db/connections.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
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
let carol: UserRow;
/** Calls of the Slack activities, and what the next ones do. */
let synced: string[];
let told: NoticeEvent[];
let sync: SlackActivities['syncSlackMessage'];
let tell: SlackActivities['sendDirectMessages'];

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });
const inAnHour = () =>
  ApplicationFailure.create({ type: 'SlackRefused', message: 'is_archived', nextRetryDelay: 3_600_000 });

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com');
  bob = await makeUser(core.db, 'bob@example.com', ['sre']);
  carol = await makeUser(core.db, 'carol@example.com', ['admin']);
  const agent = await makeAgent(core.db);
  const bash = await makeConnection(core.db, agent.id, { name: 'bash', policy: { groups: ['sre', 'admin'] } });
  await setConnectionPlugin(core.db, bash, { name: 'slack', channels: ['#ops', '#old'], channelIds: ['C1', 'C2'] });
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
      } satisfies SlackActivities,
    }),
  ];
  running = Promise.all(workers.map((worker) => worker.run()));
}, 120_000);

beforeEach(() => {
  [synced, told] = [[], []];
  sync = async () => ({ revision: 1, settled: true });
  tell = async () => undefined;
});

afterAll(async () => {
  workers.forEach((worker) => worker.shutdown());
  await running;
  await connection.close();
  await made.close();
});

const ask = async (): Promise<SessionRow> =>
  (await startSession(as(asker), { connection: 'bash', kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} }))
    .session;
const result = ({ id }: SessionRow) => core.temporal.workflow.getHandle(workflowId(id)).result();
async function decide({ id, digest }: SessionRow, who: UserRow, verdict: 'approve' | 'reject'): Promise<void> {
  const { decision } = await decideReview(as(who), id, { verdict, digest, reason: 'because' });
  await signalDecision(core, decision);
}
const count = (channel: string) => synced.filter((name) => name === channel).length;

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
  await decide(session, bob, 'approve');
  await eventually(() => count('C1') === 2 && count('C2') === 2, { describe: () => synced.join() });
  const { events } = await core.temporal.workflow.getHandle(workflowId(session.id)).fetchHistory();
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
