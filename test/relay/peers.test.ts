/** Two gateways: people watch on one, the agent is connected to the other. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { AgentFrame } from '#shared/agent-protocol.ts';
import { encodeInput } from '#shared/input-frame.ts';
import { encodeSessionOutput } from '#shared/output-frame.ts';
import { holderFrame, peerConnectPath, type HolderFrame } from '#shared/peer-protocol.ts';
import { binarySubprotocol } from '#shared/stream-events.ts';
import { createPeerLink } from '#api/relay/peer-link.ts';
import { consumeRun } from '#core/consume-run.ts';
import { dialAuthorization, newNonce, proveSide, type PeerPair } from '#core/peer-proof.ts';
import { createSealer } from '#core/sealer.ts';
import { startSession } from '#core/start-session.ts';
import { inTransaction } from '#db/pool.ts';
import { lockSession } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { openStream, type StreamClient } from '../api/support/stream-client.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { createTestRelay, headersOf, type TestAgent, type TestRelay } from './support.ts';

let made: TestCore;
let asker: UserRow;
let headers: Record<string, string>;
let token: string;
/** Holds the agents; where people watch. */
let holder: TestRelay;
let near: TestRelay;

beforeAll(async () => {
  made = await createTestCore();
  asker = await makeUser(made.core.db, 'asker@example.com');
  headers = await headersOf(made.core, asker.id);
  const agent = await makeAgent(made.core.db);
  token = agent.token;
  await makeConnection(made.core.db, agent.id, { name: 'bash' });
});
afterAll(() => made.close());
beforeEach(async () => {
  [holder, near] = [await createTestRelay(made.core, made), await createTestRelay(made.core, made)];
  onTestFinished(async () => void (await Promise.all([holder.close(), near.close()])));
});

