/** Keeps one WebSocket to the gateway: dials, proves who the agent is, notices dead lines, comes back. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import WebSocket from 'ws';
import {
  agentConnectPath,
  agentFeatures,
  agentProtocolVersion,
  gatewayFrame,
  maxFrameBytes,
  type GatewayFrame,
} from '#shared/agent-protocol.ts';
import { createBackoff } from './backoff.ts';
import { errorText } from './files.ts';
import type { GatewayLink, Welcome } from './gateway-link.ts';
import type { EnrolmentRecord, Identity } from './identity.ts';

export interface GatewayConnection {
  /** Dials until closed; resolves then. */
  run(): Promise<void>;
  close(): void;
}

export interface GatewayConnectionDeps {
  gatewayUrl: string;
  version: string;
  labels: Record<string, string>;
  identity: Identity;
  enrolment: EnrolmentRecord;
  journalId: string;
  onWelcome(link: GatewayLink, welcome: Welcome): void;
  onFrame(frame: GatewayFrame): void;
  /** A binary frame: input of a terminal. */
  onInput(frame: Buffer): void;
  onDown(): void;
  timing?: Partial<typeof defaultTiming>;
  log: Logger;
}

const defaultTiming = {
  firstRetryMs: 100,
  /** A gateway that is started anew is missed no longer than it takes to start. */
  lastRetryMs: 3_000,
  /** After a refusal: somebody has to change something first. */
  refusedRetryMs: 30_000,
  /** A connection that held this long starts the back-off anew. */
  stableMs: 5_000,
  /** Silence for two of these means that the line is dead. */
  heartbeatMs: 10_000,
  handshakeMs: 10_000,
};

type Ending = { was: 'refused' } | { was: 'down'; welcomedForMs: number };

