/**
 * One person watching one session: `session`, then `state` on each change, output from an offset on, at last `end`.
 * Woken by the feed. Bytes that pass through this process go out at once when they are the next ones and the reader
 * keeps up; in every other case rows are read, so a slow reader costs no memory and slows nobody.
 */
import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';
import type { Logger } from 'pino';
import { encodeOutput, isOutput, type OutputChunk, type OutputStream } from '#shared/output-frame.ts';
import {
  streamClose,
  type EndEvent,
  type HeartbeatEvent,
  type OutputEvent,
  type SessionEvent,
  type StreamEvent,
} from '#shared/stream-events.ts';
import { stillSignedIn } from '#core/authenticate.ts';
import { readOutputRows, sessionNow } from '#core/read-output.ts';
import { endEventOf, sessionUrl, stateEventOf } from '#core/session-view.ts';
import { isVisibleTo, type SessionRow } from '#core/visible-session.ts';
import type { Identity } from './auth.ts';
import type { Keyboards } from './relay/keyboards.ts';
import type { SessionChange, SessionFeed } from './relay/session-feed.ts';
import { StreamInput } from './stream-input.ts';

/** Bytes that may wait for the reader; beyond, nothing more is read for them. */
const bufferedBytes = 1024 * 1024;
/** Bytes with what the terminal says meanwhile; who lets that much wait reads nothing at all. */
const hardBufferedBytes = 8 * bufferedBytes;
const batchBytes = 1024 * 1024;
/** `readOutput` gives at most 1024 rows at a time; fewer rows and fewer bytes than asked for mean that it gave all. */
const batchRows = 1024;
/**
 * Data of a frame for who listens for heartbeats: a browser says nothing of a frame before all of it is there, and over a
 * slow line a large one takes longer than two heartbeats.
 */
const pieceBytes = 16 * 1024;

export interface StreamOptions {
  identity: Identity;
  feed: SessionFeed;
  keyboards: Keyboards;
  socket: WebSocket;
  session: SessionRow;
  /** First byte of output to send. */
  offset: number;
  /** Output in binary frames instead of JSON. */
  binary: boolean;
  /** How often to say that the line lives; undefined: who watches did not ask for it. */
  heartbeatSeconds: number | undefined;
  log: Logger;
  onBytes: (count: number) => void;
}

