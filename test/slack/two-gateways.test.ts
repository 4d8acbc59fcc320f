/** Two real gateway processes on one database and one Slack app, one of which is killed while people click. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { getPluginView } from '#core/plugin-views.ts';
import { releaseSockets, takeSockets } from '#core/slack-sockets.ts';
import { socketsOf } from '../sandbox/support.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { distFile } from '../support/processes.ts';
import { useTemporal } from '../support/temporal.ts';
import { clickWithoutPause } from './click-stream.ts';
import {
  configureSlack,
  createWorld,
  decisionsOf,
  makeGateway,
  messages,
  OPS,
  requestReview,
  socketsOpen,
  type World,
} from './world.ts';

async function startGateway(world: World): Promise<{ apiUrl: string; kill: () => Promise<void> }> {
  const temporal = await useTemporal();
  const home = await mkdtemp(join(tmpdir(), 'hoop-gateway-'));
  const child: ChildProcess = fork(await distFile('gateway.js'), [], {
    env: {
      PATH: process.env.PATH,
      HOOP_TEST_RUN: process.env.HOOP_TEST_RUN,
      HOOP_HOME: home,
      HOOP_LISTEN: '127.0.0.1:0',
      HOOP_SECRET_KEY: world.secretKey.toString('base64'),
      HOOP_SANDBOX_URL: world.sandbox.url,
      HOOP_TASK_QUEUE_PREFIX: temporal.taskQueuePrefix,
      DATABASE_URL: world.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(async () => {
    await kill();
    await rm(home, { recursive: true, force: true });
  });
  let apiUrl: string | undefined;
  child.on('message', (message: { type?: string; apiUrl?: string }) => {
    if (message.type === 'ready') apiUrl = message.apiUrl;
  });
  return { apiUrl: await eventually(() => apiUrl, { deadlineMs: 60_000, describe: 'the gateway is ready' }), kill };
}

/** Requests, each with its message in #ops. */
async function requests(world: World, count: number) {
  const found: { sessionId: string; ts: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const sessionId = await requestReview(world);
    // too early for the channel's pace is an error that a worker would try again after
    await eventuallyPasses(async () => void (await world.activities.syncSlackMessage({ sessionId, channel: OPS })));
    const message = (await messages(world, 'bob')).find((seen) => JSON.stringify(seen.blocks).includes(sessionId));
    if (!message) throw new Error('no message');
    found.push({ sessionId, ts: message.ts });
  }
  return found;
}

test('a gateway that is killed loses no click it acknowledged, and the other one goes on', async () => {
  // what is with the gateway when it dies waits for so long
  const world = await createWorld({ ackTimeoutMs: 10_000 });
  const installed = await configureSlack(world);
  const first = await startGateway(world);
  await socketsOpen(world, installed, 2);
  await startGateway(world);
  await eventuallyPasses(async () => expect(await socketsOf(world, installed)).toBe(4), { deadlineMs: 30_000 });

  const asked = await requests(world, 8);
  const [toOpen] = await messages(world, 'bob');
  if (!toOpen) throw new Error('no message');
  const clicking = clickWithoutPause(world, toOpen);
  const approve = async ({ sessionId, ts }: (typeof asked)[number]) => {
    const answer = await world.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'approve' });
    return { sessionId, ts, acked: answer.status === 200, error: JSON.stringify(answer) };
  };
  const clicks = asked.map(approve);
  await eventuallyPasses(() => expect(clicking.answers.length).toBeGreaterThan(3), { everyMs: 1 });
  await first.kill();
  const answers = await Promise.all(clicks);

  // what takes longer than its two seconds is acknowledged first
  const decided = async ({ sessionId }: { sessionId: string }) => (await decisionsOf(world, sessionId)).length;
  for (const sure of answers.filter(({ acked }) => acked)) await eventually(async () => (await decided(sure)) === 1);
  for (const lost of answers.filter(({ acked }) => !acked)) expect(lost.error).toContain('app_did_not_respond');
  for (const lost of answers.filter(({ acked }) => !acked)) expect((await approve(lost)).acked).toBe(true);
  for (const one of asked) await eventually(async () => (await decided(one)) === 1);

  const had = clicking.answers.length;
  await eventuallyPasses(() => expect(clicking.answers.length).toBeGreaterThan(had + 20));
  const stream = await clicking.stop();
  // the stream has one click in flight at a time: that one may have been with the gateway that died
  expect(stream.filter(({ status }) => status !== 200).length).toBeLessThanOrEqual(1);
  expect(new Set(stream.slice(had + 1).map(({ status }) => status))).toEqual(new Set([200]));
  await socketsOpen(world, installed, 2);
}, 240_000);

test('a gateway without sockets serves everything else, and connects as soon as two come free', async () => {
  const world = await createWorld();
  const installed = await configureSlack(world);
  const holders = [];
  for (let n = 0; n < 4; n += 1) {
    const holder = { gatewayId: await makeGateway(world), appId: installed.appId };
    holders.push({ holder, slots: (await takeSockets(world.core, holder)).slots ?? [] });
  }
  const { apiUrl } = await startGateway(world);
  const replicaStates = async () =>
    (await getPluginView({ core: world.core, actor: { kind: 'system', name: 'test' } }, 'slack')).sockets.replicas.map(
      ({ state }) => state,
    );
  await eventuallyPasses(async () => expect(await replicaStates()).toEqual(['waiting']));
  expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
  expect(await socketsOf(world, installed)).toBe(0);

  const [first] = holders;
  if (!first) throw new Error('nobody holds a socket');
  await releaseSockets(world.core, first.holder, first.slots);
  // by the notice: the leases of those that hold the others end in an hour
  await socketsOpen(world, installed, 2);
  await eventuallyPasses(async () => expect(await replicaStates()).toEqual(['connected']));
}, 240_000);
