/** An agent hub behind a real WebSocket server, and agents that are no more than their end of the line. */
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { helloBytes, type AgentFrame, type GatewayFrame } from '#shared/agent-protocol.ts';
import { decodeSessionInput, type InputChunk } from '#shared/input-frame.ts';
import { createAgentHub, type AgentHub } from '#api/relay/agent-hub.ts';
import { createKeyboards, type Keyboards } from '#api/relay/keyboards.ts';
import { createSessionFeed, type FeedPublisher } from '#api/relay/session-feed.ts';
import type { Core } from '#core/context.ts';
import { loadGatewayKey } from '#core/gateway-key.ts';
import { renewGatewayLease } from '#db/agents.ts';
import { eventually } from '../support/eventually.ts';

export interface TestRelay {
  hub: AgentHub;
  feed: FeedPublisher;
  keyboards: Keyboards;
  gatewayKey: KeyObject;
  /** What the hub said of agents that came and went. */
  told: string[];
  /** The agents' ends of all lines. */
  sockets: Set<WebSocket>;
  /** How many lines the gateway has seen end. */
  closed(): number;
  dial(token: string, journalId?: string): Promise<TestAgent>;
  close(): void;
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
  feed?: FeedPublisher;
  keyboards?: Keyboards;
}

export async function createTestRelay(core: Core, options: TestRelayOptions = {}): Promise<TestRelay> {
  const gatewayId = randomUUID();
  await renewGatewayLease(core.db, gatewayId, 'http://127.0.0.1:1', 600);
  const gatewayKey = await loadGatewayKey(core);
  const told: string[] = [];
  const sockets = new Set<WebSocket>();
  const feed = options.feed ?? createSessionFeed();
  const hub = createAgentHub({
    core,
    feed,
    gatewayId,
    gatewayKey,
    log: pino({ level: 'silent' }),
    onAgent: (name, here) => void told.push(`${name} ${here ? 'came' : 'went'}`),
    onLine: (sessionId) => keyboards.onLine(sessionId),
    onInputTaken: (sessionId, client, offset) => keyboards.onTaken(sessionId, client, offset),
  });
  const keyboards = options.keyboards ?? createKeyboards([hub.terminals]);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let closed = 0;
  server.on('connection', (socket) => {
    hub.accept(socket);
    socket.on('close', () => (closed += 1));
  });
  const { port } = server.address() as AddressInfo;
  const keys = generateKeyPairSync('ed25519');
  const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return {
    hub,
    feed,
    keyboards,
    gatewayKey: gatewayKey.privateKey,
    told,
    sockets,
    closed: () => closed,
    async dial(token, journalId = randomUUID()) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
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
    close() {
      hub.close();
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
