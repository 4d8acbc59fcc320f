/** A process with the moments of its life: spawned, first bytes on either stream, ended. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { now } from './clock.ts';

export interface ProcessMarks {
  spawned: number;
  firstStdout: number;
  firstStderr: number;
  ended: number;
}

export interface TimedProcess {
  marks: ProcessMarks;
  stderr(): string;
  /** Resolves at the first byte on standard error. */
  spoke: Promise<void>;
  /** Resolves at the end; rejects when the exit status is not 0 or nothing of `expect` came on stdout. */
  ended: Promise<ProcessMarks>;
  kill(): void;
}

export interface TimedProcessOptions {
  env?: NodeJS.ProcessEnv;
  /** What standard output has to be. */
  expect?: string;
  /** A file that is its standard input; without one it has none. */
  stdin?: string;
}

export function startTimed(command: string, args: string[], options: TimedProcessOptions = {}): TimedProcess {
  const stdin = options.stdin === undefined ? 'ignore' : openSync(options.stdin, 'r');
  const marks: ProcessMarks = { spawned: now(), firstStdout: Number.NaN, firstStderr: Number.NaN, ended: Number.NaN };
  const child = spawn(command, args, { env: options.env ?? process.env, stdio: [stdin, 'pipe', 'pipe'] });
  if (typeof stdin === 'number') closeSync(stdin);
  let out = '';
  let err = '';
  child.stdout?.on('data', (data: Buffer) => {
    if (out === '') marks.firstStdout = now();
    out += data.toString();
  });
  let speak: () => void = () => undefined;
  const spoke = new Promise<void>((resolve) => (speak = resolve));
  child.stderr?.on('data', (data: Buffer) => {
    if (err === '') marks.firstStderr = now();
    err += data.toString();
    speak();
  });
  const ended = new Promise<ProcessMarks>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => (marks.ended = now()));
    child.once('close', (code, signal) => {
      speak();
      const right = code === 0 && (options.expect === undefined || out === options.expect);
      if (right) resolve(marks);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${out}${err}`));
    });
  });
  ended.catch(() => undefined); // Reported to whoever awaits it.
  return { marks, stderr: () => err, spoke, ended, kill: () => void child.kill('SIGKILL') };
}

/** From the spawn to the exit, in milliseconds. */
export async function timeOf(command: string, args: string[], options?: TimedProcessOptions): Promise<number> {
  const { spawned, ended } = await startTimed(command, args, options).ended;
  return ended - spawned;
}
