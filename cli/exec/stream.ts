/** The stream of a session, over as many connections as it takes: a dropped line is taken up where it broke. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket as Socket } from 'ws';
import { paths } from '#shared/api-paths.ts';
import { HoopError, type ErrorCode } from '#shared/errors.ts';
import { decodeOutput, type OutputChunk } from '#shared/output-frame.ts';
import type { OutputEvent, StreamCommand, StreamEvent } from '#shared/stream-events.ts';
import { binarySubprotocol, streamClose } from '#shared/stream-protocol.ts';
import type { ApiClient } from '../client.ts';
import { answeredError } from '../terminal.ts';

export interface StreamHandlers {
  event(event: Exclude<StreamEvent, { event: 'output' }>): void;
  /** A promise asks for a pause until it resolves. */
  output(chunk: OutputChunk): Promise<unknown> | undefined;
  /** The line broke; it is being taken up again. */
  lost(): void;
  back(): void;
  /** A line is there, the first one too: what is said over it goes first. */
  opened?(): void;
  /** The gateway will not stream this session; nothing more comes. */
  refused(error: HoopError): void;
}

const firstPauseMs = 200;
const longestPauseMs = 5000;
/** A line that is silent for two of these is taken as dead: pings are answered at once. */
const pingEveryMs = 15_000;
const largestFrame = 32 * 1024 * 1024;
/** After any other the line is taken up again. */
const finalCloses: Readonly<Record<number, ErrorCode>> = {
  [streamClose.notSignedIn]: 'not_signed_in',
  [streamClose.notAllowed]: 'not_allowed',
  [streamClose.notFound]: 'not_found',
};

export class SessionStream {
  private readonly client: ApiClient;
  private readonly sessionId: string;
  private readonly handlers: StreamHandlers;
  private socket: Socket | undefined;
  private closed = false;
  /** Bytes taken so far, of all streams together. */
  private offset: number;
  private failures = 0;
  private heard = false;
  private pauses = 0;
  private interruptWanted = false;
  private retry: NodeJS.Timeout | undefined;

  /** `offset`: the byte to begin at. */
  constructor(client: ApiClient, sessionId: string, handlers: StreamHandlers, offset = 0) {
    this.client = client;
    this.sessionId = sessionId;
    this.handlers = handlers;
    this.offset = offset;
  }

  open(): void {
    this.connect().catch((error: unknown) => {
      this.refuse(error instanceof HoopError ? error : new HoopError('internal', String(error)));
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.socket?.close(1000);
  }

  /** Interrupts the command; when the line is down, as soon as it is back. */
  interrupt(): void {
    this.interruptWanted = true;
    this.sendInterrupt();
  }

  private async connect(): Promise<void> {
    const { WebSocket } = await import('ws');
    if (this.closed) return;
    const url = this.client.url(paths.stream(this.sessionId, this.offset));
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, [binarySubprotocol], {
      headers: this.client.headers(),
      perMessageDeflate: false,
      maxPayload: largestFrame,
      handshakeTimeout: 10_000,
    });
    this.socket = socket;
    const alive = setInterval(() => this.checkAlive(socket), pingEveryMs);
    socket.on('open', () => this.opened());
    socket.on('pong', () => (this.heard = true));
    socket.on('ping', () => (this.heard = true));
    socket.on('message', (data: Buffer, isBinary) => this.received(socket, data, isBinary));
    socket.on('unexpected-response', (_request, response) => this.answeredOtherwise(socket, response));
    socket.on('error', () => undefined); // `close` follows.
    socket.on('close', (code, reason) => {
      clearInterval(alive);
      if (socket === this.socket) this.ended(code, reason.toString());
    });
  }

  private opened(): void {
    this.heard = true;
    this.handlers.opened?.();
    this.sendInterrupt();
  }

  /** A command as text, input in binary. False: there is no line now. */
  send(message: StreamCommand | Buffer): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(Buffer.isBuffer(message) ? message : JSON.stringify(message));
    return true;
  }

  private sendInterrupt(): void {
    if (this.interruptWanted && this.send({ command: 'interrupt' })) this.interruptWanted = false;
  }

  private received(socket: Socket, data: Buffer, isBinary: boolean): void {
    if (socket !== this.socket || this.closed) return;
    this.heard = true;
    // A line that opens only to be closed again is none yet.
    if (this.failures > 0) this.handlers.back();
    this.failures = 0;
    try {
      if (isBinary) return this.take(socket, decodeOutput(data));
      const event = JSON.parse(data.toString('utf8')) as StreamEvent;
      if (event.event === 'output') this.take(socket, chunkOf(event));
      else this.handlers.event(event);
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
      socket.terminate(); // Not what a stream says: another line may bring what this one garbled.
    }
  }

  /** Each byte exactly once, whatever a resumed line repeats. */
  private take(socket: Socket, chunk: OutputChunk): void {
    const known = this.offset - chunk.offset;
    if (known < 0) return socket.terminate(); // Something is missing: ask again from where we are.
    if (known >= chunk.data.length) return;
    const fresh = { ...chunk, offset: this.offset, data: chunk.data.subarray(known) };
    this.offset += fresh.data.length;
    const room = this.handlers.output(fresh);
    if (!room) return;
    this.pauses += 1;
    socket.pause();
    void room.finally(() => {
      this.pauses -= 1;
      if (this.pauses === 0) this.socket?.resume();
    });
  }

  private checkAlive(socket: Socket): void {
    if (socket.readyState !== 1 || this.pauses > 0) return;
    if (!this.heard) return socket.terminate();
    this.heard = false;
    socket.ping();
  }

  /** An HTTP answer in place of a WebSocket: final for who is not let in, passing for a proxy whose gateway is away. */
  private answeredOtherwise(socket: Socket, response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      this.refuse(answeredError(status, undefined, `The gateway refused the stream of session ${this.sessionId}.`));
    }
    response.resume();
    socket.terminate();
  }

  private ended(code: number, reason: string): void {
    if (this.closed) return;
    const final = finalCloses[code];
    if (final) return this.refuse(new HoopError(final, `The gateway ended the stream: ${reason || code}.`));
    this.failures += 1;
    if (this.failures === 1) this.handlers.lost();
    const pause = Math.min(firstPauseMs * 2 ** (this.failures - 1), longestPauseMs) * (0.75 + Math.random() / 2);
    this.retry = setTimeout(() => this.open(), pause);
  }

  private refuse(error: HoopError): void {
    if (this.closed) return;
    this.close();
    this.handlers.refused(error);
  }
}

function chunkOf({ stream, offset, data, encoding }: OutputEvent): OutputChunk {
  return { stream, offset, data: Buffer.from(data, encoding) };
}
