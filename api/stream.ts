/** `GET /api/sessions/:id/stream` as a WebSocket: who may watch, and all that are open. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { inputFrameBytes } from '#shared/input-frame.ts';
import { binarySubprotocol, heartbeatBounds, streamClose } from '#shared/stream-events.ts';
import { findVisibleSession } from '#core/visible-session.ts';
import type { ApiDeps } from './deps.ts';
import { identify, isOwnOrigin, type Identity } from './auth.ts';
import { requestIdOf } from './logging.ts';
import { SessionStream } from './session-stream.ts';

const path = /^\/api\/sessions\/([^/]+)\/stream$/;
const heartbeatMs = 25_000;
/** What a client may send at once: what was typed with its header, or a command. */
const clientFrameBytes = inputFrameBytes + 1024;
const streamsPerUser = 256;
const refusedLingerMs = 2000;
const tryAgainLater = 1013;
const policyViolation = 1008;

export interface Streams {
  /** Takes an upgrade request that is for a session's stream; false leaves it to others. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Sends everybody away for now (1012); they come back with their offset. */
  close(): Promise<void>;
}

type Refused = { code: number; reason: string };
type Admitted = Pick<
  ConstructorParameters<typeof SessionStream>[0],
  'identity' | 'session' | 'offset' | 'heartbeatSeconds'
>;

export function createStreams(deps: ApiDeps): Streams {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: clientFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(binarySubprotocol) ? binarySubprotocol : false),
  });
  const open = new Map<WebSocket, { stream: SessionStream; userId: string; alive: boolean }>();
  let closing = false;

  const heartbeat = setInterval(() => {
    for (const [socket, entry] of open) {
      // A reader that is slow answers late; one that is gone does not answer with nothing before it in the line.
      if (!entry.alive && !entry.stream.blocked) socket.terminate();
      entry.alive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }, heartbeatMs);
  heartbeat.unref();

  async function admit(request: IncomingMessage, id: string, query: URLSearchParams): Promise<Admitted | Refused> {
    if (closing) return { code: streamClose.restart, reason: 'the gateway is stopping' };
    const identity = await identify(deps.core, request);
    if (!identity) return { code: streamClose.notSignedIn, reason: 'nobody is signed in' };
    if (identity.by === 'cookie' && !isOwnOrigin(request, deps.core.publicUrl)) {
      return { code: streamClose.notAllowed, reason: 'from a page of another site' };
    }
    const offset = Number(query.get('offset') ?? 0);
    if (!Number.isSafeInteger(offset) || offset < 0) {
      return { code: policyViolation, reason: 'offset must be a number of bytes' };
    }
    const wished = query.get('heartbeat');
    if (wished !== null && !(Number(wished) > 0)) {
      return { code: policyViolation, reason: 'heartbeat must be a number of seconds' };
    }
    const { fewest, most } = heartbeatBounds;
    const heartbeatSeconds = wished === null ? undefined : Math.min(most, Math.max(fewest, Number(wished)));
    if (countOf(identity) >= streamsPerUser) return { code: tryAgainLater, reason: 'too many streams are open' };
    if (!z.uuid().safeParse(id).success) return { code: streamClose.notFound, reason: 'no such session' };
    return { identity, offset, heartbeatSeconds, session: await findVisibleSession(identity.ctx, id.toLowerCase()) };
  }

  const countOf = (identity: Identity): number =>
    [...open.values()].filter((entry) => entry.userId === identity.user.id).length;

  function follow(socket: WebSocket, admitted: Admitted, requestId: string): void {
    const { identity, session } = admitted;
    const log = deps.core.log.child({ requestId, sessionId: session.id, user: identity.user.email });
    const stream = new SessionStream({
      ...admitted,
      feed: deps.feed,
      keyboards: deps.keyboards,
      socket,
      binary: socket.protocol === binarySubprotocol,
      log,
      onBytes: (count) => deps.metrics.outputBytes.inc(count),
    });
    const entry = { stream, userId: identity.user.id, alive: true };
    open.set(socket, entry);
    deps.metrics.openStreams.inc({ kind: 'session' });
    log.info({ offset: admitted.offset }, 'stream opened');
    socket.on('pong', () => (entry.alive = true));
    socket.once('close', (code) => {
      open.delete(socket);
      deps.metrics.openStreams.dec({ kind: 'session' });
      log.info({ code, offset: stream.offset }, 'stream closed');
    });
    stream.start();
  }

  async function take(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL, id: string): Promise<void> {
    const requestId = requestIdOf(request);
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const verdict = await admit(request, id, url.searchParams).catch((error: unknown): Refused => {
      if (error instanceof HoopError) return { code: streamClose.notFound, reason: 'no such session' };
      deps.core.log.error({ requestId, err: error }, 'stream not opened');
      return { code: streamClose.restart, reason: 'come back' };
    });
    socket.off('error', onError);
    // Refusals too are told after the handshake: browsers show no status of one that failed, but always a close code.
    server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => deps.core.log.debug({ requestId, err: error }, 'stream line broke'));
      if ('code' in verdict) turnAway(webSocket, verdict);
      else follow(webSocket, verdict, requestId);
    });
  }

  /** Nobody who was refused keeps a line open by not answering. */
  function turnAway(socket: WebSocket, { code, reason }: Refused): void {
    socket.close(code, reason);
    const patience = setTimeout(() => socket.terminate(), refusedLingerMs);
    socket.once('close', () => clearTimeout(patience));
  }

  return {
    handleUpgrade(request, socket, head) {
      const url = URL.canParse(request.url ?? '', 'http://gateway') && new URL(request.url ?? '', 'http://gateway');
      const id = url ? path.exec(url.pathname)?.[1] : undefined;
      if (!url || id === undefined) return false;
      take(request, socket, head, url, id).catch((error: unknown) => {
        deps.core.log.error({ err: error }, 'stream not opened');
        socket.destroy();
      });
      return true;
    },
    async close() {
      closing = true;
      clearInterval(heartbeat);
      const gone = [...open.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const { stream } of open.values()) stream.close(streamClose.restart, 'the gateway is stopping');
      const patience = setTimeout(() => {
        for (const socket of open.keys()) socket.terminate();
      }, 1000);
      await Promise.all(gone);
      clearTimeout(patience);
    },
  };
}
