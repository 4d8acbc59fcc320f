/**
 * Lines of output as they stand on the page: text in pieces of one look, in blocks that never change once they are full,
 * and the line that is being written, of which a progress bar may write over its beginning.
 */
import type { LineWriter } from './ansi-parser.ts';
import { sameStyle, type TextStyle } from './text-style.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface OutputRun {
  readonly stream: OutputStream;
  readonly style: TextStyle;
  readonly text: string;
}

export interface OutputBlock {
  readonly key: number;
  readonly runs: readonly OutputRun[];
}

export interface LineLimits {
  /** Characters kept, and pieces. */
  characters: number;
  runs: number;
  /** Characters in one block, and of a line that can still be written over. */
  block: number;
}

interface Block extends OutputBlock {
  runs: OutputRun[];
  characters: number;
}

export class OutputLines implements LineWriter {
  /** Of what is written next. */
  stream: OutputStream = 'stdout';
  /** Whether something that stood here is gone. */
  dropped = false;
  private readonly limits: LineLimits;
  private readonly blocks: Block[] = [];
  private characters = 0;
  private runs = 0;
  private nextKey = 0;
  private line: OutputRun[] = [];
  private lineLength = 0;
  private column = 0;

  constructor(limits: LineLimits) {
    this.limits = limits;
  }

  /** The blocks, and as the last one the line that is being written. */
  read(): OutputBlock[] {
    const blocks: OutputBlock[] = this.blocks.map(({ key, runs }) => ({ key, runs }));
    return this.line.length === 0 ? blocks : [...blocks, { key: -1, runs: this.line }];
  }

  text(text: string, style: TextStyle): void {
    const run = { stream: this.stream, style, text };
    const after = this.column + text.length;
    if (this.column === this.lineLength) this.line = joined(this.line, [run]);
    else {
      const before = cut(this.line, 0, this.column);
      this.line = joined(joined(before, [run]), cut(this.line, after, this.lineLength));
    }
    this.column = after;
    this.lineLength = Math.max(this.lineLength, after);
    if (this.lineLength > this.limits.block) this.settle('');
  }

  newLine(): void {
    this.settle('\n');
  }

  carriageReturn(): void {
    this.column = 0;
  }

  backspace(): void {
    this.column = Math.max(0, this.column - 1);
  }

  eraseLine(how: 0 | 1 | 2): void {
    const [from, to] = [how === 0 ? this.column : 0, how === 1 ? this.column : this.lineLength];
    const blank = how === 0 ? [] : [{ stream: this.stream, style: {}, text: ' '.repeat(Math.min(to, this.column)) }];
    this.line = joined(joined(cut(this.line, 0, from), blank), cut(this.line, to, this.lineLength));
    this.lineLength = this.line.reduce((sum, { text }) => sum + text.length, 0);
    this.column = Math.min(this.column, this.lineLength);
  }

  /** The line is done: it goes to the blocks, and nothing changes it any more. */
  private settle(end: string): void {
    const runs = end === '' ? this.line : joined(this.line, [{ stream: this.stream, style: {}, text: end }]);
    for (const run of runs) this.place(run);
    this.line = [];
    this.lineLength = 0;
    this.column = 0;
    this.trim();
  }

  private place(run: OutputRun): void {
    let block = this.blocks.at(-1);
    const isFull = !block || block.characters + run.text.length > this.limits.block;
    if (!block || isFull) {
      block = { key: this.nextKey++, runs: [], characters: 0 };
      this.blocks.push(block);
    }
    const before = block.runs.length;
    // another list: a block that was drawn is drawn anew only when it changed
    block.runs = joined(block.runs, [run]);
    block.characters += run.text.length;
    this.characters += run.text.length;
    this.runs += block.runs.length - before;
  }

  private trim(): void {
    let drop = 0;
    while (
      (this.characters > this.limits.characters || this.runs > this.limits.runs) &&
      drop < this.blocks.length - 1
    ) {
      this.characters -= this.blocks[drop]?.characters ?? 0;
      this.runs -= this.blocks[drop]?.runs.length ?? 0;
      drop++;
    }
    if (drop === 0) return;
    this.blocks.splice(0, drop);
    this.dropped = true;
  }
}

/** Neighbours that look the same are one. */
function joined(a: readonly OutputRun[], b: readonly OutputRun[]): OutputRun[] {
  const [last, first] = [a.at(-1), b[0]];
  if (!last || !first) return [...a, ...b];
  // the end of a line looks like whatever it ends
  const isSame = last.stream === first.stream && (sameStyle(last.style, first.style) || first.text === '\n');
  if (!isSame) return [...a, ...b];
  return [...a.slice(0, -1), { ...last, text: last.text + first.text }, ...b.slice(1)];
}

/** Characters from one column up to another. */
function cut(runs: readonly OutputRun[], from: number, to: number): OutputRun[] {
  const kept: OutputRun[] = [];
  let at = 0;
  for (const run of runs) {
    const text = run.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text !== '') kept.push({ ...run, text });
    at += run.text.length;
  }
  return kept;
}