const ask = async (): Promise<string> => {
  const ctx = { core: made.core, actor: { kind: 'user' as const, user: asker, via: 'cli' as const } };
  const request = { connection: 'bash', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  const { id } = (await startSession(ctx, request)).session;
  await made.core.db.query('update sessions set terminal = true where id = $1', [id]);
  return id;
};
const run = async (id: string, agent: TestAgent, at = holder): Promise<void> => {
  const line = at.hub.line('default', agent.journalId);
  if (!line) throw new Error('no line');
  const order = await consumeRun(made.core, at.gatewayKey, id, line);
  const signals = { stop: new AbortController().signal, abandon: new AbortController().signal };
  line.run(id, order, signals).catch(() => undefined);
};
const watch = async (id: string, at = near): Promise<StreamClient> => {
  const stream = openStream(at, id, { headers, protocols: [binarySubprotocol] });
  await stream.waitFor('state');
  return stream;
};
const output = (sessionId: string, offset: number, text: string | Buffer) =>
  encodeSessionOutput(sessionId, { stream: 'stdout', offset, data: Buffer.from(text) });
const seen = (stream: StreamClient): string => Buffer.concat(stream.chunks.map(({ data }) => data)).toString();
const linked = (count: number) =>
  eventually(() => near.relay.peers.linked() === count, { describe: `${count} lines to peers` });

describe('output of an agent at another gateway', () => {
  test('is shown at once, before it is in Postgres', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const stream = await watch(id);
    agent.socket.send(output(id, 0, 'stored\n'));
    await eventuallyPasses(() => expect(seen(stream)).toBe('stored\n'));
    await linked(1);
    await inTransaction(made.core.db, async (tx) => {
      await lockSession(tx, id);
      agent.socket.send(output(id, 7, 'not stored yet'));
      await eventuallyPasses(() => expect(seen(stream)).toBe('stored\nnot stored yet'));
    });
    stream.socket.close();
  });

  test('comes over the rows while the other gateway cannot be reached, and at once when it can be again', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    const peerUrl = (url: string) =>
      made.core.db.query('update gateways set peer_url = $2 where id = $1', [holder.gatewayId, url]);
    await peerUrl('http://127.0.0.1:1');
    await run(id, agent);
    const stream = await watch(id);
    agent.socket.send(output(id, 0, 'by the rows'));
    await eventuallyPasses(() => expect(seen(stream)).toBe('by the rows'));
    stream.socket.close();
    await linked(0);
    await peerUrl(holder.url);
    const again = await watch(id);
    await eventuallyPasses(() => expect(seen(again)).toBe('by the rows'));
    await linked(1);
    await inTransaction(made.core.db, async (tx) => {
      await lockSession(tx, id);
      let offset = 11;
      // the line to the peer may come up a moment after the first byte
      await eventually(() => {
        agent.socket.send(output(id, offset, '.'));
        offset += 1;
        return seen(again).length > 11;
      });
    });
    again.socket.close();
  });

  test('goes on coming while the lease of the other gateway has lapsed, and the place is looked up again', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const stream = await watch(id);
    await linked(1);
    await made.core.db.query("update gateways set lease_until = now() - interval '1 second' where id = $1", [
      holder.gatewayId,
    ]);
    near.relay.peers.onMoved();
    // looks come one after the other: with this line the look for the first is over
    const third = await secondHolder();
    await linked(2);
    await inTransaction(made.core.db, async (tx) => {
      await lockSession(tx, id);
      agent.socket.send(output(id, 0, 'not stored yet'));
      await eventuallyPasses(() => expect(seen(stream)).toBe('not stored yet'));
    });
    await made.core.db.query('update agent_instances set gateway_id = $2 where id = $1', [
      agent.instanceId,
      third.gatewayId,
    ]);
    await linked(1);
    stream.socket.close();
  });

  test('comes from gateways that can be dialled, whatever address another one gave', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const url = 'gateway-2:8009';
    await made.core.db.query('update gateways set peer_url = $2 where id = $1', [holder.gatewayId, url]);
    const stream = await watch(id);
    await secondHolder();
    await linked(1);
    agent.socket.send(output(id, 0, 'by the rows'));
    await eventuallyPasses(() => expect(seen(stream)).toBe('by the rows'));
    stream.socket.close();
  });

  /** Another gateway with an agent, and a session there that is watched. */
  async function secondHolder(): Promise<TestRelay> {
    const third = await createTestRelay(made.core, made);
    onTestFinished(() => third.close());
    const [agent, id] = [await third.dial(token), await ask()];
    await run(id, agent, third);
    const stream = await watch(id);
    onTestFinished(() => stream.socket.close());
    return third;
  }

  test('of many sessions comes over one line, which is closed once nobody watches', async () => {
    const agent = await holder.dial(token);
    const ids = [await ask(), await ask(), await ask()];
    for (const id of ids) await run(id, agent);
    const streams = [];
    for (const id of ids) streams.push(await watch(id));
    for (const id of ids) agent.socket.send(output(id, 0, id));
    for (const [n, stream] of streams.entries()) await eventuallyPasses(() => expect(seen(stream)).toBe(ids[n]));
    await linked(1);
    for (const stream of streams) stream.socket.close();
    await linked(0);
  });

  test('is left to the rows for a gateway that takes nothing off its line', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const peer = await dialAsPeer();
    peer.socket.send(JSON.stringify({ type: 'watch', sessionId: id }));
    await eventually(() => peer.frames.some(({ type }) => type === 'line'));
    peer.socket.pause();
    const data = randomBytes(256 * 1024);
    const total = 64 * 1024 * 1024;
    for (let offset = 0; offset < total; offset += data.length)
      holder.feed.publish(id, { kind: 'output', chunk: { stream: 'stdout', offset, data } });
    peer.socket.resume();
    peer.socket.ping();
    await new Promise((resolve) => peer.socket.once('pong', resolve));
    expect(peer.bytes()).toBeGreaterThan(0);
    // what waits for it, and what the buffers of both sockets take
    expect(peer.bytes()).toBeLessThan(total / 4);
    peer.socket.close();
  });
});

