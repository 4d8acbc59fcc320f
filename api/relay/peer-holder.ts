/** The end of a peer's line that holds agents: other gateways dial in, and get what passes of the sessions they watch. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Logger } from 'pino';
import { decodeSessionInput, encodeInput, inputFrameBytes } from '#shared/input-frame.ts';
import { encodeSessionOutput } from '#shared/output-frame.ts';
import { parseJson } from '#shared/parse-json.ts';
import { diallerFrame, peerConnectPath, type DiallerFrame, type HolderFrame } from '#shared/peer-protocol.ts';
import type { Sealer } from '#core/sealer.ts';
import { isProofOf, newNonce, proveSide, readDial, type PeerPair } from '#core/peer-proof.ts';
import type { TerminalWay } from './keyboards.ts';
import { keepAlive } from './keep-alive.ts';
import type { FeedPublisher } from './session-feed.ts';

export interface PeerHolder {
  /** Takes a request at `peerConnectPath`; whoever does not prove the key is told what any unknown path is told. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  onLine(sessionId: string): void;
  onInputTaken(sessionId: string, client: string, offset: number): void;
  close(): void;
}

export interface PeerHolderOptions {
  gatewayId: string;
  sealer: Pick<Sealer, 'sign' | 'isSigned'>;
  feed: Pick<FeedPublisher, 'tap'>;
  /** The agents connected here. */
  hub: { terminals: TerminalWay; carries(sessionId: string): boolean };
  log: Logger;
}

const answerWithinMs = 10_000;
/** Who has not answered yet. */
const greetedAtOnce = 64;
/** Dials that are known again. */
const noncesKept = 10_000;
/** Bytes that may wait for a peer; beyond, it reads the rows instead. */
export const peerBufferBytes = 2 * 1024 * 1024;
/** Bytes with frames that are not in the rows: a peer that reads nothing at all is cut off there, and dials again. */
const hardBufferBytes = 4 * peerBufferBytes;

interface Peer {
  /** What the other gateway watches, and how to stop. */
  watching: Map<string, () => void>;
  send(frame: HolderFrame): void;
  socket: WebSocket;
}

export function createPeerHolder(options: PeerHolderOptions): PeerHolder {
  const { gatewayId, sealer, feed, hub, log } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: inputFrameBytes + 1024, perMessageDeflate: false });
  const peers = new Set<Peer>();
  const nonces = new Set<string>();
  /** A gateway dials with another nonce each time: whoever overheard one must not take up places with it. */
  const isNew = ({ diallerNonce }: PeerPair): boolean => {
    if (nonces.has(diallerNonce)) return false;
    for (const oldest of nonces) {
      if (nonces.size < noncesKept) break;
      nonces.delete(oldest);
    }
    nonces.add(diallerNonce);
    return true;
  };

  const take = (peer: Peer, frame: DiallerFrame): void => {
    switch (frame.type) {
      case 'answer':
        return;
      case 'watch':
        if (peer.watching.has(frame.sessionId)) return;
        peer.watching.set(
          frame.sessionId,
          feed.tap(frame.sessionId, (chunk) => {
            if (peer.socket.bufferedAmount < peerBufferBytes)
              peer.socket.send(encodeSessionOutput(frame.sessionId, chunk));
          }),
        );
        if (hub.carries(frame.sessionId)) peer.send({ type: 'line', sessionId: frame.sessionId });
        return;
      case 'leave':
        peer.watching.get(frame.sessionId)?.();
        peer.watching.delete(frame.sessionId);
        return;
      case 'attach':
        hub.terminals.attach(frame.sessionId, frame.client, { columns: frame.columns, rows: frame.rows });
        return;
      case 'resize':
        hub.terminals.resize(frame.sessionId, { columns: frame.columns, rows: frame.rows });
    }
  };
  const takeInput = (frame: Buffer): void => {
    const { sessionId, ...chunk } = decodeSessionInput(frame);
    hub.terminals.input(sessionId, encodeInput(chunk));
  };

  const welcome = (socket: WebSocket, pair: PeerPair): void => {
    const send = (frame: HolderFrame): void => {
      if (socket.bufferedAmount > hardBufferBytes) socket.terminate();
      else socket.send(JSON.stringify(frame));
    };
    const peer: Peer = { watching: new Map(), socket, send };
    peers.add(peer);
    log.info({ peer: pair.dialler }, 'a peer gateway connected');
    socket.on('message', (data: RawData, isBinary) => {
      try {
        if (isBinary) return takeInput(data as Buffer);
        const frame = diallerFrame.safeParse(parseJson(String(data)));
        if (frame.success) take(peer, frame.data);
      } catch (error) {
        log.warn({ peer: pair.dialler, err: error }, 'a peer gateway sent a frame that cannot be read');
        socket.close(1002, 'unreadable frame');
      }
    });
    socket.on('close', () => {
      peers.delete(peer);
      for (const stop of peer.watching.values()) stop();
      log.info({ peer: pair.dialler }, 'a peer gateway disconnected');
    });
  };

  /** The header may have been overheard; the answer to a nonce of ours cannot have been. */
  const challenge = (socket: WebSocket, pair: PeerPair): void => {
    keepAlive(socket);
    const nonce = newNonce();
    const patience = setTimeout(() => socket.terminate(), answerWithinMs);
    socket.once('close', () => clearTimeout(patience));
    socket.once('message', (data: RawData, isBinary) => {
      clearTimeout(patience);
      const frame = diallerFrame.safeParse(isBinary ? undefined : parseJson(String(data)));
      const isKnown =
        frame.success && frame.data.type === 'answer' && isProofOf(sealer, 'dialler', pair, nonce, frame.data.proof);
      if (isKnown) return welcome(socket, pair);
      log.warn('somebody who is no gateway of this installation was turned away at the address for peers');
      socket.terminate();
    });
    const frame: HolderFrame = { type: 'challenge', nonce, proof: proveSide(sealer, 'holder', pair, nonce) };
    socket.send(JSON.stringify(frame));
  };

  const watchers = (sessionId: string): Peer[] => [...peers].filter((peer) => peer.watching.has(sessionId));
  return {
    handleUpgrade(request, socket, head) {
      if (request.url?.split('?')[0] !== peerConnectPath) return false;
      const pair = readDial(sealer, gatewayId, request.headers.authorization);
      if (pair && server.clients.size - peers.size < greetedAtOnce && isNew(pair))
        server.handleUpgrade(request, socket, head, (ws) => challenge(ws, pair));
      else refuseUpgrade(socket);
      return true;
    },
    onLine(sessionId) {
      for (const peer of watchers(sessionId)) peer.send({ type: 'line', sessionId });
    },
    onInputTaken(sessionId, client, offset) {
      for (const peer of watchers(sessionId)) peer.send({ type: 'input_ack', sessionId, client, offset });
    },
    close() {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

/** What every path is told that is none. */
export function refuseUpgrade(socket: Duplex): void {
  socket.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nconnection: close\r\n\r\n`);
}
