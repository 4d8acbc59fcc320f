/** Whatever Slack answers ends in a state that admins see and a retry, never in the end of the process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { getPluginView } from '#core/plugin-views.ts';
import { createSealer } from '#core/sealer.ts';
import { install } from '../sandbox/support.ts';
import { openSocket } from '../sandbox/raw-socket.ts';
import { eventuallyPasses } from '../support/eventually.ts';
import {
  configureSlack,
  createWorld,
  quickSockets,
  saveTokens,
  socketsOpen,
  startConnected,
  startRuntime,
  type World,
} from './world.ts';

const plugin = ({ core }: World) => getPluginView({ core, actor: { kind: 'system', name: 'test' } }, 'slack');
const fares = (world: World, state: string, problem: string | null) =>
  eventuallyPasses(async () => {
    const { state: now, lastError, lastErrorAt } = await plugin(world);
    expect({ state: now, lastError }).toEqual({ state, lastError: problem && expect.stringContaining(problem) });
    expect(lastErrorAt).toEqual(problem === null ? null : expect.any(String));
  });

test('Socket Mode switched off while connected is an error, and connects again once it is on', async () => {
  const world = await createWorld();
  await startConnected(world);
  const method = 'apps.connections.open';
  const off = { kind: 'error', error: 'socket_mode_not_enabled', method, count: 0 };
  const { id } = await world.control.post('faults', off);
  await world.control.post('faults', { kind: 'disconnect', reason: 'link_disabled' });
  await fares(world, 'connected', 'SLACK_APP_TOKEN: Socket Mode is off in the settings of its app');
  await world.control.post('faults', { kind: 'socket_cut' });
  await fares(world, 'error', 'SLACK_APP_TOKEN: Socket Mode is off in the settings of its app');
  await world.control.remove(`faults/${String(id)}`);
  await fares(world, 'connected', null);
}, 40_000);

test('ten connections held by another program are said, and hoop connects when one goes', async () => {
  const world = await createWorld();
  const installed = await configureSlack(world);
  const strangers = [];
  for (let n = 0; n < 10; n += 1) strangers.push(await openSocket(world.sandbox, installed));
  await startRuntime(world);
  await fares(world, 'connecting', 'too_many_websockets');
  strangers[0]?.socket.terminate();
  await fares(world, 'connected', 'too_many_websockets');
  strangers[1]?.socket.terminate();
  await fares(world, 'connected', null);
});

test('a rate limit on opening connections is kept to', async () => {
  const world = await createWorld();
  await configureSlack(world);
  await world.control.remove('calls');
  const method = 'apps.connections.open';
  const { id } = await world.control.post('faults', { kind: '429', retryAfter: 2, method, count: 0 });
  await startRuntime(world);
  await fares(world, 'connecting', 'hoop asks again in 2 s');
  await world.control.remove(`faults/${String(id)}`);
  await fares(world, 'connected', null);
  const { calls } = await world.control.get(`calls?method=${method}`);
  const [refused, next] = (calls as { at: string }[]).map(({ at }) => Date.parse(at));
  expect((next ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(1_900);
});

test('a rate limit on the first question about the bot is kept to', async () => {
  const world = await createWorld();
  await configureSlack(world);
  await world.control.remove('calls');
  const { id } = await world.control.post('faults', { kind: '429', retryAfter: 2, method: 'auth.test', count: 0 });
  await startRuntime(world);
  await fares(world, 'connecting', 'hoop asks again in 2 s');
  await world.control.remove(`faults/${String(id)}`);
  await fares(world, 'connected', null);
  const { calls } = await world.control.get('calls?method=auth.test');
  const [refused, next] = (calls as { at: string }[]).map(({ at }) => Date.parse(at));
  expect((next ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(1_900);
});

test.each(['not_allowed_token_type', 'missing_scope', 'invalid_auth', 'account_inactive', 'team_disabled'])(
  '%s to a reconnection is an error with the token it is about, and is tried again',
  async (error) => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    const method = 'apps.connections.open';
    const { id } = await world.control.post('faults', { kind: 'error', error, method, count: 0 });
    await world.control.post('faults', { kind: 'socket_cut' });
    await fares(world, 'error', `(${error})`);
    expect((await plugin(world)).lastError).toContain('Slack refuses SLACK_APP_TOKEN');
    await world.control.remove(`faults/${String(id)}`);
    await fares(world, 'connected', null);
    await socketsOpen(world, installed, 2);
  },
);

test('a connection that never says hello is given up and tried again', async () => {
  const world = await createWorld();
  const silent = await startSilentSlack();
  await saveTokens({ ...world, sandbox: { ...world.sandbox, apiUrl: silent.apiUrl } }, silent.tokens);
  await startRuntime(world, { app: { sockets: { ...quickSockets, helloTimeoutMs: 300 } } });
  await fares(world, 'connecting', 'did not say hello within 0.3 s');
  await eventuallyPasses(() => expect(silent.opened()).toBeGreaterThan(3));
  // what was given up is closed, not left open beside the next
  await eventuallyPasses(() => expect(silent.open()).toBeLessThanOrEqual(2));
});

test('tokens sealed with another key are an error of the replica that cannot read them', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const core = { ...world.core, sealer: createSealer([Buffer.alloc(32, 7)]) };
  const runtime = await startRuntime({ ...world, core }, { retryDelaysMs: [60_000] });
  await eventuallyPasses(async () => expect((await plugin(world)).state).toBe('error'));
  expect((await plugin(world)).lastError).toMatch(/key/i);
  await runtime.stop();
});

test('a socket that is missing is seen beside one that is open', async () => {
  const world = await createWorld();
  const installed = await install(world.control);
  await configureSlack(world, installed);
  const method = 'apps.connections.open';
  await startRuntime(world, { app: { sockets: { ...quickSockets, staggerMs: 8_000 } } });
  await socketsOpen(world, installed, 1);
  // before the second one is opened
  const { id } = await world.control.post('faults', { kind: 'error', error: 'internal_error', method, count: 0 });
  await fares(world, 'connected', 'internal_error');
  await world.control.remove(`faults/${String(id)}`);
  await fares(world, 'connected', null);
  expect((await plugin(world)).sockets).toMatchObject({ open: 2, limit: 10, replicas: [{ openSockets: 2 }] });
});

/** A Slack that takes connections and says nothing. */
async function startSilentSlack() {
  let opened = 0;
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link/?ticket=t`, bot_id: 'B1' }));
    request.resume();
  });
  server.on('upgrade', (request, stream, head) => {
    opened += 1;
    sockets.handleUpgrade(request, stream, head, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    sockets.clients.forEach((socket) => socket.terminate());
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    tokens: { botToken: 'xoxb-silent', appToken: 'xapp-1-ASILENT-1-1' },
    opened: () => opened,
    open: () => sockets.clients.size,
  };
}