describe('typing into a terminal at another gateway', () => {
  const size = { columns: 80, rows: 24 };

  test('ends for a gateway that reads nothing, however much an agent says', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const peer = await dialAsPeer();
    peer.socket.send(JSON.stringify({ type: 'watch', sessionId: id }));
    await eventually(() => peer.frames.some(({ type }) => type === 'line'));
    peer.socket.pause();
    const ack: AgentFrame = { type: 'input_ack', sessionId: id, client: randomUUID(), offset: 1 };
    const text = JSON.stringify(ack);
    for (let bytes = 0; bytes < 20 * 1024 * 1024; bytes += text.length) agent.socket.send(text);
    agent.socket.ping();
    await once(agent.socket, 'pong');
    peer.socket.resume();
    await expect(peer.closed).resolves.toBeUndefined();
  });

  test('goes on when that gateway dies and the agent dials a third', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const stream = await watch(id);
    const client = randomUUID();
    stream.socket.send(JSON.stringify({ command: 'attach', client, ...size }));
    await eventually(() => agent.frames.some(({ type }) => type === 'attach'));
    agent.send({ type: 'input_ack', sessionId: id, client, offset: 0 });
    await stream.waitFor('input');
    stream.socket.send(encodeInput({ client, offset: 0, data: Buffer.from('half') }));
    await eventually(() => agent.typed.length === 1);
    await holder.die();
    stream.socket.send(encodeInput({ client, offset: 4, data: Buffer.from(' lost') }));

    const third = await createTestRelay(made.core, { ...made, keys: holder.keys });
    onTestFinished(() => third.close());
    const again = await third.dial(token, agent.journalId);
    await run(id, again, third);
    await eventually(() => again.frames.some(({ type }) => type === 'attach'), { describe: 'the attach again' });
    again.send({ type: 'input_ack', sessionId: id, client, offset: 4 });
    await stream.waitFor('input', ({ offset, resend }) => offset === 4 && resend === true);
    stream.socket.send(encodeInput({ client, offset: 4, data: Buffer.from(' and half') }));
    await eventuallyPasses(() => expect(again.typed.map(({ data }) => String(data))).toEqual([' and half']));
    stream.socket.close();
  });
});

test('a line that broke while it was about to be closed is let go of once', async () => {
  const [agent, id] = [await holder.dial(token), await ask()];
  await run(id, agent);
  const told = { lines: 0, idle: [] as string[] };
  const linkTo = (to: TestRelay) =>
    createPeerLink({
      gatewayId: randomUUID(),
      peer: { gatewayId: to.gatewayId, peerUrl: to.url },
      sealer: made.core.sealer,
      log: made.core.log,
      onChunk: () => undefined,
      onLine: () => (told.lines += 1),
      onInputTaken: () => undefined,
      onRetry: () => undefined,
      onIdle: () => told.idle.push(to.gatewayId),
      timing: { firstRetryMs: 20, idleMs: 200 },
    });
  const link = linkTo(holder);
  link.watch(id);
  await eventually(() => told.lines === 1);
  link.leave(id);
  await holder.die();
  await eventually(() => told.idle.length === 1);
  // as long as this one, which is left later, the first would have waited
  const later = linkTo(near);
  later.watch(id);
  later.leave(id);
  await eventually(() => told.idle.includes(near.gatewayId));
  expect(told.idle).toEqual([holder.gatewayId, near.gatewayId]);
});

