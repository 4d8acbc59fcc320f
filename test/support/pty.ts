/** A process on a terminal of its own. */
import { write } from 'node:fs';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { spawn } from '@lydell/node-pty';
import { eventually } from './eventually.ts';

export interface Terminal {
  /** All that stood on the screen so far, escape sequences included. */
  screen(): string;
  type(text: string): void;
  /** As much as there is, as fast as it is taken; `type` would hold up this process until it is. */
  paste(text: string): Promise<void>;
  /** To the process itself, past the terminal. */
  signal(signal: NodeJS.Signals): void;
  resize(columns: number, rows: number): void;
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<number>;
}

/** Gone after the test. */
export function openTerminal(file: string, args: string[], env: Record<string, string>): Terminal {
  const pty = spawn(file, args, { cols: 100, rows: 40, env });
  let screen = '';
  pty.onData((data) => (screen += data));
  let state = 'it runs';
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  void ended.then((exitCode) => (state = `it ended with ${exitCode}`));
  onTestFinished(() => pty.kill('SIGKILL'));
  return {
    screen: () => screen,
    type: (text) => pty.write(text),
    paste: (text) => writeAll((pty as unknown as { fd: number }).fd, Buffer.from(text)),
    signal: (signal) => pty.kill(signal),
    resize: (columns, rows) => pty.resize(columns, rows),
    shows: (pattern) =>
      eventually(() => pattern.exec(screen), { describe: () => `${pattern} (${state}) on:\n${screen}\n` }),
    ended,
  };
}

async function writeAll(fd: number, data: Buffer): Promise<void> {
  for (let at = 0; at < data.length;) {
    at += await eventually(async () => {
      const { bytesWritten } = await promisify(write)(fd, data, at, Math.min(4096, data.length - at), null);
      return bytesWritten;
    });
  }
}
