import { spawn, type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { join } from 'node:path';
import { askServices } from './ask-services.ts';
import { eventually } from './eventually.ts';

export interface RunningProcess {
  child: ChildProcessWithoutNullStreams;
  pid: number;
  /** All bytes so far. */
  stdout(): Buffer;
  stderr(): string;
  /** Waits until `pattern` stands on stdout or stderr, and gives the match. */
  waitForOutput(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** Waits for the end; both streams are complete then. */
  ended: Promise<ProcessEnd>;
  /** SIGKILL, to the process alone. */
  kill(): Promise<ProcessEnd>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** Starts a real process. What is still running at the end of the test run fails the run. */
export function startProcess(command: string, args: string[], options: SpawnOptionsWithoutStdio = {}): RunningProcess {
  // Named again, since a test may give an environment of its own.
  const env = { ...(options.env ?? process.env), HOOP_TEST_RUN: process.env.HOOP_TEST_RUN };
  const child = spawn(command, args, { ...options, env });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A process that ended does not read its input any more; the end itself tells more than EPIPE.
  child.stdin.on('error', () => undefined);
  const stdout = () => Buffer.concat(out);
  const stderr = () => Buffer.concat(err).toString('utf8');
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout: stdout(), stderr: stderr() }));
  });
  ended.catch(() => undefined); // Reported to whoever awaits it.

  const waitForOutput = (pattern: RegExp, deadlineMs?: number) =>
    eventually(() => pattern.exec(`${stdout().toString('utf8')}\n${stderr()}`), {
      ...(deadlineMs !== undefined && { deadlineMs }),
      describe: () => `${pattern} in the output of ${command} ${args.join(' ')}:\n${stdout()}\n${stderr()}\n`,
    });
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  const stop = async (graceMs = 60_000) => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    return ended.finally(() => clearTimeout(timer));
  };
  return { child, pid: child.pid ?? -1, stdout, stderr, waitForOutput, ended, kill, stop };
}

/** Runs a process to its end, with `input` on its standard input. */
export function runProcess(
  command: string,
  args: string[],
  { input = '', ...options }: SpawnOptionsWithoutStdio & { input?: string | Buffer } = {},
): Promise<ProcessEnd> {
  const running = startProcess(command, args, options);
  running.child.stdin.end(input);
  return running.ended;
}

/** The path of a program as it ships (`hoop.js`, `gateway.js`...), built when it is not, or no longer, up to date. */
export async function distFile(name: string): Promise<string> {
  const { root } = await askServices<{ root: string }>('/build');
  return join(root, 'dist', name);
}
