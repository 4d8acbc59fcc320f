/** A gateway's relay behind a real server, with the streams of people, and agents that are no more than their end of the line. */
import { generateKeyPairSync, randomUUID, sign, type KeyObject, type KeyPairKeyObjectResult } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import pino from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { agentConnectPath, helloBytes, type AgentFrame, type GatewayFrame } from '#shared/agent-protocol.ts';
import { decodeSessionInput, type InputChunk } from '#shared/input-frame.ts';
import type { AgentHub } from '#api/relay/agent-hub.ts';
import { createMetrics } from '#api/metrics.ts';
import { refuseUpgrade } from '#api/relay/peer-holder.ts';
import { createRelay, type Relay } from '#api/relay/relay.ts';
import { createSessionFeed, type FeedPublisher } from '#api/relay/session-feed.ts';
import { createSignInWaiters } from '#api/sign-in-waiters.ts';
import { createStreams } from '#api/stream.ts';
import type { Core } from '#core/context.ts';
import { loadGatewayKey } from '#core/gateway-key.ts';
import { newToken } from '#core/passwords.ts';
import { dropGatewayLease, renewGatewayLease } from '#db/agents.ts';
import { listen } from '#db/notices.ts';
import { insertToken } from '#db/tokens.ts';
import { eventually } from '../support/eventually.ts';

export interface TestRelay {
  url: string;
  gatewayId: string;
  hub: AgentHub;
  relay: Relay;
  feed: FeedPublisher;
  gatewayKey: KeyObject;
  keys: AgentKeys;
  /** What the hub said of agents that came and went. */
  told: string[];
  /** The agents' ends of all lines. */
  sockets: Set<WebSocket>;
  /** How many lines the gateway has seen end. */
  closed(): number;
  dial(token: string, journalId?: string): Promise<TestAgent>;
  /** As a gateway that dies: its lease stays for a while, and nobody is told. */
  die(): Promise<void>;
  close(): Promise<void>;
}

export interface TestAgent {
  socket: WebSocket;
  journalId: string;
  instanceId: string;
  frames: GatewayFrame[];
  /** Input of terminals, frame by frame. */
  typed: (InputChunk & { sessionId: string })[];
  send(frame: AgentFrame): void;
  /** The next order, as often as one is expected. */
  orders(count: number): Promise<Extract<GatewayFrame, { type: 'order' }>[]>;
}

export interface TestRelayOptions {
  /** Hears the notices of other gateways there. */
  databaseUrl?: string;
  /** Of the agent that dials in; a pair of its own otherwise. */
  keys?: AgentKeys;
}
type AgentKeys = KeyPairKeyObjectResult;

/** Peers come back at once, and are let go of soon. */
const timing = { firstRetryMs: 20, lastRetryMs: 100, idleMs: 200 };

export async function createTestRelay(
  core: Core,
  { databaseUrl, keys = generateKeyPairSync('ed25519') }: TestRelayOptions = {},
): Promise<TestRelay> {
  const gatewayId = randomUUID();
  const gatewayKey = await loadGatewayKey(core);
  const told: string[] = [];
  const sockets = new Set<WebSocket>();
  const feed = createSessionFeed();
  const log = pino({ level: 'silent' });
  const onAgent = (name: string, here: boolean) => void told.push(`${name} ${here ? 'came' : 'went'}`);
  const relay = createRelay({ core, feed, gatewayId, gatewayKey, log, onAgent, timing });
  const streams = createStreams({
    core,
    feed,
    keyboards: relay.keyboards,
    signIns: createSignInWaiters(),
    metrics: createMetrics(),
    version: 'test',
    webRoot: null,
    readiness: async () => [],
  });
  let closed = 0;
  const agents = new WebSocketServer({ noServer: true });
  const accept = (socket: WebSocket): void => {
    relay.hub.accept(socket);
    socket.on('close', () => (closed += 1));
  };
  const server = createServer();
  const lines = new Set<Duplex>();
  server.on('connection', (socket) => lines.add(socket));
  server.on('upgrade', (request, socket, head) => {
    if (request.url === agentConnectPath) agents.handleUpgrade(request, socket, head, accept);
    else if (!streams.handleUpgrade(request, socket, head) && !relay.handlePeer(request, socket, head))
      refuseUpgrade(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await renewGatewayLease(core.db, gatewayId, url, 600);
  const notices =
    databaseUrl !== undefined &&
    (await listen({
      url: databaseUrl,
      onNotice(notice) {
        if (notice.kind === 'state') {
          feed.publish(notice.id, { kind: 'state' });
          relay.peers.onState(notice.id);
        } else if (notice.kind === 'output') feed.publish(notice.id, { kind: 'output', upTo: notice.offset });
        else if (notice.kind === 'agent') relay.peers.onMoved();
      },
      onConnected: () => feed.publishAll(),
      onError: () => undefined,
    }));
  const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const die = async (): Promise<void> => {
    for (const line of lines) line.destroy();
    server.close();
    relay.close();
    if (notices) await notices.close();
  };
  return {
    url,
    gatewayId,
    keys,
    hub: relay.hub,
    relay,
    feed,
    gatewayKey: gatewayKey.privateKey,
    told,
    sockets,
    closed: () => closed,
    die,
    async close() {
      await streams.close();
      await die();
      await dropGatewayLease(core.db, gatewayId);
    },
    async dial(token, journalId = randomUUID()) {
      const socket = new WebSocket(url.replace('http', 'ws') + agentConnectPath);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      const frames: GatewayFrame[] = [];
      const typed: TestAgent['typed'] = [];
      const send = (frame: AgentFrame): void => socket.send(JSON.stringify(frame));
      socket.on('message', (data, isBinary) => {
        if (isBinary) return void typed.push(decodeSessionInput(data as Buffer));
        const frame = JSON.parse(String(data)) as GatewayFrame;
        frames.push(frame);
        if (frame.type !== 'challenge') return;
        const signature = sign(null, helloBytes(frame.nonce, journalId), keys.privateKey).toString('base64');
        send({ type: 'hello', protocol: 1, version: '0', hostname: 'here', publicKey, journalId, signature, token });
      });
      const ofType = <T extends GatewayFrame['type']>(type: T) =>
        frames.filter((frame): frame is Extract<GatewayFrame, { type: T }> => frame.type === type);
      await eventually(() => ofType('welcome').length > 0, { describe: 'a welcome' });
      const instanceId = ofType('welcome')[0]?.instanceId ?? '';
      return {
        socket,
        journalId,
        instanceId,
        frames,
        typed,
        send,
        async orders(count) {
          await eventually(() => ofType('order').length >= count, { describe: `${count} orders` });
          return ofType('order');
        },
      };
    },
  };
}

/** The headers of somebody who signed in with the CLI. */
export async function headersOf(core: Core, userId: string): Promise<Record<string, string>> {
  const { token, hash } = newToken('hoop_cli');
  await insertToken(core.db, { hash, userId, kind: 'cli', expiresAt: new Date(Date.now() + 3600_000) });
  return { authorization: `Bearer ${token}` };
}
