/** A recording as plain text: what stood on the screen line by line, without colours and without what was overwritten. */
import type { IBuffer, IMarker } from '@xterm/headless';
import { readSize, sizeWithoutTerminal } from '#shared/recording.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { openHeadless, type Headless } from './headless.ts';

/** Written at once; fewer than the lines kept above the screen, so that no line is gone before it was read. */
const pieceBytes = 4096;
const scrollback = 8192;

/**
 * Lines that have left the screen are given as soon as they have, so memory stays bounded. Screens of full-screen
 * programs (the alternate screen) leave nothing behind, as on a terminal. `size`: of its terminal; null: it had none.
 */
export async function* plainText(
  chunks: AsyncIterable<OutputChunk>,
  size: TerminalSize | null,
): AsyncGenerator<string> {
  const headless = await openHeadless({ ...(size ?? sizeWithoutTerminal), scrollback, convertEol: size === null });
  // what was cleared away was there
  headless.terminal.options.scrollOnEraseInDisplay = true;
  headless.terminal.parser.registerCsiHandler({ final: 'J' }, ([what]) => what === 3);
  const lines = new LineReader(headless);
  for await (const { stream, data } of chunks) {
    if (stream === 'input') continue;
    if (stream === 'resize') {
      const next = readSize(data);
      if (next) headless.terminal.resize(next.columns, next.rows);
      continue;
    }
    for (let at = 0; at < data.length; at += pieceBytes) {
      await headless.write(data.subarray(at, at + pieceBytes));
      const text = lines.above();
      if (text !== '') yield text;
    }
  }
  yield lines.rest();
}

/** Reads each line of the normal screen once, when nothing can change it any more. */
class LineReader {
  private readonly headless: Headless;
  /** The first line that was not read; it moves as lines above are dropped. */
  private next: IMarker | undefined;
  /** A long line, as far as it was read. */
  private begun = '';

  constructor(headless: Headless) {
    this.headless = headless;
    this.next = headless.terminal.registerMarker(0);
  }

  /** What lies above the screen. */
  above(): string {
    const { buffer } = this.headless.terminal;
    // the alternate screen is on: nothing moves in the normal one
    if (buffer.active.type !== 'normal') return '';
    const { normal } = buffer;
    return this.read(normal, this.nextLine, normal.baseY);
  }

  /** The screen too, up to its last line with anything on it. */
  rest(): string {
    const { normal } = this.headless.terminal.buffer;
    let last = normal.length;
    while (last > this.nextLine && normal.getLine(last - 1)?.translateToString(true) === '') last -= 1;
    const text = this.read(normal, this.nextLine, last) + this.begun;
    return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  }

  private get nextLine(): number {
    return Math.max(0, this.next?.line ?? 0);
  }

  private read(buffer: IBuffer, from: number, to: number): string {
    if (to <= from) return '';
    let text = '';
    for (let at = from; at < to; at += 1) {
      this.begun += buffer.getLine(at)?.translateToString(true) ?? '';
      // what the width of the terminal broke is one line
      if (buffer.getLine(at + 1)?.isWrapped) continue;
      text += `${this.begun}\n`;
      this.begun = '';
    }
    this.next?.dispose();
    this.next = this.headless.terminal.registerMarker(to - buffer.baseY - buffer.cursorY);
    return text;
  }
}
