/**
 * The stream of a session, over as many connections as it takes: a dropped one is taken up where it broke. What carries
 * the bytes is handed in, so that the command line and the pages do it alike.
 */
import { HoopError, type ErrorCode } from './errors.ts';
import { LineSilence } from './line-silence.ts';
import { decodeOutput, type OutputChunk } from './output-frame.ts';
import type { OutputEvent, StreamCommand, StreamEvent } from './stream-events.ts';
import { streamClose } from './stream-protocol.ts';

/** What is for who watches; a heartbeat is for the line alone. */
export type LineEvent = Exclude<StreamEvent, { event: 'output' | 'heartbeat' }>;

export interface LineHandlers<Bytes extends Uint8Array> {
  event(event: LineEvent): void;
  /** A promise asks for a pause until it resolves. */
  output(chunk: OutputChunk<Bytes>): Promise<unknown> | undefined;
  /** The line broke, or has been silent for so long that it must have; it is being taken up again. */
  lost(why: 'broken' | 'silent'): void;
  back(): void;
  /** A line is there, the first one too: what is said over it goes first. */
  opened?(): void;
  /** The gateway will not stream this session; nothing more comes. */
  refused(error: HoopError): void;
}

/** One connection, from its beginning to its end. */
export interface Carrier {
  /** False: it is not open. */
  send(message: string | Uint8Array<ArrayBuffer>): boolean;
  close(): void;
  /** At once: what it says makes no sense, or it may be dead. */
  drop(): void;
  /** Takes in nothing more for now; absent where that cannot be told: the connection is given up meanwhile. */
  pause?(): void;
  resume?(): void;
}

export interface CarrierEvents<Bytes extends Uint8Array> {
  opened(): void;
  text(data: string): void;
  binary(frame: Bytes): void;
  /** Each carrier says so once, also one that never opened. */
  closed(code: number, reason: string): void;
  /** There is no use in another one. */
  refused(error: HoopError): void;
}

export interface LineOptions<Bytes extends Uint8Array> {
  /** Begins a connection that streams from that byte on. */
  carry: (offset: number, events: CarrierEvents<Bytes>) => Carrier;
  /** Of output that comes as an event. */
  bytesOf: (event: OutputEvent) => Bytes;
  /** What a text frame says; undefined: nothing that is known here, and it is passed over. May throw a `SyntaxError`. */
  parse: (text: string) => StreamEvent | undefined;
  handlers: LineHandlers<Bytes>;
  /** The byte to begin at. */
  offset?: number;
  /** The heartbeat that `carry` asks for, where the carrier cannot tell a dead line by itself. */
  heartbeatSeconds?: number;
}

const firstPauseMs = 200;
const longestPauseMs = 5000;
/** After any other the line is taken up again. */
const finalCloses: Readonly<Record<number, ErrorCode>> = {
  [streamClose.notSignedIn]: 'not_signed_in',
  [streamClose.notAllowed]: 'not_allowed',
  [streamClose.notFound]: 'not_found',
};

export class SessionLine<Bytes extends Uint8Array> {
  private readonly options: LineOptions<Bytes>;
  private readonly handlers: LineHandlers<Bytes>;
  private carrier: Carrier | undefined;
  private closed = false;
  /** Bytes taken so far, of all streams together. */
  private offset: number;
  private failures = 0;
  private pauses = 0;
  private interruptWanted = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly silence: LineSilence | undefined;

  constructor(options: LineOptions<Bytes>) {
    this.options = options;
    this.handlers = options.handlers;
    this.offset = options.offset ?? 0;
    const { heartbeatSeconds } = options;
    if (heartbeatSeconds) this.silence = new LineSilence(heartbeatSeconds, () => this.renew('silent'));
  }

