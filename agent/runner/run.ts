/** One command: its process, its limits, its spool, and how it ended. */
import type { Logger } from 'pino';
import type { OutputStream } from '#shared/output-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { errorText, isDiskFull, isErrno } from '../files.ts';
import { markOf, type ProcessMark } from '../process-mark.ts';
import type { Command, RunState } from '../runner-protocol.ts';
import type { ExitRecord } from '../spool.ts';
import { StartFailure, type CommandProcess } from './command-process.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { startPiped } from './piped-process.ts';
import type { PipePool } from './pipes.ts';
import type { Ptys } from './pty.ts';
import { createSpoolWriter } from './spool-writer.ts';
import { createTerminalInput } from './terminal-input.ts';
import { startInTerminal } from './terminal-process.ts';
import { createTimeLimits } from './time-limits.ts';

export interface Run {
  state(): RunState;
  signal(signal: NodeJS.Signals): void;
  /** Asks all of it to end, SIGKILL after `graceMs`. */
  stop(reason: StopReason, graceMs: number, message?: string): void;
  /** It may run so many seconds from now on, but no longer than it was ordered for in all. */
  limit(seconds: number): void;
  /** Of a terminal; others have no such input. */
  attach(client: string, size: TerminalSize): void;
  resize(size: TerminalSize): void;
  input(client: string, offset: number, data: Buffer): void;
  /** Resolves once the exit record is on disk. */
  ended: Promise<void>;
}

export type StopReason = 'stopped' | 'run_time' | 'output_limit' | 'idle';

export interface RunDeps {
  spoolPath: string;
  pipes: PipePool;
  reserve?: DiskReserve;
  ptys: Ptys;
  log: Logger;
  /** The state changed. */
  onChange(): void;
  /** The terminal has taken what the client sent below `offset`. */
  onInputAck(client: string, offset: number): void;
}

/** Between the request to end and SIGKILL of a command that went over a limit. */
const limitGraceMs = 5_000;
/** What children left behind get for their last words once the command itself has ended. */
const drainMs = 500;
/** So often while there is more to read, and the disk takes it. */
const drainTimes = 4;
/** More than the pipes of one command can hold: what is read beyond was written later. */
const mostInPipes = 2 * 1024 * 1024;

