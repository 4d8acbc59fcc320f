/**
 * Lines of output as they stand on the page: text in pieces of one look, in blocks that never change once they are full,
 * and the line that is being written, of which a progress bar may write over its beginning.
 */
import type { LineWriter } from './ansi-parser.ts';
import { plainStyle, sameStyle, type TextStyle } from './text-style.ts';

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
  /** Characters in one block, and of a line that can still be written over; pieces of both. */
  block: number;
  blockRuns: number;
}

/** Pieces are appended in place, however many there are; what is read is a copy, made when something changed. */
interface Block {
  readonly key: number;
  readonly runs: OutputRun[];
  characters: number;
  copy: OutputBlock | undefined;
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
  private line = newBlock(-1);
  private column = 0;

  constructor(limits: LineLimits) {
    this.limits = limits;
  }

  /** The blocks, and as the last one the line that is being written. A block that did not change is the same again. */
  read(): OutputBlock[] {
    const all = this.line.runs.length === 0 ? this.blocks : [...this.blocks, this.line];
    return all.map((block) => (block.copy ??= { key: block.key, runs: [...block.runs] }));
  }

  text(text: string, style: TextStyle): void {
    const run = { stream: this.stream, style, text };
    const after = this.column + text.length;
    if (this.column === this.line.characters) append(this.line, run);
    else replace(this.line, this.column, after, run);
    this.column = after;
    if (this.line.characters > this.limits.block || this.line.runs.length >= this.limits.blockRuns) this.settle('');
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
    const [from, to] = [how === 0 ? this.column : 0, how === 1 ? this.column : this.line.characters];
    const blank = how === 0 ? '' : ' '.repeat(Math.min(to, this.column));
    replace(this.line, from, to, { stream: this.stream, style: plainStyle, text: blank });
    this.column = Math.min(this.column, this.line.characters);
  }

  /** The line is done: it goes to the blocks, and nothing changes it any more. */
  private settle(end: string): void {
    if (end !== '') append(this.line, { stream: this.stream, style: plainStyle, text: end });
    for (const run of this.line.runs) this.place(run);
    this.line = newBlock(-1);
    this.column = 0;
    this.trim();
  }

  private place(run: OutputRun): void {
    let block = this.blocks.at(-1);
    const isFull =
      block && (block.characters + run.text.length > this.limits.block || block.runs.length >= this.limits.blockRuns);
    if (!block || isFull) {
      block = newBlock(this.nextKey++);
      this.blocks.push(block);
    }
    const before = block.runs.length;
    append(block, run);
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

const newBlock = (key: number): Block => ({ key, runs: [], characters: 0, copy: undefined });

function append(block: Block, run: OutputRun): void {
  push(block.runs, run);
  block.characters += run.text.length;
  block.copy = undefined;
}

/** Puts a piece in the place of the characters from one column up to another. */
function replace(block: Block, from: number, to: number, run: OutputRun): void {
  const first = runAt(block.runs, 0, 0, from);
  const last = runAt(block.runs, first.index, first.column, to);
  const [before, after] = [block.runs[first.index], block.runs[last.index]];
  const middle: OutputRun[] = [];
  // a neighbour on each side is taken along: it may look the same
  const begin = Math.max(0, first.index - 1);
  const end = Math.min(block.runs.length, last.index + 2);
  for (const neighbour of block.runs.slice(begin, first.index)) push(middle, neighbour);
  if (before) push(middle, part(before, 0, from - first.column));
  push(middle, run);
  if (after) push(middle, part(after, to - last.column));
  for (const neighbour of block.runs.slice(last.index + 1, end)) push(middle, neighbour);
  block.runs.splice(begin, end - begin, ...middle);
  block.characters += run.text.length - (Math.min(to, block.characters) - from);
  block.copy = undefined;
}

/** The piece in which a column lies, and the column at which it begins; beyond the last one: none. */
function runAt(runs: readonly OutputRun[], index: number, column: number, wanted: number) {
  for (let run = runs[index]; run && column + run.text.length <= wanted; run = runs[index]) {
    column += run.text.length;
    index++;
  }
  return { index, column };
}

const part = (run: OutputRun, from: number, to?: number): OutputRun => ({ ...run, text: run.text.slice(from, to) });

/** Neighbours that look the same are one. */
function push(runs: OutputRun[], run: OutputRun): void {
  if (run.text === '') return;
  const last = runs.at(-1);
  // the end of a line looks like whatever it ends
  const isSame = last?.stream === run.stream && (run.text === '\n' || sameStyle(last.style, run.style));
  if (isSame) runs[runs.length - 1] = { ...last, text: last.text + run.text };
  else runs.push(run);
}
