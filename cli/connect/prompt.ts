/** Lines typed on a terminal, one after the other; the prompt is on stderr, so that stdout is output and nothing else. */
import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from 'node:readline';
import { say } from '../terminal.ts';

export class Prompt {
  private readonly lines: Interface;
  private readonly onScreen = Boolean(process.stderr.isTTY);
  /** Lines that were pasted with the one that runs. */
  private waiting: string[] = [];
  private take: ((line: string | null) => void) | undefined;
  private isClosed = false;

  constructor(text: string) {
    const output = process.stderr;
    this.lines = createInterface({ input: process.stdin, output, terminal: this.onScreen, prompt: text });
    this.lines.on('line', (line) => (this.take ? this.give(line) : this.waiting.push(line)));
    this.lines.on('SIGINT', () => this.clear());
    this.lines.on('SIGCONT', () => this.lines.prompt(true)); // back after Ctrl-Z
    this.lines.on('close', () => {
      this.isClosed = true;
      this.give(null);
    });
    this.rest();
  }

  /** The next line; null at the end of the input (Ctrl-D), or once closed. */
  next(): Promise<string | null> {
    const [pasted] = this.waiting.splice(0, 1);
    if (pasted !== undefined || this.isClosed) return Promise.resolve(pasted ?? null);
    return new Promise((resolve) => {
      this.take = resolve;
      if (this.onScreen) process.stdin.setRawMode(true);
      this.lines.prompt(true);
    });
  }

  /** Forgets what is typed, or was pasted and has not run. */
  clear(): void {
    this.waiting = [];
    if (!this.take) return;
    if (!this.onScreen) return this.lines.prompt();
    this.lines.write(null, { ctrl: true, name: 'e' });
    this.lines.write(null, { ctrl: true, name: 'u' });
  }

  /** Words of hoop above the line that is being typed, which stays. */
  say(text: string): void {
    if (!this.take || !this.onScreen) return say(text);
    const { rows } = this.lines.getCursorPos();
    this.leaveLine(rows);
    say(text);
    // readline goes up by the rows it has shown before it shows them anew
    process.stderr.write('\n'.repeat(rows));
    this.lines.prompt(true);
  }

  /** The terminal is as it was before; the line that was being typed is gone, and `next` gives null. */
  close(): void {
    if (this.take && this.onScreen) this.leaveLine(this.lines.getCursorPos().rows);
    this.lines.close();
  }

  private give(line: string | null): void {
    const { take } = this;
    this.take = undefined;
    if (line !== null) this.rest();
    take?.(line);
  }

  /** While a command runs the terminal is as it was, so that Ctrl-C and Ctrl-Z are signals. */
  private rest(): void {
    if (this.onScreen) process.stdin.setRawMode(false);
    this.lines.pause();
  }

  private leaveLine(rows: number): void {
    moveCursor(process.stderr, 0, -rows);
    cursorTo(process.stderr, 0);
    clearScreenDown(process.stderr);
  }
}
