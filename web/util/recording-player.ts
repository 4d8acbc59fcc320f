/**
 * Plays a recording on a screen, in its own time or another. It remembers the screen every so often, so that going back
 * plays from there and not from the beginning.
 */
import { showInvisible } from '#shared/safe-text.ts';
import { readSize } from '#shared/recording.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import type { Piece, RecordingSource } from './recording-source.ts';

export interface PlayerScreen {
  write(data: Uint8Array | string): Promise<void>;
  reset(): void;
  resize(size: TerminalSize): void;
  size(): TerminalSize;
  /** What draws the same screen again. */
  serialize(): string;
}

export interface PlayerStatus {
  playing: boolean;
  /** Reads and draws what lies between here and there. */
  busy: boolean;
  position: number;
  total: number;
  /** What was typed last. */
  typed: string;
  size: TerminalSize;
  error: unknown;
}

export interface PlayerOptions {
  source: RecordingSource;
  screen: PlayerScreen;
  firstSize: TerminalSize;
  total: number;
  onStatus: (status: PlayerStatus) => void;
}

interface Checkpoint {
  position: number;
  offset: number;
  screen: string;
  size: TerminalSize;
  typed: string;
}

const tickMs = 40;
/** Of a pass without pause: written at once, then whoever waits gets a turn. */
const batchBytes = 128 * 1024;
const checkpointBytes = 512 * 1024;
const mostCheckpoints = 48;
const typedCharacters = 400;

export class RecordingPlayer {
  private speed = 1;
  private longestPause = Infinity;
  private readonly options: PlayerOptions;
  private status: PlayerStatus;
  private readonly checkpoints: Checkpoint[] = [];
  private pieces: Piece[] = [];
  /** Of all that is on the screen. */
  private offset = 0;
  private lastAt = 0;
  private sinceCheckpoint = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tickedAt = 0;
  /** Counts what was asked for; whatever was asked for before is given up. */
  private turn = 0;
  private working: Promise<void> = Promise.resolve();
  /** Its screen is gone, and nobody hears of it. */
  private closed = false;

  constructor(options: PlayerOptions) {
    this.options = options;
    const { firstSize: size, total } = options;
    this.status = { playing: false, busy: false, position: 0, total, typed: '', size, error: null };
    this.remember();
  }

  play(): void {
    if (this.status.playing || this.closed) return;
    const { position, total } = this.status;
    this.tell({ playing: true, error: null });
    if (position >= total) this.seek(0);
    this.tickedAt = performance.now();
    this.schedule();
  }

  pause(): void {
    clearTimeout(this.timer);
    this.tell({ playing: false });
  }

  /** 2 plays twice as fast. */
  setSpeed(speed: number): void {
    this.speed = speed;
  }

  /** Longer pauses are cut to this; milliseconds, `Infinity` for none. */
  setLongestPause(ms: number): void {
    this.longestPause = ms;
  }

  /** To a time of the recording, in milliseconds; goes on playing if it does. */
  seek(to: number): void {
    if (this.closed) return;
    const target = Math.min(Math.max(0, to), this.status.total);
    const turn = ++this.turn;
    this.tell({ busy: true, position: target, error: null });
    this.working = this.working.then(() => this.goTo(target, turn));
  }

  close(): void {
    this.closed = true;
    this.turn++;
    clearTimeout(this.timer);
  }

  /** Resolves once the screen shows what was asked for last. */
  settled(): Promise<void> {
    return this.working;
  }

  private async goTo(target: number, turn: number): Promise<void> {
    if (turn !== this.turn) return;
    try {
      if (
        target < this.lastAt ||
        this.checkpoints.some(({ position, offset }) => position <= target && offset > this.offset)
      ) {
        await this.restore(this.checkpoints.findLast(({ position }) => position <= target));
      }
      await this.drawUntil(target, () => turn === this.turn);
      if (turn !== this.turn) return;
      this.tickedAt = performance.now();
      this.tell({ busy: false, position: target });
    } catch (error) {
      this.fail(error);
    }
  }

