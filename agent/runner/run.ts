/** One command: its process group, its pipes, its limits, its spool, and how it ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { OutputStream } from '#shared/output-frame.ts';
import { errorText, isErrno } from '../files.ts';
import { markOf, type ProcessMark } from '../process-mark.ts';
import type { Command, RunState } from '../runner-protocol.ts';
import type { ExitRecord } from '../spool.ts';
import { feedInput, openInput } from './input.ts';
import type { PipePool } from './pipes.ts';
import { createSpoolWriter } from './spool-writer.ts';

export interface Run {
  state(): RunState;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM to the process group, SIGKILL after `graceMs`. */
  stop(reason: StopReason, graceMs: number, message?: string): void;
  /** It may run so many seconds from now on, but no longer than it was ordered for in all. */
  limit(seconds: number): void;
  /** Resolves once the exit record is on disk. */
  ended: Promise<void>;
}

export type StopReason = 'stopped' | 'run_time' | 'output_limit';

export interface RunDeps {
  spoolPath: string;
  pipes: PipePool;
  log: Logger;
  /** The state changed. */
  onChange(): void;
}

/** Between SIGTERM and SIGKILL of a command that went over a limit. */
const limitGraceMs = 5_000;
/** What children left behind get for their last words once the command itself has ended. */
const drainMs = 500;
const maxTimerMs = 2 ** 31 - 1;

/** Throws EEXIST when the session was started before. Failures to start are an end of the run, not an exception. */
export function startRun(sessionId: string, command: Command, deps: RunDeps): Run {
  const { log } = deps;
  const startedAt = performance.now();
  let child: ChildProcess | undefined;
  let mark: ProcessMark | null = null;
  let outputs: Socket[] = [];
  let seenBytes = 0;
  let stopped: { reason: StopReason; message: string } | undefined;
  let hasExited = false;
  let ended = false;
  let killTimer: NodeJS.Timeout | undefined;
  let runTimer: NodeJS.Timeout | undefined;

  const spool = createSpoolWriter(deps.spoolPath, {
    onWritten: deps.onChange,
    onRoom: () => outputs.forEach((output) => output.resume()),
    onFailure(error) {
      log.error({ err: error }, 'output cannot be stored; the command is stopped');
      stop('stopped', 0, `the agent could not store the output: ${error.message}`);
    },
  });

  async function main(): Promise<void> {
    const end = await execute().catch((error: unknown) => startFailure(command, error));
    clearTimeout(killTimer);
    clearTimeout(runTimer);
    const message = stopped?.message || end.message;
    await spool.finish({
      ...end,
      reason: stopped?.reason ?? end.reason,
      message,
      durationMs: performance.now() - startedAt,
    });
  }

  async function execute(): Promise<Omit<ExitRecord, 'durationMs'>> {
    const [stdout, stderr] = await Promise.all([deps.pipes.take(), deps.pipes.take()]);
    const input = Buffer.from(command.stdin, 'base64');
    const stdin = openInput(input);
    const childEnds = stdin === null ? [stdout.write, stderr.write] : [stdout.write, stderr.write, stdin];
    try {
      // stopped before it began: it does not begin
      if (stopped !== undefined) throw new Error('stopped before it started');
      child = spawn(command.argv[0] ?? '', command.argv.slice(1), {
        cwd: command.cwd,
        env: command.env,
        detached: true, // its own session and process group, so that all of it can be stopped
        stdio: [stdin ?? 'pipe', stdout.write, stderr.write],
      });
    } catch (error) {
      childEnds.push(stdout.read, stderr.read);
      throw error;
    } finally {
      childEnds.forEach((end) => closeSync(end));
    }
    if (child.stdin !== null) feedInput(child.stdin, input);
    const exit = waitForExit(child);
    outputs = [collect('stdout', stdout.read), collect('stderr', stderr.read)];
    const closed = Promise.all(outputs.map(waitForClose));
    if (child.pid !== undefined) {
      mark = markOf(child.pid) ?? { pid: child.pid, started: '' };
      log.info({ pid: child.pid }, 'command started');
      deps.onChange();
      limitRunTime();
    }
    try {
      const { exitCode, signal } = await exit;
      hasExited = true;
      await drain(closed);
      return { reason: 'exit', exitCode, signal, message: '' };
    } finally {
      outputs.forEach((output) => output.destroy());
    }
  }

  /** What the command wrote is read to the end; children that stay behind with its pipes are not waited for. */
  async function drain(closed: Promise<unknown>): Promise<void> {
    if (!(await within(closed, drainMs)) || stopped !== undefined) {
      killGroup('SIGKILL');
      await within(closed, drainMs);
    }
  }

  function collect(stream: OutputStream, fd: number): Socket {
    const output = new Socket({ fd, readable: true, writable: false });
    output.on('error', (error) => log.warn({ err: error }, 'reading output failed'));
    output.on('data', (data: Buffer) => {
      const room = command.maxOutputBytes - seenBytes;
      const kept = data.length > room ? data.subarray(0, room) : data;
      seenBytes += kept.length;
      if (kept.length > 0 && !spool.append(stream, kept)) outputs.forEach((each) => each.pause());
      if (data.length > room) stop('output_limit', limitGraceMs, `more than ${command.maxOutputBytes} bytes of output`);
    });
    return output;
  }

  function limitRunTime(): void {
    if (command.maxRuntimeSeconds > 0) stopAfter(command.maxRuntimeSeconds);
  }

  function stopAfter(seconds: number): void {
    const ranSeconds = Math.round((performance.now() - startedAt) / 1000);
    const onTime = () => stop('run_time', limitGraceMs, `ran longer than ${ranSeconds + seconds} s`);
    clearTimeout(runTimer);
    runTimer = setTimeout(onTime, Math.min(seconds * 1000, maxTimerMs));
  }

  function stop(reason: StopReason, graceMs: number, message = ''): void {
    if (hasExited || ended) return;
    stopped ??= { reason, message };
    killGroup('SIGTERM');
    clearTimeout(killTimer);
    killTimer = setTimeout(() => killGroup('SIGKILL'), graceMs);
  }

  /** No process has the group's number while the group exists, so a late signal reaches nobody else. */
  function killGroup(signal: NodeJS.Signals): void {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) log.warn({ err: error, signal }, 'the command could not be signalled');
    }
  }

  const finished = main().then(() => {
    ended = true;
    log.info(spool.written(), 'command ended');
    deps.onChange();
  });

  return {
    state: () => ({ sessionId, process: mark, ...spool.written(), ended }),
    signal: (signal) => killGroup(signal),
    stop,
    limit(seconds) {
      if (hasExited || stopped !== undefined || runTimer === undefined) return;
      const own = (command.ownRuntimeSeconds ?? 0) || Infinity;
      const ran = Math.floor((performance.now() - startedAt) / 1000);
      stopAfter(Math.max(0, Math.min(seconds, own - ran)));
    },
    ended: finished,
  };
}

function waitForExit(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function waitForClose(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Whether `promise` settles in time. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}

/** As a shell has it: 127 not found, 126 found and not executable. */
function startFailure(command: Command, error: unknown): Omit<ExitRecord, 'durationMs'> {
  const name = JSON.stringify(command.argv[0]);
  if (isErrno(error, 'ENOENT')) {
    return {
      reason: 'not_found',
      exitCode: 127,
      signal: null,
      message: `${name} was not found on the agent's machine`,
    };
  }
  const exitCode = isErrno(error, 'EACCES') ? 126 : null;
  return {
    reason: 'start_failed',
    exitCode,
    signal: null,
    message: `${name} could not be started: ${errorText(error)}`.slice(0, 2000),
  };
}
