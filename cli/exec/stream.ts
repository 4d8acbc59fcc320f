/** The stream of a session over WebSockets of `ws`. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket as Socket } from 'ws';
import { paths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { SessionLine, type Carrier, type CarrierEvents, type LineHandlers } from '#shared/session-line.ts';
import type { StreamEvent } from '#shared/stream-events.ts';
import { binarySubprotocol } from '#shared/stream-protocol.ts';
import type { ApiClient } from '../client.ts';
import { answeredError } from '../terminal.ts';

export type StreamHandlers = LineHandlers<Buffer>;

/** A line that is silent for two of these is taken as dead: pings are answered at once. */
const pingEveryMs = 15_000;
const largestFrame = 32 * 1024 * 1024;

export class SessionStream extends SessionLine<Buffer> {
  /** `offset`: the byte to begin at. */
  constructor(client: ApiClient, sessionId: string, handlers: StreamHandlers, offset = 0) {
    super({
      carry: (from, events) => new SocketCarrier(client, sessionId, from, events),
      bytesOf: ({ data, encoding }) => Buffer.from(data, encoding),
      parse: (text) => JSON.parse(text) as StreamEvent,
      handlers,
      offset,
    });
  }
}

class SocketCarrier implements Carrier {
  private readonly events: CarrierEvents<Buffer>;
  private socket: Socket | undefined;
  private given = false;
  private heard = true;
  private paused = false;

  constructor(client: ApiClient, sessionId: string, offset: number, events: CarrierEvents<Buffer>) {
    this.events = events;
    this.connect(client, sessionId, offset).catch((error: unknown) => {
      events.refused(error instanceof HoopError ? error : new HoopError('internal', String(error)));
    });
  }

  send(message: string | Uint8Array): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(message);
    return true;
  }

  close(): void {
    this.given = true;
    this.socket?.close(1000);
  }

  drop(): void {
    this.given = true;
    this.socket?.terminate();
  }

  pause(): void {
    this.paused = true;
    this.socket?.pause();
  }

  resume(): void {
    this.paused = false;
    this.socket?.resume();
  }

  private async connect(client: ApiClient, sessionId: string, offset: number): Promise<void> {
    const { WebSocket } = await import('ws');
    if (this.given) return;
    const url = client.url(paths.stream(sessionId, offset));
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, [binarySubprotocol], {
      headers: client.headers(),
      perMessageDeflate: false,
      maxPayload: largestFrame,
      handshakeTimeout: 10_000,
    });
    this.socket = socket;
    const alive = setInterval(() => this.checkAlive(socket), pingEveryMs);
    socket.on('open', () => this.hear(() => this.events.opened()));
    socket.on('pong', () => this.hear());
    socket.on('ping', () => this.hear());
    socket.on('message', (data: Buffer, isBinary) =>
      this.hear(() => (isBinary ? this.events.binary(data) : this.events.text(data.toString('utf8')))),
    );
    socket.on('unexpected-response', (_request, response) => this.answeredOtherwise(socket, sessionId, response));
    socket.on('error', () => undefined); // `close` follows.
    socket.on('close', (code, reason) => {
      clearInterval(alive);
      this.events.closed(code, reason.toString());
    });
  }

  private hear(then?: () => void): void {
    this.heard = true;
    then?.();
  }

  private checkAlive(socket: Socket): void {
    if (socket.readyState !== 1 || this.paused) return;
    if (!this.heard) return socket.terminate();
    this.heard = false;
    socket.ping();
  }

  /** An HTTP answer in place of a WebSocket: final for who is not let in, passing for a proxy whose gateway is away. */
  private answeredOtherwise(socket: Socket, sessionId: string, response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      this.events.refused(answeredError(status, undefined, `The gateway refused the stream of session ${sessionId}.`));
    }
    response.resume();
    socket.terminate();
  }
}
