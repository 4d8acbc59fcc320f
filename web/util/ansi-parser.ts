/**
 * Reads the output of a command as text with colours. What else a program may say to a terminal is taken out, whole and
 * for good: titles, the clipboard, links, moves of the cursor. Only the ends of lines, going back in a line and clearing
 * what is left of it are done, for progress bars. https://en.wikipedia.org/wiki/ANSI_escape_code
 */
import { plainStyle, styleAfter, type TextStyle } from './text-style.ts';

/** What happens to the line that is being written. */
export interface LineWriter {
  text(text: string, style: TextStyle): void;
  newLine(): void;
  /** To column 0. */
  carriageReturn(): void;
  backspace(): void;
  /** 0: to the end of the line, 1: from its beginning, 2: all of it. */
  eraseLine(how: 0 | 1 | 2): void;
}

type Mode = 'text' | 'escape' | 'charset' | 'csi' | 'string' | 'stringEscape';

/** Of a sequence; what is longer is none of those that are done. */
const longestSequence = 256;

const [escape, bell, stringEnd] = ['\u001b', '\u0007', '\u009c'];
/** After ESC, and as a control character of 8 bits: DCS, SOS, OSC, PM, APC. Text follows up to its end. */
const strings = new Set(['P', 'X', ']', '^', '_']);
const eightBit: Readonly<Record<string, string>> = {
  '\u0090': 'P',
  '\u0098': 'X',
  '\u009b': '[',
  '\u009d': ']',
  '\u009e': '^',
  '\u009f': '_',
};
const plain = /[^\u0000-\u001f\u007f-\u009f]+/y;

/** Of one stream of output; sequences may be cut anywhere. */
export class AnsiParser {
  private readonly writer: LineWriter;
  private mode: Mode = 'text';
  private sequence = '';
  private style = plainStyle;

  constructor(writer: LineWriter) {
    this.writer = writer;
  }

  push(text: string): void {
    for (let at = 0; at < text.length;) {
      if (this.mode === 'text') {
        plain.lastIndex = at;
        const run = plain.exec(text)?.[0];
        if (run !== undefined) {
          this.writer.text(run, this.style);
          at += run.length;
          continue;
        }
      }
      this.take(text.charAt(at));
      at++;
    }
  }

  private take(char: string): void {
    switch (this.mode) {
      case 'text':
        return this.control(char);
      case 'escape':
        return this.begin(char);
      case 'charset':
        this.mode = 'text';
        return;
      case 'csi':
        return this.parameter(char);
      case 'string':
        if (char === bell || char === stringEnd) this.mode = 'text';
        else if (char === escape) this.mode = 'stringEscape';
        return;
      case 'stringEscape':
        // ESC \ ends it; any other escape begins anew
        if (char === '\\') this.mode = 'text';
        else this.begin(char);
    }
  }

  private control(char: string): void {
    const begins = eightBit[char];
    if (char === escape) this.mode = 'escape';
    else if (begins !== undefined) this.begin(begins);
    else if (char === '\n') this.writer.newLine();
    else if (char === '\r') this.writer.carriageReturn();
    else if (char === '\b') this.writer.backspace();
    else if (char === '\t') this.writer.text(char, this.style);
    // NUL and the bell show nothing on a terminal either
    else if (char !== '\0' && char !== bell) this.writer.text(char, this.style);
  }

  private begin(char: string): void {
    this.sequence = '';
    if (char === '[') this.mode = 'csi';
    else if (strings.has(char)) this.mode = 'string';
    else if (char === escape) this.mode = 'escape';
    else if (/[ -/]/.test(char)) this.mode = 'charset';
    else this.mode = 'text';
  }

  private parameter(char: string): void {
    if (char === escape) this.mode = 'escape';
    else if (char >= '\u0040' && char <= '\u007e') this.finish(char);
    else if (char < ' ') this.control(char);
    else if (this.sequence.length < longestSequence) this.sequence += char;
  }

  private finish(final: string): void {
    this.mode = 'text';
    const { sequence } = this;
    if (sequence.length >= longestSequence || !/^[\d;:]*$/.test(sequence)) return;
    if (final === 'm') this.style = styleAfter(this.style, sequence);
    if (final === 'K' && /^[012]?$/.test(sequence)) this.writer.eraseLine(Number(sequence) as 0 | 1 | 2);
  }
}