export class SessionStream {
  private readonly options: StreamOptions;
  private readonly stopWatching: () => void;
  /** All output below was sent. */
  private sent: number;
  private stateChanged = true;
  private outputChanged = true;
  private running = false;
  private readingRows = true;
  private closed = false;
  private lastState = '';
  private end: { event: EndEvent; outputBytes: number } | undefined;
  private onDrain: (() => void) | undefined;
  private readonly input: StreamInput;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.options = options;
    this.sent = options.offset;
    const { feed, socket, identity, session, keyboards, log } = options;
    const send = (event: StreamEvent): void => {
      // unlike all else these are not read from rows when there is room
      if (socket.bufferedAmount > hardBufferedBytes) socket.terminate();
      else this.send(event);
    };
    const close = (code: number, reason: string): void => this.close(code, reason);
    this.input = new StreamInput({ identity, session, keyboards, log, send, close });
    this.stopWatching = feed.watch(session.id, (change) => this.note(change));
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.input.takeBinary(data as Buffer);
      else this.input.takeText((data as Buffer).toString());
    });
    socket.once('close', () => this.dispose());
  }

  /** Tells what there is so far; afterwards the feed wakes it. */
  start(): void {
    const { session, identity } = this.options;
    const url = sessionUrl(identity.ctx.core, session.id);
    this.send({ event: 'session', id: session.id, url, state: session.state } satisfies SessionEvent);
    this.beginHeartbeat();
    this.wake();
  }

  /** The first at once: it says what is promised. */
  private beginHeartbeat(): void {
    const { heartbeatSeconds: everySeconds } = this.options;
    if (everySeconds === undefined || this.closed) return;
    const beat = (): void => {
      // what waits for the reader will be heard in its place
      if (this.hasRoom) this.send({ event: 'heartbeat', everySeconds } satisfies HeartbeatEvent);
    };
    beat();
    this.heartbeat = setInterval(beat, everySeconds * 1000);
  }

  /** Whether bytes wait for a reader that does not take them. */
  get blocked(): boolean {
    return this.options.socket.bufferedAmount > 0;
  }

  get offset(): number {
    return this.sent;
  }

  private note(change: SessionChange): void {
    if (change.kind === 'state') this.stateChanged = true;
    else if (change.chunk) return this.sendLive(change.chunk);
    else if (change.upTo !== undefined && change.upTo <= this.sent) return;
    else this.outputChanged = true;
    this.wake();
  }

  /** What cannot go out now is read from the rows once it is there: the feed says when. */
  private sendLive(chunk: OutputChunk): void {
    const isNext = chunk.offset <= this.sent && this.sent < chunk.offset + chunk.data.length;
    if (!isNext || this.readingRows) return;
    if (this.hasRoom) return this.sendChunk(chunk);
    this.outputChanged = true;
    this.wake();
  }

  private get hasRoom(): boolean {
    return this.options.socket.bufferedAmount < bufferedBytes;
  }

  private wake(): void {
    if (this.running || this.closed) return;
    this.running = true;
    this.run()
      .catch((error: unknown) => {
        this.options.log.warn({ err: error }, 'stream broke');
        this.close(streamClose.restart, 'come back');
      })
      .finally(() => {
        this.running = false;
        // Told between the last look and now.
        if (this.stateChanged || this.outputChanged) this.wake();
      });
  }

  private async run(): Promise<void> {
    while (!this.closed && (this.stateChanged || this.outputChanged)) {
      if (this.stateChanged) {
        this.stateChanged = false;
        await this.tellState();
      }
      if (this.outputChanged || (this.end && this.sent < this.end.outputBytes)) {
        this.outputChanged = false;
        await this.sendRows();
      }
      if (this.end) this.finish(this.end);
    }
  }

  private async tellState(): Promise<void> {
    const { identity, session } = this.options;
    const { core } = identity.ctx;
    const [row, user] = await Promise.all([sessionNow(core, session.id), stillSignedIn(core, identity)]);
    if (!user) return this.close(streamClose.notSignedIn, 'signed out');
    if (!row || !isVisibleTo(row, user)) return this.close(streamClose.notFound, 'no such session');
    const event = await stateEventOf(core, row);
    const text = JSON.stringify(event);
    if (text !== this.lastState) this.send(event);
    this.lastState = text;
    const end = endEventOf(row);
    if (end) this.end = { event: end, outputBytes: row.recordingRemovedAt ? 0 : row.outputBytes };
    if (row.recordingRemovedAt) this.outputChanged = false; // its rows may be going just now
  }

  /** Until the reader has everything, or everything that is stored. */
  private async sendRows(): Promise<void> {
    const { identity, session } = this.options;
    this.readingRows = true;
    for (;;) {
      while (!this.hasRoom && !this.closed) {
        await new Promise<void>((resolve) => (this.onDrain = resolve));
      }
      if (this.closed) return;
      if (this.sendRecent()) {
        if (this.hasRoom) break;
        continue;
      }
      const chunks = await readOutputRows(identity.ctx.core, session.id, this.sent, batchBytes);
      let bytes = 0;
      for (const chunk of chunks) {
        bytes += chunk.data.length;
        this.sendChunk(chunk);
      }
      const isAll = bytes < batchBytes && chunks.length < batchRows;
      if (isAll && !this.recent) break;
    }
    this.readingRows = false;
  }

  private get recent(): OutputChunk | undefined {
    return this.options.feed.recent(this.options.session.id, this.sent);
  }

  /** What passed through this process a moment ago, as much as there is room for; false when it does not go on there. */
  private sendRecent(): boolean {
    const before = this.sent;
    for (let chunk = this.recent; chunk && this.hasRoom && !this.closed; chunk = this.recent) this.sendChunk(chunk);
    return this.sent > before;
  }

  private sendChunk(chunk: OutputChunk): void {
    const skip = Math.max(0, this.sent - chunk.offset);
    if (skip >= chunk.data.length || this.closed) return;
    const rest = skip === 0 ? chunk : { ...chunk, offset: chunk.offset + skip, data: chunk.data.subarray(skip) };
    this.sent = rest.offset + rest.data.length;
    this.options.onBytes(rest.data.length);
    const pieces = this.options.heartbeatSeconds === undefined ? [rest] : piecesOf(rest);
    for (const piece of pieces) {
      // clients of events see what the command wrote, and take gaps between offsets for what was typed
      if (this.options.binary) this.sendFrame(encodeOutput(piece));
      else if (isOutput(piece)) this.sendFrame(JSON.stringify(outputEventOf(piece)));
    }
  }

  private finish(end: { event: EndEvent; outputBytes: number }): void {
    // Ended sessions get no more output: what is not in the rows now never comes.
    if (this.sent < end.outputBytes) this.options.log.warn({ sent: this.sent, ...end }, 'stored output has a gap');
    this.send(end.event);
    this.close(1000, 'ended');
  }

  private send(event: StreamEvent): void {
    this.sendFrame(JSON.stringify(event));
  }

  private sendFrame(frame: string | Buffer): void {
    const { socket } = this.options;
    if (socket.readyState !== socket.OPEN) return;
    socket.send(frame, () => {
      if (this.hasRoom) this.drain();
    });
  }

  private drain(): void {
    this.onDrain?.();
    this.onDrain = undefined;
  }

  close(code: number, reason: string): void {
    this.dispose();
    this.options.socket.close(code, reason);
  }

  private dispose(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.heartbeat);
    this.stopWatching();
    this.input.close();
    this.drain();
  }
}

/** The chunk itself where it is small: its frame may be there already. */
function piecesOf(chunk: OutputChunk): OutputChunk[] {
  if (chunk.data.length <= pieceBytes) return [chunk];
  return Array.from({ length: Math.ceil(chunk.data.length / pieceBytes) }, (_, index) => {
    const at = index * pieceBytes;
    return { ...chunk, offset: chunk.offset + at, data: chunk.data.subarray(at, at + pieceBytes) };
  });
}

function outputEventOf({ stream, offset, data }: OutputChunk & { stream: OutputStream }): OutputEvent {
  const encoding = isUtf8(data) ? 'utf8' : 'base64';
  return { event: 'output', stream, offset, data: data.toString(encoding), encoding };
}
