/** Several replicas of the gateway on one database and one Slack app: who holds the sockets, and what no change loses. */
import { describe, expect, test } from 'vitest';
import { takeSockets, takeSpareSocket } from '#core/slack-sockets.ts';
import { getPluginView } from '#core/plugin-views.ts';
import { install, socketsOf, type Installed } from '../sandbox/support.ts';
import { eventuallyPasses } from '../support/eventually.ts';
import { clickWithoutPause } from './click-stream.ts';
import {
  click,
  configureSlack,
  createWorld,
  makeGateway,
  onlyMessage,
  OPS,
  quickSockets,
  requestReview,
  socketsOpen,
  startRuntime,
  type World,
} from './world.ts';

const plugin = (world: World) => getPluginView({ core: world.core, actor: { kind: 'system', name: 'test' } }, 'slack');
const states = async (world: World) => (await plugin(world)).sockets.replicas.map(({ state }) => state);
const statesAre = (world: World, expected: string[]) =>
  eventuallyPasses(async () => expect(await states(world)).toEqual(expected));

async function slotsOf(world: World): Promise<number> {
  return (await world.db.query('select 1 from slack_sockets')).rowCount ?? 0;
}

const endLease = ({ db }: World, gatewayId: string) =>
  db.query("update gateways set lease_until = now() - interval '1 second' where id = $1", [gatewayId]);

async function messageToClick(world: World) {
  const sessionId = await requestReview(world);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  return { sessionId, message: await onlyMessage(world) };
}

describe('the ten sockets of an app', () => {
  test('are two each for four replicas; a fifth waits, says so, and takes over at once when one stops', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    const runtimes = [];
    for (let n = 1; n <= 4; n += 1) {
      runtimes.push(await startRuntime(world));
      await socketsOpen(world, installed, 2 * n);
    }
    await startRuntime(world);
    await statesAre(world, ['connected', 'connected', 'connected', 'connected', 'waiting']);
    expect(await plugin(world)).toMatchObject({ state: 'connected', lastError: null, sockets: { open: 8, limit: 10 } });
    expect(await socketsOf(world, installed)).toBe(8);

    // by the notice: the leases of the others end in an hour
    await runtimes[1]?.stop();
    await eventuallyPasses(async () => expect((await states(world)).at(-1)).toBe('connected'));
    await socketsOpen(world, installed, 8);
  });

  test('of a replica that died come free when its lease ends, and without any notice', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    for (let n = 0; n < 4; n += 1) {
      const dead = { gatewayId: await makeGateway(world, 10), appId: installed.appId };
      expect((await takeSockets(world.core, dead)).slots).toHaveLength(2);
    }
    await startRuntime(world);
    await statesAre(world, ['waiting']);
    await socketsOpen(world, installed, 2);
    await statesAre(world, ['connected']);
  });

  test('are never more than ten, and a pair leaves one free for replacements', async () => {
    const world = await createWorld();
    const holders = await Promise.all(
      Array.from({ length: 6 }, async () => ({ gatewayId: await makeGateway(world), appId: 'A1' })),
    );
    const taken = await Promise.all(holders.map((holder) => takeSockets(world.core, holder)));
    expect(taken.filter(({ slots }) => slots !== null)).toHaveLength(4);
    const [first] = holders;
    if (!first) throw new Error('no holder');
    const spares = await Promise.all([1, 2, 3].map(() => takeSpareSocket(world.core, first)));
    expect(spares.filter((slot) => slot !== null).sort()).toEqual([10, 9]);
    expect((await takeSockets(world.core, { gatewayId: first.gatewayId, appId: 'A2' })).slots).toEqual([1, 2]);
  });

  test('go only to a gateway whose lease holds', async () => {
    const world = await createWorld();
    const holder = { gatewayId: await makeGateway(world), appId: 'A1' };
    await endLease(world, holder.gatewayId);
    expect(await takeSockets(world.core, holder)).toEqual({ slots: null, leaseEndsInMs: null });
  });

  test('are let go by a replica that finds them taken after its lease ran out', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    const gatewayId = await makeGateway(world);
    const runtime = await startRuntime(world, { gatewayId });
    await socketsOpen(world, installed, 2);
    await endLease(world, gatewayId);
    for (let n = 0; n < 4; n += 1) {
      const other = { gatewayId: await makeGateway(world), appId: installed.appId };
      expect((await takeSockets(world.core, other)).slots).toHaveLength(2);
    }
    await socketsOpen(world, installed, 0);
    await world.db.query("update gateways set lease_until = now() + interval '1 hour' where id = $1", [gatewayId]);
    await runtime.onSockets();
    await statesAre(world, ['waiting']);
  });

  test('stay with a replica while Postgres does not answer: people who click have to be told', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    const gatewayId = await makeGateway(world);
    const down = { on: false };
    const db = new Proxy(world.db, {
      get: (target, name) => {
        if (down.on && (name === 'query' || name === 'connect')) return () => Promise.reject(new Error('away'));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const runtime = await startRuntime({ ...world, core: { ...world.core, db } }, { gatewayId });
    await socketsOpen(world, installed, 2);
    down.on = true;
    await runtime.onSockets();
    expect(await socketsOf(world, installed)).toBe(2);
    down.on = false;
  });
});

