/**
 * hoop's own words while a program has the terminal. They stand on lines of their own, between two pieces of output.
 * While a full-screen program draws (it has the alternate screen) a bell rings, and they are said once it has ended.
 */
import { showInvisible } from '#shared/safe-text.ts';
import type { LocalTerminal } from '../screen/local-terminal.ts';
import { say } from '../terminal.ts';

export class Notices {
  private readonly terminal: LocalTerminal;
  private held: string[] = [];

  constructor(terminal: LocalTerminal) {
    this.terminal = terminal;
  }

  say(text: string): void {
    if (!this.terminal.isOpen || !process.stderr.isTTY) return say(text);
    this.held.push(text);
    if (this.terminal.screen.isFullScreen && this.terminal.screen.isWhole) process.stderr.write('\u0007');
    this.afterOutput();
  }

  /** Says what is held, if it can be said now. */
  afterOutput(): void {
    const { screen } = this.terminal;
    if (this.held.length === 0 || !this.terminal.isOpen || screen.isFullScreen || !screen.isWhole) return;
    const lines = this.held.splice(0).flatMap((text) => `hoop: ${showInvisible(text)}`.split('\n'));
    const text = Buffer.from(`${screen.isAtLineStart ? '' : '\r\n'}${lines.join('\r\n')}\r\n`);
    screen.feed(text);
    process.stderr.write(text);
  }

  /** The terminal is as it was again: what could not be said while it was open. */
  afterClose(): void {
    for (const text of this.held.splice(0)) say(text);
  }
}
