/**
 * The end of a peer's line that dials: to the gateway that holds the agents of sessions watched here. It is made again
 * while it is needed; meanwhile everything that is stored is read from the rows.
 */
import { WebSocket, type RawData } from 'ws';
import type { Logger } from 'pino';
import { outputFrameBytes } from '#shared/agent-protocol.ts';
import { encodeSessionInput } from '#shared/input-frame.ts';
import { decodeSessionOutput, type OutputChunk } from '#shared/output-frame.ts';
import { parseJson } from '#shared/parse-json.ts';
import { holderFrame, peerConnectPath, type DiallerFrame, type HolderFrame } from '#shared/peer-protocol.ts';
import { dialAuthorization, isProofOf, newNonce, proveSide, type PeerPair } from '#core/peer-proof.ts';
import type { Sealer } from '#core/sealer.ts';
import { keepAlive } from './keep-alive.ts';
import type { TerminalWay } from './keyboards.ts';

export interface PeerLink extends TerminalWay {
  readonly sessions: ReadonlySet<string>;
  watch(sessionId: string): void;
  leave(sessionId: string): void;
  close(): void;
}

export interface PeerLinkOptions {
  gatewayId: string;
  peer: { gatewayId: string; peerUrl: string };
  sealer: Pick<Sealer, 'sign' | 'isSigned'>;
  log: Logger;
  onChunk: (sessionId: string, chunk: OutputChunk) => void;
  onLine: (sessionId: string) => void;
  onInputTaken: (sessionId: string, client: string, offset: number) => void;
  /** Before it is dialled anew: the agents may be elsewhere by now. */
  onRetry: (sessionIds: string[]) => void;
  /** Nothing was watched over it for a while, and it is closed. */
  onIdle: () => void;
  timing?: Partial<typeof defaultTiming>;
}

const defaultTiming = { firstRetryMs: 100, lastRetryMs: 5000, idleMs: 30_000, handshakeMs: 5000 };
/** Bytes that may wait for the peer; only one that takes nothing off the line gets there. */
const bufferedBytes = 64 * 1024 * 1024;

export function createPeerLink(options: PeerLinkOptions): PeerLink {
  const { peer, sealer } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const log = options.log.child({ peer: peer.gatewayId, url: peer.peerUrl });
  const sessions = new Set<string>();
  /** Of these, whose run is on an agent's line there, as the peer said: before, it passes nothing on. */
  const lines = new Set<string>();
  let socket: WebSocket | undefined;
  /** The socket, once both ends have proven the key. */
  let open: WebSocket | undefined;
  let retryMs = timing.firstRetryMs;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const transmit = (frame: string | Buffer): boolean => {
    if (!open || open.readyState !== open.OPEN) return false;
    if (open.bufferedAmount > bufferedBytes) {
      open.terminate();
      return false;
    }
    open.send(frame);
    return true;
  };
  const send = (frame: DiallerFrame): boolean => transmit(JSON.stringify(frame));

  function dial(): void {
    const pair = { dialler: options.gatewayId, holder: peer.gatewayId, diallerNonce: newNonce() };
    const line = new WebSocket(addressOf(peer.peerUrl), {
      perMessageDeflate: false,
      maxPayload: outputFrameBytes + 1024,
      handshakeTimeout: timing.handshakeMs,
      headers: { authorization: dialAuthorization(sealer, pair) },
    });
    socket = line;
    const patience = setTimeout(() => line.terminate(), 2 * timing.handshakeMs);
    keepAlive(line);
    let problem = '';
    line.on('error', (error) => (problem = error.message));
    line.on('message', (data: RawData, isBinary) => {
      try {
        if (open === line) take(data as Buffer, isBinary);
        else if (greet(line, pair, String(data))) clearTimeout(patience);
      } catch (error) {
        log.warn({ err: error }, 'a peer gateway sent a frame that cannot be read');
        line.terminate();
      }
    });
    line.on('close', (code) => {
      clearTimeout(patience);
      const wasOpen = open === line;
      open = undefined;
      socket = undefined;
      lines.clear();
      if (closed) return;
      const words = 'no line to the gateway that holds an agent, so output is read from Postgres and typing waits';
      if (wasOpen || retryMs === timing.firstRetryMs) log.warn({ why: problem || `code ${code}` }, words);
      clearTimeout(timer); // it may have been about to be closed as nobody watched
      timer = setTimeout(retry, retryMs);
      retryMs = Math.min(retryMs * 2, timing.lastRetryMs);
    });
  }

  function retry(): void {
    if (sessions.size === 0) return idle();
    options.onRetry([...sessions]);
    dial();
  }

  function idle(): void {
    close();
    options.onIdle();
  }

  /** True once the peer has proven the key, and been given our proof. */
  function greet(line: WebSocket, pair: PeerPair, text: string): boolean {
    const frame = holderFrame.safeParse(parseJson(text));
    const challenge = frame.success && frame.data.type === 'challenge' ? frame.data : undefined;
    if (!challenge || !isProofOf(sealer, 'holder', pair, challenge.nonce, challenge.proof)) {
      log.warn('what answers at the address of a peer gateway does not prove the key of this installation');
      line.terminate();
      return false;
    }
    open = line;
    retryMs = timing.firstRetryMs;
    send({ type: 'answer', proof: proveSide(sealer, 'dialler', pair, challenge.nonce) });
    for (const sessionId of sessions) send({ type: 'watch', sessionId });
    log.info('connected to a peer gateway');
    return true;
  }

  function take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      const chunk = decodeSessionOutput(data);
      if (sessions.has(chunk.sessionId)) options.onChunk(chunk.sessionId, chunk);
      return;
    }
    const frame = holderFrame.safeParse(parseJson(data.toString()));
    if (frame.success) takeFrame(frame.data);
  }

  function takeFrame(frame: HolderFrame): void {
    if (frame.type === 'challenge' || !sessions.has(frame.sessionId)) return;
    if (frame.type === 'line') {
      lines.add(frame.sessionId);
      options.onLine(frame.sessionId);
    } else options.onInputTaken(frame.sessionId, frame.client, frame.offset);
  }

  function close(): void {
    closed = true;
    clearTimeout(timer);
    socket?.terminate();
  }

  dial();
  return {
    sessions,
    watch(sessionId) {
      sessions.add(sessionId);
      send({ type: 'watch', sessionId });
    },
    leave(sessionId) {
      sessions.delete(sessionId);
      lines.delete(sessionId);
      send({ type: 'leave', sessionId });
      if (sessions.size > 0 || !socket) return;
      clearTimeout(timer);
      timer = setTimeout(() => sessions.size === 0 && idle(), timing.idleMs);
    },
    attach: (sessionId, client, size) => lines.has(sessionId) && send({ type: 'attach', sessionId, client, ...size }),
    resize: (sessionId, size) => lines.has(sessionId) && send({ type: 'resize', sessionId, ...size }),
    input: (sessionId, frame) => lines.has(sessionId) && transmit(encodeSessionInput(sessionId, frame)),
    close,
  };
}

function addressOf(peerUrl: string): string {
  const url = new URL(peerUrl);
  url.protocol = url.protocol.replace('http', 'ws');
  url.pathname = url.pathname.replace(/\/$/, '') + peerConnectPath;
  return url.href;
}
