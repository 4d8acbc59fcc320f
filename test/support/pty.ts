/** A process on a terminal of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { onTestFinished } from 'vitest';
import { createPtys } from '#agent/runner/pty.ts';
import { eventually } from './eventually.ts';

export interface Terminal {
  /** All that stood on the screen so far, escape sequences included. */
  screen(): string;
  /** What the terminal does not take at once, it gets later, in order. */
  type(text: string): void;
  /** As `type`, until all of it was taken. */
  paste(text: string): Promise<void>;
  /** To the process itself, past the terminal. */
  signal(signal: NodeJS.Signals): void;
  resize(columns: number, rows: number): void;
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit status, once all that was written stands on the screen. */
  ended: Promise<number>;
}

/** Opening the terminal by its name is what makes it that of the session. */
const takeTerminal = 'exec <>"$0" >&0 2>&0 && exec "$@"';

/**
 * Gone after the test. On the terminals of the runner: those of node-pty itself drop what was not read within 200 ms of
 * the end of the process, and whatever is beyond one read when the other side hangs up.
 */
export async function openTerminal(file: string, args: string[], env: Record<string, string>): Promise<Terminal> {
  const ptys = createPtys();
  const pty = await ptys.open({ columns: 100, rows: 40 });
  const child = spawn('/bin/sh', ['-c', takeTerminal, pty.path, file, ...args], {
    env: { TERM: 'xterm', ...env },
    detached: true, // its own session, which has no terminal yet
    stdio: ptys.keepFrom([pty.slave, pty.slave, pty.slave]),
  });
  pty.started();
  onTestFinished(() => {
    child.kill('SIGKILL');
    pty.close();
  });
  const decoder = new StringDecoder('utf8');
  let screen = '';
  let state = 'it runs';
  pty.output.on('data', (data: Buffer) => (screen += decoder.write(data)));
  pty.output.once('end', () => (screen += decoder.write(pty.rest())));
  pty.output.on('error', () => undefined); // EIO: nobody has the other side any more
  const closed = once(pty.output, 'close').catch(() => undefined);
  const ended = once(child, 'exit').then(async ([exitCode]) => {
    state = `it ended with ${exitCode}`;
    await closed;
    return exitCode as number;
  });
  ended.catch(() => undefined); // Reported to whoever awaits it.

  let unwritten = Buffer.alloc(0);
  /** As much as the terminal takes now, and the rest as soon as it does. */
  const write = (): void => {
    unwritten = unwritten.subarray(pty.write(unwritten.subarray(0, 4096)));
    if (unwritten.length > 0 && pty.master() !== undefined) setTimeout(write, 1);
  };
  const type = (text: string): void => {
    const isWaiting = unwritten.length > 0;
    unwritten = Buffer.concat([unwritten, Buffer.from(text)]);
    if (!isWaiting) write();
  };
  return {
    screen: () => screen,
    type,
    async paste(text) {
      type(text);
      await eventually(() => unwritten.length === 0, {
        everyMs: 5,
        describe: () => `${unwritten.length} more to be taken`,
      });
    },
    signal: (signal) => child.kill(signal),
    resize: (columns, rows) => pty.resize({ columns, rows }),
    shows: (pattern) =>
      eventually(() => pattern.exec(screen), { describe: () => `${pattern} (${state}) on:\n${screen}\n` }),
    ended,
  };
}
