/**
 * The output of a session as the page keeps it: decoded text in blocks, the oldest dropped once there is more than
 * the page should hold. Blocks never change once they are full, so the screen redraws the last one only.
 */
import type { OutputEvent } from '#shared/stream-events.ts';
import { fromBase64 } from './bytes.ts';

export type OutputStream = OutputEvent['stream'];

export interface OutputBlock {
  readonly key: number;
  readonly stream: OutputStream;
  readonly text: string;
}

export interface OutputSnapshot {
  readonly blocks: readonly OutputBlock[];
  /** Whether output before the first block is not shown. */
  readonly cut: boolean;
}

/** Characters kept, and characters in one block. */
export const keptCharacters = 512 * 1024;
const blockCharacters = 16 * 1024;
const redrawMs = 80;

export class OutputBuffer {
  /** Where the stream is taken up again. */
  nextOffset: number;
  private readonly decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  private readonly listeners = new Set<() => void>();
  private blocks: OutputBlock[] = [];
  private characters = 0;
  private nextKey = 0;
  private snapshot: OutputSnapshot;
  private redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(firstOffset: number) {
    this.nextOffset = firstOffset;
    this.snapshot = { blocks: [], cut: firstOffset > 0 };
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
    this.append(stream, this.decoders[stream].decode(fresh, { stream: true }));
  }

  /** Characters that were cut in the middle when the command ended. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.append(stream, this.decoders[stream].decode());
  }

  private append(stream: OutputStream, text: string): void {
    for (let at = 0; at < text.length; at += blockCharacters) this.place(stream, text.slice(at, at + blockCharacters));
    this.trim();
    this.redraw ??= setTimeout(() => this.publish(), redrawMs);
  }

  private place(stream: OutputStream, text: string): void {
    const last = this.blocks.at(-1);
    this.characters += text.length;
    if (last?.stream === stream && last.text.length + text.length <= blockCharacters) {
      this.blocks[this.blocks.length - 1] = { ...last, text: last.text + text };
    } else {
      this.blocks.push({ key: this.nextKey++, stream, text });
    }
  }

  private trim(): void {
    let drop = 0;
    while (this.characters > keptCharacters && drop < this.blocks.length - 1) {
      this.characters -= this.blocks[drop]?.text.length ?? 0;
      drop++;
    }
    if (drop === 0) return;
    this.blocks.splice(0, drop);
    this.snapshot = { ...this.snapshot, cut: true };
  }

  private publish(): void {
    this.redraw = undefined;
    this.snapshot = { blocks: [...this.blocks], cut: this.snapshot.cut };
    for (const listener of this.listeners) listener();
  }
}
