/** The output of a session as the page keeps it: what it looks like, the oldest dropped once there is more than it should hold. */
import type { OutputEvent } from '#shared/stream-events.ts';
import { AnsiParser } from './ansi-parser.ts';
import { fromBase64 } from './bytes.ts';
import { OutputLines, type OutputBlock } from './output-lines.ts';

export interface OutputSnapshot {
  readonly blocks: readonly OutputBlock[];
  /** Whether output before the first block is not shown. */
  readonly cut: boolean;
}

/** Characters kept. */
export const keptCharacters = 512 * 1024;
const limits = { characters: keptCharacters, runs: 12_000, block: 16 * 1024, blockRuns: 1000 };
/** Of output that is taken up in its middle, so many characters are looked through for the beginning of a line. */
const longestSearch = 16 * 1024;
const redrawMs = 80;

export class OutputBuffer {
  /** Where the stream is taken up again. */
  nextOffset: number;
  private readonly lines = new OutputLines(limits);
  private readonly streams = {
    stdout: { decoder: new TextDecoder(), parser: new AnsiParser(this.lines) },
    stderr: { decoder: new TextDecoder(), parser: new AnsiParser(this.lines) },
  };
  private readonly listeners = new Set<() => void>();
  private readonly beganLate: boolean;
  /** Characters that may still be passed over until a line begins. */
  private search: number;
  private snapshot: OutputSnapshot;
  private redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(firstOffset: number) {
    this.nextOffset = firstOffset;
    this.beganLate = firstOffset > 0;
    this.search = this.beganLate ? longestSearch : 0;
    this.snapshot = { blocks: [], cut: this.beganLate };
  }

  readonly read = (): OutputSnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  push({ stream, offset, data, encoding }: OutputEvent): void {
    const bytes = encoding === 'base64' ? fromBase64(data) : new TextEncoder().encode(data);
    // A line that dropped may bring bytes again that are already here.
    const fresh = bytes.subarray(Math.min(bytes.length, Math.max(0, this.nextOffset - offset)));
    if (fresh.length === 0) return;
    this.nextOffset = offset + bytes.length;
    this.append(stream, this.streams[stream].decoder.decode(fresh, { stream: true }));
  }

  /** Characters that were cut in the middle when the command ended. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.append(stream, this.streams[stream].decoder.decode());
  }

  private append(stream: OutputEvent['stream'], text: string): void {
    this.lines.stream = stream;
    this.streams[stream].parser.push(this.fromLineOn(text));
    this.redraw ??= setTimeout(() => this.publish(), redrawMs);
  }

  /** Taken up in its middle, output may begin inside of a sequence or a character. */
  private fromLineOn(text: string): string {
    if (this.search === 0) return text;
    const end = text.indexOf('\n');
    this.search = end === -1 ? Math.max(0, this.search - text.length) : 0;
    return text.slice(end === -1 ? text.length : end + 1);
  }

  private publish(): void {
    this.redraw = undefined;
    this.snapshot = { blocks: this.lines.read(), cut: this.beganLate || this.lines.dropped };
    for (const listener of this.listeners) listener();
  }
}