export function createGatewayConnection(deps: GatewayConnectionDeps): GatewayConnection {
  const { log, enrolment, identity } = deps;
  const timing = { ...defaultTiming, ...deps.timing };
  const address = connectAddress(deps.gatewayUrl);
  const closing = new AbortController();
  let socket: WebSocket | undefined;

  async function run(): Promise<void> {
    const backoff = createBackoff(timing.firstRetryMs, timing.lastRetryMs);
    while (!closing.signal.aborted) {
      const ending = await connectOnce();
      if (ending.was === 'down' && ending.welcomedForMs >= timing.stableMs) backoff.reset();
      const waitMs = ending.was === 'refused' ? timing.refusedRetryMs : backoff.next();
      if (!closing.signal.aborted) log.debug({ waitMs: Math.round(waitMs) }, 'connecting again');
      await delay(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  /** One connection from dialling to its end; never rejects. */
  function connectOnce(): Promise<Ending> {
    return new Promise((resolve) => {
      const line = new WebSocket(address, {
        perMessageDeflate: false,
        maxPayload: maxFrameBytes,
        handshakeTimeout: timing.handshakeMs,
        ...(isOutOfReach(address) && { generateMask: noMask }),
      });
      socket = line;
      let isRefused = false;
      let welcomedAt: number | undefined;
      let problem = '';
      const handshake = setTimeout(() => line.terminate(), timing.handshakeMs * 2);
      const stopHeartbeat = watchLine(line, timing.heartbeatMs, () =>
        log.warn('the gateway is silent; the line is given up'),
      );

      line.on('error', (error) => (problem = errorText(error)));
      line.on('message', (data: Buffer, isBinary) => {
        if (isBinary) {
          if (welcomedAt !== undefined) deps.onInput(data);
          return;
        }
        const frame = parseFrame(data.toString('utf8'));
        if (frame === null) log.warn('the gateway sent a frame this agent does not know; it is ignored');
        else if (frame.type === 'challenge') answer(line, frame.nonce, frame.protocol);
        else if (frame.type === 'refused') {
          isRefused = frame.code !== 'unavailable'; // that passes by itself
          log.error({ code: frame.code }, `the gateway refused this agent: ${frame.message}`);
          line.close();
        } else if (frame.type === 'welcome') {
          if (!welcome(line, frame)) isRefused = true;
          else welcomedAt = performance.now();
          clearTimeout(handshake);
        } else if (welcomedAt !== undefined) deps.onFrame(frame);
      });
      line.on('close', (code, reason) => {
        clearTimeout(handshake);
        stopHeartbeat();
        if (welcomedAt !== undefined) deps.onDown();
        const why = problem || reason.toString() || `code ${code}`;
        if (!closing.signal.aborted) log.warn({ gateway: deps.gatewayUrl }, `not connected to the gateway: ${why}`);
        const welcomedForMs = welcomedAt === undefined ? 0 : performance.now() - welcomedAt;
        resolve(isRefused ? { was: 'refused' } : { was: 'down', welcomedForMs });
      });
    });
  }

  function answer(line: WebSocket, nonce: string, protocol: number): void {
    if (protocol !== agentProtocolVersion) {
      log.warn(
        { protocol },
        `the gateway speaks protocol ${protocol}, this agent ${agentProtocolVersion}; one of them needs an upgrade`,
      );
    }
    linkOf(line).send({
      type: 'hello',
      protocol: agentProtocolVersion,
      version: deps.version,
      hostname: hostname(),
      publicKey: identity.publicKey,
      journalId: deps.journalId,
      signature: identity.signHello(nonce, deps.journalId),
      token: enrolment.tokenToOffer(),
      labels: deps.labels,
      features: [...agentFeatures],
    });
  }

  /** False when the gateway is not the one this agent enrolled with. */
  function welcome(line: WebSocket, frame: Welcome): boolean {
    try {
      enrolment.welcomed(frame.agent, frame.gatewayKey);
    } catch (error) {
      log.error(errorText(error));
      line.terminate();
      return false;
    }
    log.info({ agent: frame.agent, epoch: frame.epoch }, 'connected to the gateway');
    deps.onWelcome(linkOf(line), frame);
    return true;
  }

  return {
    run,
    close() {
      closing.abort();
      if (socket?.readyState === WebSocket.OPEN) socket.close(1001, 'the agent stops');
      else socket?.terminate();
    },
  };
}

export function connectAddress(gatewayUrl: string): string {
  const url = new URL(gatewayUrl);
  url.protocol = url.protocol.replace('http', 'ws');
  url.pathname = url.pathname.replace(/\/$/, '') + agentConnectPath;
  return url.href;
}

/**
 * Whether nobody between here and the gateway could take bytes of a frame for a request: the line is encrypted, or stays
 * on this machine. Frames of a client are masked against that alone, and masks take more time than all else there is to
 * do with output. https://www.rfc-editor.org/rfc/rfc6455#section-10.3
 */
export function isOutOfReach(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'wss:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** The mask of zeros, which changes nothing: both ends pass over it. */
function noMask(mask: Buffer): void {
  mask.fill(0);
}

function linkOf(line: WebSocket): GatewayLink {
  const isOpen = () => line.readyState === WebSocket.OPEN;
  return {
    send(frame) {
      if (isOpen()) line.send(JSON.stringify(frame));
    },
    sendOutput: (frame) =>
      new Promise((resolve) => {
        if (isOpen()) line.send(frame, () => resolve());
        else resolve();
      }),
    flushed: (withinMs) =>
      new Promise((resolve) => {
        if (!isOpen()) return resolve();
        const mark = randomUUID();
        const done = (): void => {
          clearTimeout(timer);
          line.off('pong', onPong).off('close', done);
          resolve();
        };
        // pings are answered in their turn among the frames
        const onPong = (data: Buffer): void => (data.toString() === mark ? done() : undefined);
        const timer = setTimeout(done, withinMs);
        line.on('pong', onPong).on('close', done);
        line.ping(mark);
      }),
  };
}

function parseFrame(text: string): GatewayFrame | null {
  try {
    return gatewayFrame.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Pings; any sign of life counts. Gives the function that stops it. */
function watchLine(line: WebSocket, everyMs: number, onDead: () => void): () => void {
  let isAlive = true;
  const live = () => (isAlive = true);
  for (const event of ['open', 'message', 'ping', 'pong']) line.on(event, live);
  const timer = setInterval(() => {
    if (line.readyState !== WebSocket.OPEN) return;
    if (!isAlive) {
      onDead();
      line.terminate();
      return;
    }
    isAlive = false;
    line.ping();
  }, everyMs);
  return () => clearInterval(timer);
}