describe('no click is lost', () => {
  test.each(['refresh_requested', 'warning'])(
    'with two replicas while Slack says %s again and again',
    async (reason) => {
      const world = await createWorld();
      const { installed, message } = await twoReplicas(world);
      const clicking = clickWithoutPause(world, message);
      for (let round = 0; round < 3; round += 1) {
        const had = clicking.answers.length;
        await world.control.post('faults', { kind: 'disconnect', reason });
        await eventuallyPasses(() => expect(clicking.answers.length).toBeGreaterThan(had + 10));
        await eventuallyPasses(async () => expect(await slotsOf(world)).toBe(4));
        await socketsOpen(world, installed, 4);
      }
      expect(new Set((await clicking.stop()).map(({ status }) => status))).toEqual(new Set([200]));
    },
  );

  test('with four replicas that Slack sends away all at once, and never has it more than ten', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    for (let n = 1; n <= 4; n += 1) {
      await startRuntime(world);
      await socketsOpen(world, installed, 2 * n);
    }
    const { message } = await messageToClick(world);
    await world.control.remove('calls');
    const clicking = clickWithoutPause(world, message);
    await world.control.post('faults', { kind: 'disconnect', reason: 'refresh_requested' });
    let most = 0;
    await eventuallyPasses(
      async () => {
        most = Math.max(most, await socketsOf(world, installed));
        const { calls } = await world.control.get('calls?method=apps.connections.open');
        expect(calls.length).toBeGreaterThanOrEqual(8);
        expect(await slotsOf(world)).toBe(8);
        expect(await socketsOf(world, installed)).toBe(8);
      },
      { deadlineMs: 40_000 },
    );
    expect(most).toBeLessThanOrEqual(10);
    expect(new Set((await clicking.stop()).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await plugin(world)).lastError).toBeNull();
  }, 60_000);

  test('with two replicas while the tokens are set anew', async () => {
    const world = await createWorld();
    const { installed, message, runtimes } = await twoReplicas(world);
    const clicking = clickWithoutPause(world, message);
    for (let round = 0; round < 3; round += 1) {
      const had = clicking.answers.length;
      await configureSlack(world, installed);
      await Promise.all(runtimes.map((runtime) => runtime.onPluginChanged()));
      await eventuallyPasses(() => expect(clicking.answers.length).toBeGreaterThan(had + 5));
      await statesAre(world, ['connected', 'connected']);
    }
    expect(new Set((await clicking.stop()).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('by the old app before another one is open', async () => {
    const world = await createWorld();
    const { installed, message, runtimes } = await twoReplicas(world);
    const clicking = clickWithoutPause(world, message);
    await eventuallyPasses(() => expect(clicking.answers.length).toBeGreaterThan(5));
    const other = await install(world.control, { name: 'hoop of staging' });
    await configureSlack(world, other);
    await Promise.all(runtimes.map((runtime) => runtime.onPluginChanged()));
    await socketsOpen(world, other, 4);
    await socketsOpen(world, installed, 0);
    const answers = await clicking.stop();
    // later ones have nobody to go to, and Slack says so at once; one a replica may meet the closing of its sockets
    const firstLost = answers.findIndex(({ status }) => status !== 200);
    expect(firstLost).toBeGreaterThan(5);
    const unanswered = answers.filter(({ status, ackMs }) => status !== 200 && ackMs > 1_000);
    expect(unanswered.length).toBeLessThanOrEqual(runtimes.length);
  });

  test('that is being worked on when Slack sends its socket away', async () => {
    const world = await createWorld();
    const { sessionId, message } = await twoReplicas(world, { budgetMs: 2_000 });
    const holder = await world.db.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from sessions where id = $1 for update', [sessionId]);
      const clicked = click(world, 'bob', 'approve', message);
      await eventuallyPasses(async () => {
        const waiting =
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        expect((await world.db.query(waiting)).rowCount).toBeGreaterThan(0);
      });
      await world.control.post('faults', { kind: 'disconnect', reason: 'refresh_requested' });
      await eventuallyPasses(async () => expect(await slotsOf(world)).toBeGreaterThan(4));
      await holder.query('rollback');
      expect(await clicked).toMatchObject({ status: 200, acked: true });
    } finally {
      holder.release();
    }
    await eventuallyPasses(() => expect(world.temporal.signals).toHaveLength(1));
  });
});

/** `budgetMs`: until clicks are acknowledged whatever the database does; shorter than a socket waits before it closes. */
async function twoReplicas(world: World, more: { budgetMs?: number } = {}) {
  const installed: Installed = await configureSlack(world);
  const app = { sockets: { ...quickSockets, lingerMs: 300 }, ...more };
  const runtimes = [await startRuntime(world, { app }), await startRuntime(world, { app })];
  await socketsOpen(world, installed, 4);
  return { installed, runtimes, ...(await messageToClick(world)) };
}
