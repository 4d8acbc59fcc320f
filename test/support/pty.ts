/** A process on a terminal of its own. */
import { onTestFinished } from 'vitest';
import { spawn } from '@lydell/node-pty';
import { eventually } from './eventually.ts';

export interface Terminal {
  /** All that stood on the screen so far, escape sequences included. */
  screen(): string;
  type(text: string): void;
  /** To the process itself, past the terminal. */
  signal(signal: NodeJS.Signals): void;
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<number>;
}

/** Gone after the test. */
export function openTerminal(file: string, args: string[], env: Record<string, string>): Terminal {
  const pty = spawn(file, args, { cols: 100, rows: 40, env });
  let screen = '';
  pty.onData((data) => (screen += data));
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  onTestFinished(() => pty.kill('SIGKILL'));
  return {
    screen: () => screen,
    type: (text) => pty.write(text),
    signal: (signal) => pty.kill(signal),
    shows: (pattern) => eventually(() => pattern.exec(screen), { describe: () => `${pattern} on:\n${screen}\n` }),
    ended,
  };
}
