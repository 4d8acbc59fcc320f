/**
 * The terminal that `hoop` runs on, handed over to a program: bytes pass as they are in both directions, and it is as
 * it was on every way out that this process hears of.
 */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { TerminalSize } from '#shared/terminal.ts';
import { ScreenState } from './screen-state.ts';

/** Of terminals that do not say. */
const usualSize: TerminalSize = { columns: 80, rows: 24 };
const largest = 1000;
/** Ways out besides the exit of the process, which each of them becomes. */
const endings = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export interface LocalTerminalOptions {
  /** What is typed, while it is open. */
  onInput(data: Buffer): void;
  /** The terminal itself is gone. */
  onGone(): void;
  /** The process ends by this signal; the terminal is as it was. */
  onSignal?(signal: NodeJS.Signals): void;
}

export class LocalTerminal {
  readonly screen = new ScreenState();
  private readonly options: LocalTerminalOptions;
  private opened = false;

  constructor(options: LocalTerminalOptions) {
    this.options = options;
  }

  /** A program has it: nothing else may be written to it as if it were at rest. */
  get isOpen(): boolean {
    return this.opened;
  }

  /** Its size now, within the bounds of a terminal of hoop. */
  static size(): TerminalSize {
    const { columns, rows } = process.stdout;
    const bounded = (count: number | undefined, usual: number) => Math.min(count || usual, largest);
    return { columns: bounded(columns, usualSize.columns), rows: bounded(rows, usualSize.rows) };
  }

  open(): void {
    if (this.opened) return;
    this.opened = true;
    process.on('exit', this.restore);
    // before anybody says what went wrong
    process.on('uncaughtExceptionMonitor', this.restore);
    for (const signal of endings) process.on(signal, this.onSignal);
    process.on('SIGCONT', this.makeRaw);
    process.stdin.on('data', this.options.onInput);
    for (const event of ['end', 'error', 'close']) process.stdin.on(event, this.options.onGone);
    this.makeRaw();
    process.stdin.resume();
  }

  /** To the screen; a promise when it is slow: resolves once there is room again. */
  write(data: Buffer): Promise<unknown> | undefined {
    this.screen.feed(data);
    if (process.stdout.write(data) || process.stdout.destroyed) return undefined;
    return new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  }

  /** As it was before; what is typed from now on belongs to whoever comes next. */
  close(): void {
    this.restore();
    process.off('exit', this.restore);
    process.off('uncaughtExceptionMonitor', this.restore);
    for (const signal of endings) process.off(signal, this.onSignal);
    process.off('SIGCONT', this.makeRaw);
    process.stdin.off('data', this.options.onInput);
    for (const event of ['end', 'error', 'close']) process.stdin.off(event, this.options.onGone);
    process.stdin.pause();
  }

  /** Also after it was stopped and goes on: the shell has set its own modes meanwhile. */
  private readonly makeRaw = (): void => {
    if (!this.opened || !process.stdin.isTTY) return;
    try {
      process.stdin.setRawMode(false);
      process.stdin.setRawMode(true);
    } catch {
      return; // gone: the input says so
    }
    asBytesCome();
  };

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    this.restore();
    this.options.onSignal?.(signal);
    process.exit(128 + constants.signals[signal]);
  };

  private readonly restore = (): void => {
    if (!this.opened) return;
    this.opened = false;
    const reset = this.screen.reset();
    try {
      // not by the stream: this may be the last that the process does
      if (reset !== '' && process.stdout.isTTY) writeSync(1, reset);
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
      if (process.stdout.isTTY && !this.screen.isAtLineStart) writeSync(1, '\r\n');
    } catch {
      // the terminal is gone, and nobody sees it
    }
  };
}

/**
 * Node's raw mode still makes CR LF of each LF, which moves the cursor of programs that mean LF alone. Nothing of
 * Node's changes that, `stty` does; where there is none, most programs are shown right all the same.
 */
function asBytesCome(): void {
  // not imported: the bundle of the CLI stands in for that module, see no-child-process.ts
  const processes = process.getBuiltinModule('node:child_process');
  processes.spawnSync('stty', ['-opost'], { stdio: [0, 'ignore', 'ignore'] });
}