  open(): void {
    if (this.closed) return;
    clearTimeout(this.retry);
    const isThis = () => carrier === this.carrier && !this.closed;
    const carrier: Carrier = this.options.carry(this.offset, {
      opened: () => isThis() && this.opened(),
      text: (data) => isThis() && this.received(() => this.takeText(data)),
      binary: (frame) => isThis() && this.received(() => this.take(decodeOutput(frame))),
      closed: (code, reason) => isThis() && this.ended(code, reason),
      refused: (error) => isThis() && this.refuse(error),
    });
    this.carrier = carrier;
    this.silence?.begins();
  }

  close(): void {
    this.closed = true;
    this.silence?.stop();
    clearTimeout(this.retry);
    this.carrier?.close();
  }

  /** The line may be dead, or could be there again: another one, now. */
  renew(why: 'broken' | 'silent' = 'broken'): void {
    if (this.closed || this.pauses > 0) return;
    const before = this.carrier;
    this.carrier = undefined;
    before?.drop();
    if (this.failures === 0) this.handlers.lost(why);
    this.failures = Math.max(1, this.failures);
    this.open();
  }

  /** Who watches was away: timers may have stood still, and the line may have died meanwhile. */
  check(): void {
    this.silence?.check();
  }

  /** Interrupts the command; when the line is down, as soon as it is back. */
  interrupt(): void {
    this.interruptWanted = true;
    this.sendInterrupt();
  }

  /** A command as text, input in binary. False: there is no line now. */
  send(message: StreamCommand | Uint8Array<ArrayBuffer>): boolean {
    return this.carrier?.send(message instanceof Uint8Array ? message : JSON.stringify(message)) ?? false;
  }

  private opened(): void {
    this.handlers.opened?.();
    this.sendInterrupt();
  }

  private sendInterrupt(): void {
    if (this.interruptWanted && this.send({ command: 'interrupt' })) this.interruptWanted = false;
  }

  private received(take: () => void): void {
    this.silence?.heard();
    // A line that opens only to be closed again is none yet.
    if (this.failures > 0) this.handlers.back();
    this.failures = 0;
    try {
      take();
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
      this.carrier?.drop(); // Not what a stream says: another line may bring what this one garbled.
    }
  }

  private takeText(text: string): void {
    const event = this.options.parse(text);
    if (event?.event === 'output') {
      this.take({ stream: event.stream, offset: event.offset, data: this.options.bytesOf(event) });
    } else if (event?.event === 'heartbeat') {
      this.silence?.beat(event.everySeconds);
    } else if (event) {
      this.handlers.event(event);
    }
  }

  /** Each byte exactly once, whatever a resumed line repeats. */
  private take(chunk: OutputChunk<Bytes>): void {
    const known = this.offset - chunk.offset;
    if (known < 0) return this.carrier?.drop(); // Something is missing: ask again from where we are.
    if (known >= chunk.data.length) return;
    const fresh = { ...chunk, offset: this.offset, data: chunk.data.subarray(known) as Bytes };
    this.offset += fresh.data.length;
    const room = this.handlers.output(fresh);
    if (room) this.pauseUntil(room);
  }

  private pauseUntil(room: Promise<unknown>): void {
    this.pauses += 1;
    if (this.carrier?.pause) {
      this.carrier.pause();
    } else {
      const before = this.carrier;
      this.carrier = undefined;
      this.silence?.stop();
      before?.close();
    }
    void room.finally(() => {
      this.pauses -= 1;
      if (this.pauses > 0 || this.closed) return;
      if (this.carrier) this.carrier.resume?.();
      else this.open();
    });
  }

  private ended(code: number, reason: string): void {
    this.silence?.stop();
    const final = finalCloses[code];
    if (final) return this.refuse(new HoopError(final, `The gateway ended the stream: ${reason || code}.`));
    this.failures += 1;
    if (this.failures === 1) this.handlers.lost('broken');
    const pause = Math.min(firstPauseMs * 2 ** (this.failures - 1), longestPauseMs) * (0.75 + Math.random() / 2);
    this.retry = setTimeout(() => this.open(), pause);
  }

  private refuse(error: HoopError): void {
    this.close();
    this.handlers.refused(error);
  }
}