/** Throws EEXIST when the session was started before. Failures to start are an end of the run, not an exception. */
export function startRun(sessionId: string, command: Command, deps: RunDeps): Run {
  const { log } = deps;
  const startedAt = performance.now();
  let child: CommandProcess | undefined;
  let mark: ProcessMark | null = null;
  let seenBytes = 0;
  let stopped: { reason: StopReason; message: string } | undefined;
  /** Until the disk has taken what was read. */
  let isHeldUp = false;
  let hasExited = false;
  let ended = false;
  let killTimer: NodeJS.Timeout | undefined;

  const spool = createSpoolWriter(
    deps.spoolPath,
    {
      onWritten: deps.onChange,
      onRoom() {
        isHeldUp = false;
        child?.resume();
      },
      onFailure(error) {
        log.error({ err: error }, 'output cannot be stored; the command is stopped');
        stop('stopped', 0, unstoredText(error));
      },
    },
    startedAt,
    deps.reserve,
  );
  const limits = createTimeLimits({
    startedAt,
    maxRuntimeSeconds: command.maxRuntimeSeconds,
    ownRuntimeSeconds: command.ownRuntimeSeconds ?? 0,
    idleSeconds: command.idleSeconds ?? 0,
    onOver: (reason, message) => stop(reason, limitGraceMs, message),
  });
  const terminal =
    command.terminal &&
    createTerminalInput(command.terminal, {
      ptys: deps.ptys,
      record: (stream, data) => void spool.append(stream, data),
      onAck: deps.onInputAck,
      onActivity: limits.active,
    });

  async function main(): Promise<void> {
    const end = await execute().catch((error: unknown) => startFailure(command, error));
    clearTimeout(killTimer);
    limits.clear();
    const message = stopped?.message || end.message;
    await spool.finish({
      ...end,
      reason: stopped?.reason ?? end.reason,
      message,
      durationMs: performance.now() - startedAt,
    });
  }

  async function execute(): Promise<Omit<ExitRecord, 'durationMs'>> {
    child = await startProcess();
    mark = markOf(child.pid) ?? { pid: child.pid, started: '' };
    log.info({ pid: child.pid }, 'command started');
    deps.onChange();
    limits.begin();
    try {
      const { exitCode, signal } = await child.exit;
      hasExited = true;
      await drain(child);
      return { reason: 'exit', exitCode, signal, message: '' };
    } finally {
      child.release();
      terminal?.close();
    }
  }

  async function startProcess(): Promise<CommandProcess> {
    const events = {
      onOutput,
      onReadError: (error: Error) => log.warn({ err: error }, 'reading output failed'),
      mayStart: () => stopped === undefined, // stopped before it began: it does not begin
    };
    if (terminal === undefined) return startPiped(command, { ...deps, ...events });
    const pty = await deps.ptys.open(terminal.size());
    const started = await startInTerminal(command, pty, { ptys: deps.ptys, ...events });
    terminal.begin(pty);
    return started;
  }

  /**
   * What the command wrote is read to the end, however long the disk holds that up; children that stay behind with its
   * streams are not waited for, and what has left its process group with them may write for ever.
   */
  async function drain({ closed, kill }: CommandProcess): Promise<void> {
    if ((await closesUnlessHeld(closed)) && stopped === undefined) return;
    tryTo(kill);
    const enough = seenBytes + mostInPipes;
    let patience = drainTimes;
    for (let before = -1; seenBytes < enough && (isHeldUp || (seenBytes > before && patience > 0));) {
      if (!isHeldUp) patience -= 1;
      before = seenBytes;
      if (await within(closed, drainMs)) return;
    }
  }

  /** Whether it closes within the time for last words; time in which the disk holds reading up does not count. */
  async function closesUnlessHeld(closed: Promise<unknown>): Promise<boolean> {
    for (;;) {
      const wasHeldUp = isHeldUp;
      if (await within(closed, drainMs)) return true;
      if (!wasHeldUp && !isHeldUp) return false;
    }
  }

  function onOutput(stream: OutputStream, data: Buffer): void {
    limits.active();
    const room = command.maxOutputBytes - seenBytes;
    const kept = data.length > room ? data.subarray(0, room) : data;
    seenBytes += kept.length;
    if (kept.length > 0 && !spool.append(stream, kept)) {
      isHeldUp = true;
      child?.pause();
    }
    terminal?.outputSeen();
    if (data.length > room) stop('output_limit', limitGraceMs, `more than ${command.maxOutputBytes} bytes of output`);
  }

  function stop(reason: StopReason, graceMs: number, message = ''): void {
    if (hasExited || ended) return;
    stopped ??= { reason, message };
    terminal?.ending();
    tryTo(() => child?.end());
    clearTimeout(killTimer);
    killTimer = setTimeout(() => tryTo(() => child?.kill()), graceMs);
  }

  function tryTo(signal: () => void): void {
    try {
      signal();
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) log.warn({ err: error }, 'the command could not be signalled');
    }
  }

  const finished = main().then(() => {
    ended = true;
    log.info(spool.written(), 'command ended');
    deps.onChange();
  });

  return {
    state: () => ({ sessionId, process: mark, ...spool.written(), ended }),
    signal: (signal) => tryTo(() => child?.signal(signal)),
    stop,
    limit(seconds) {
      if (!hasExited && stopped === undefined) limits.limit(seconds);
    },
    attach: (client, size) => terminal?.attach(client, size),
    resize: (size) => terminal?.resize(size),
    input: (client, offset, data) => terminal?.input(client, offset, data),
    ended: finished,
  };
}

/** Whether `promise` settles in time. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  // what could be read already is read first: on a busy machine timers are late, and come before it
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => setImmediate(() => resolve(false)), ms)));
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}

/** As a shell has it: 127 not found, 126 found and not executable. */
function startFailure(command: Command, error: unknown): Omit<ExitRecord, 'durationMs'> {
  const name = JSON.stringify(command.argv[0]);
  const exitCode = error instanceof StartFailure ? error.exitCode : statusOf(error);
  if (exitCode === 127) {
    return {
      reason: 'not_found',
      exitCode,
      signal: null,
      message: `${name} was not found on the agent's machine`,
    };
  }
  return {
    reason: 'start_failed',
    exitCode,
    signal: null,
    message: `${name} could not be started: ${errorText(error)}`.slice(0, 2000),
  };
}

function statusOf(error: unknown): 126 | 127 | null {
  if (isErrno(error, 'ENOENT')) return 127;
  return isErrno(error, 'EACCES') ? 126 : null;
}

function unstoredText(error: Error): string {
  return isDiskFull(error)
    ? "the disk of the agent is full: the command was stopped, and what it wrote after this is lost; make room in the agent's HOOP_HOME"
    : `the agent could not store the output: ${error.message}`;
}