  private async restore(checkpoint: Checkpoint | undefined): Promise<void> {
    const { screen, firstSize } = this.options;
    screen.reset();
    screen.resize(checkpoint?.size ?? firstSize);
    await screen.write(checkpoint?.screen ?? '');
    this.pieces = [];
    this.offset = checkpoint?.offset ?? 0;
    this.lastAt = checkpoint?.position ?? 0;
    this.sinceCheckpoint = 0;
    this.tell({ typed: checkpoint?.typed ?? '', size: screen.size() });
  }

  /** Draws everything up to a time; stops when it is not wanted any more. */
  private async drawUntil(target: number, wanted: () => boolean): Promise<void> {
    let batch: Uint8Array[] = [];
    let bytes = 0;
    const flush = async () => {
      const all = joined(batch, bytes);
      [batch, bytes] = [[], 0];
      if (all.length > 0) await this.options.screen.write(all);
    };
    for (;;) {
      const piece = await this.next();
      if (!piece || piece.at > target || !wanted()) break;
      this.pieces.shift();
      this.offset = piece.next;
      this.lastAt = Math.max(this.lastAt, piece.at);
      if (piece.stream === 'input') this.type(piece.data);
      else if (piece.stream === 'resize') {
        await flush();
        this.resize(piece.data);
      } else {
        batch.push(piece.data);
        bytes += piece.data.length;
        this.sinceCheckpoint += piece.data.length;
      }
      if (bytes >= batchBytes) await flush();
      if (this.sinceCheckpoint >= checkpointBytes && endsPlainly(piece.data)) {
        await flush();
        this.remember();
      }
    }
    await flush();
  }

  /** The next piece; undefined at the end. */
  private async next(): Promise<Piece | undefined> {
    if (this.pieces.length === 0) this.pieces = [...(await this.options.source.read(this.offset))];
    return this.pieces[0];
  }

  private remember(): void {
    const { screen } = this.options;
    this.sinceCheckpoint = 0;
    if (this.checkpoints.some(({ offset }) => offset >= this.offset)) return;
    // of a long recording every other one is enough
    if (this.checkpoints.length >= mostCheckpoints) {
      for (let at = this.checkpoints.length - 1; at > 0; at -= 2) this.checkpoints.splice(at, 1);
    }
    this.checkpoints.push({
      position: this.lastAt,
      offset: this.offset,
      screen: this.offset === 0 ? '' : screen.serialize(),
      size: this.offset === 0 ? this.options.firstSize : screen.size(),
      typed: this.status.typed,
    });
  }

  private type(data: Uint8Array): void {
    const text = showInvisible(new TextDecoder().decode(data).replaceAll('\r', '⏎'));
    this.tell({ typed: (this.status.typed + text).slice(-typedCharacters) });
  }

  private resize(data: Uint8Array): void {
    const size = readSize(data);
    if (!size) return;
    this.options.screen.resize(size);
    this.tell({ size });
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.working = this.working.then(() => this.tick());
      void this.working.then(() => this.status.playing && this.schedule());
    }, tickMs);
  }

  private async tick(): Promise<void> {
    if (!this.status.playing || this.status.busy || this.closed) return;
    const turn = this.turn;
    const now = performance.now();
    let position = this.status.position + (now - this.tickedAt) * this.speed;
    this.tickedAt = now;
    try {
      const next = await this.next();
      if (turn !== this.turn) return;
      if (next && next.at - this.lastAt > this.longestPause && position - this.lastAt >= this.longestPause) {
        position = Math.max(position, next.at);
      }
      position = Math.min(position, this.status.total);
      await this.drawUntil(position, () => turn === this.turn);
      if (turn !== this.turn) return;
      this.tell({ position, ...(position >= this.status.total && { playing: false }) });
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.tell({ playing: false, busy: false, error });
  }

  private tell(news: Partial<PlayerStatus>): void {
    if (this.closed) return;
    this.status = { ...this.status, ...news };
    this.options.onStatus(this.status);
  }
}

function joined(parts: Uint8Array[], bytes: number): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether no sequence and no character may be open at its end: a screen that is drawn again knows of neither. */
function endsPlainly(data: Uint8Array): boolean {
  const tail = data.subarray(-64);
  return !tail.includes(0x1b) && (tail.at(-1) ?? 0xff) < 0x80;
}