describe('the address for peers', () => {
  const pairOf = (to = holder): PeerPair => ({
    dialler: randomUUID(),
    holder: to.gatewayId,
    diallerNonce: newNonce(),
  });
  const upgrade = (path: string, authorization?: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = get(holder.url + path, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...(authorization && { authorization }),
        },
      });
      request.on('error', reject);
      request.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve('upgraded');
      });
      request.on('response', (response) => {
        const { statusCode, statusMessage, headers: said } = response;
        resolve(JSON.stringify([statusCode, statusMessage, said]));
        response.resume();
      });
    });

  test('answers nobody without the key of the installation, as if it were no address at all', async () => {
    const unknown = await upgrade('/api/nothing/here');
    const other = createSealer([randomBytes(32)]);
    const good = pairOf();
    expect(await upgrade(peerConnectPath, dialAuthorization(made.core.sealer, good))).toBe('upgraded');
    for (const authorization of [
      undefined,
      headers['authorization'],
      'Hoop-Peer-1',
      'Hoop-Peer-1 a b c d',
      dialAuthorization(other, pairOf()),
      // the key of the installation, and meant for another gateway
      dialAuthorization(made.core.sealer, pairOf(near)),
      dialAuthorization(made.core.sealer, good).replace(good.dialler, randomUUID()),
    ])
      expect(await upgrade(peerConnectPath, authorization)).toBe(unknown);
  });

  test('tells who overheard the request of another gateway nothing of any session', async () => {
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const earlier = await dialAsPeer(pairOf());
    earlier.socket.close();
    for (const proof of [earlier.answer, 'x', '']) {
      // it was held back, so that it comes here for the first time
      const forger = dialWith(dialAuthorization(made.core.sealer, pairOf()));
      await eventually(() => forger.frames.length === 1);
      if (proof) forger.socket.send(JSON.stringify({ type: 'answer', proof }));
      forger.socket.send(JSON.stringify({ type: 'watch', sessionId: id }));
      forger.socket.send(JSON.stringify({ type: 'attach', sessionId: id, client: randomUUID(), columns: 9, rows: 9 }));
      await forger.closed;
      expect(forger.frames.map(({ type }) => type)).toEqual(['challenge']);
    }
    expect(agent.frames.filter(({ type }) => type === 'attach')).toEqual([]);
  });

  test('takes the same request once', async () => {
    const overheard = dialAuthorization(made.core.sealer, pairOf());
    expect(await upgrade(peerConnectPath, overheard)).toBe('upgraded');
    expect(await upgrade(peerConnectPath, overheard)).toBe(await upgrade('/api/nothing/here'));
  });

  test('keeps nobody who has proven nothing yet when the gateway stops', async () => {
    const silent = dialWith(dialAuthorization(made.core.sealer, pairOf()));
    await eventually(() => silent.frames.length === 1);
    holder.relay.close();
    await expect(silent.closed).resolves.toBeUndefined();
  });

  test('is left at once by a gateway that finds somebody else there', async () => {
    const impostor = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => impostor.close());
    const heard: string[] = [];
    let left = 0;
    impostor.on('connection', (socket) => {
      const proof = proveSide(createSealer([randomBytes(32)]), 'holder', pairOf(), 'nonce');
      socket.send(JSON.stringify({ type: 'challenge', nonce: 'nonce', proof } satisfies HolderFrame));
      socket.on('message', (data) => heard.push(String(data)));
      socket.on('close', () => (left += 1));
    });
    await once(impostor, 'listening');
    const { port } = impostor.address() as AddressInfo;
    const [agent, id] = [await holder.dial(token), await ask()];
    await run(id, agent);
    const url = `http://127.0.0.1:${port}`;
    await made.core.db.query('update gateways set peer_url = $2 where id = $1', [holder.gatewayId, url]);
    const stream = await watch(id);
    await eventually(() => left > 1, { describe: 'it left, tried again and left again' });
    expect(heard).toEqual([]);
    stream.socket.close();
  });

  function dialWith(authorization: string) {
    const socket = new WebSocket(holder.url.replace('http', 'ws') + peerConnectPath, { headers: { authorization } });
    return listenTo(socket);
  }
});

function listenTo(socket: WebSocket) {
  const frames: HolderFrame[] = [];
  let bytes = 0;
  socket.on('message', (data, isBinary) => {
    if (isBinary) bytes += (data as Buffer).length;
    else frames.push(holderFrame.parse(JSON.parse(String(data))));
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, frames, closed, bytes: () => bytes };
}

/** As a gateway that has the key, and does not read when a test says so. */
async function dialAsPeer(
  pair: PeerPair = { dialler: randomUUID(), holder: holder.gatewayId, diallerNonce: newNonce() },
) {
  const { sealer } = made.core;
  const authorization = dialAuthorization(sealer, pair);
  const peer = listenTo(
    new WebSocket(holder.url.replace('http', 'ws') + peerConnectPath, { headers: { authorization } }),
  );
  const challenge = await eventually(() => peer.frames.find((frame) => frame.type === 'challenge'));
  const answer = proveSide(sealer, 'dialler', pair, challenge.nonce);
  peer.socket.send(JSON.stringify({ type: 'answer', proof: answer }));
  return { ...peer, answer };
}
