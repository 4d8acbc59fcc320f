/** A script cut into lines, and each line into pieces of one colour. */
import type { Token } from './highlight.ts';

export interface Piece {
  text: string;
  /** Names of classes; empty: plain. */
  names: string;
}

/** What is longer is shown on demand. */
export const firstCharacters = 64 * 1024;

export const isCut = (code: string): boolean => code.length > firstCharacters;

/** One a line, its newline with it; together they are the text. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return [...lines.map((line) => `${line}\n`), ...(last === '' ? [] : [last])];
}

/** Pieces of each line; `tokens` are in order and do not overlap. */
export function colourLines(lines: readonly string[], tokens: readonly Token[]): Piece[][] {
  let start = 0;
  let at = 0;
  return lines.map((line) => {
    const end = start + line.length;
    const pieces: Piece[] = [];
    let done = start;
    const add = (to: number, names: string) => {
      if (to > done) pieces.push({ text: line.slice(done - start, to - start), names });
      done = Math.max(done, to);
    };
    for (let token = tokens[at]; token && token.from < end; token = tokens[at]) {
      add(Math.max(token.from, done), '');
      add(Math.min(token.to, end), token.names);
      // one that goes on in the next line, such as a long string, is met again there
      if (token.to > end) break;
      at += 1;
    }
    add(end, '');
    start = end;
    return pieces;
  });
}
