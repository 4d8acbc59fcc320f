/** A command in a terminal of its own: one stream of output, what is typed as its input. */
import { spawn } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { signalForeground, signalSession } from '../process-session.ts';
import type { Command } from '../runner-protocol.ts';
import { spawnedAsUser } from './as-user.ts';
import type { CommandProcess, OutputEvents } from './command-process.ts';
import { findProgram } from './find-program.ts';
import { waitForExit } from './piped-process.ts';
import type { Pty, Ptys } from './pty.ts';

export interface TerminalDeps extends OutputEvents {
  ptys: Ptys;
  mayStart(): boolean;
}

/**
 * Opening the terminal by its name is what makes it that of the session, and no program but a shell is everywhere.
 * `iutf8`: the key that erases takes away a character, not a byte.
 */
const takeTerminal = 'exec <>"$0" >&0 2>&0 && { stty iutf8 2>/dev/null; exec "$@"; }';

/** `pty` is closed when the command does not start. Rejects with `StartFailure` when it is not there. */
export async function startInTerminal(command: Command, pty: Pty, deps: TerminalDeps): Promise<CommandProcess> {
  try {
    findProgram(command); // the shell in between would say it to the terminal only
    if (!deps.mayStart()) throw new Error('stopped before it started');
    if (command.user) chownSync(pty.path, command.user.uid, statSync(pty.path).gid);
    const { argv, identity } = spawnedAsUser(command, ['/bin/sh', '-c', takeTerminal, pty.path, ...command.argv]);
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      ...identity,
      cwd: command.cwd,
      detached: true, // its own session, which has no terminal yet
      stdio: deps.ptys.keepFrom([pty.slave, pty.slave, pty.slave]),
    });
    const exit = waitForExit(child);
    const { pid } = child;
    if (pid === undefined) {
      await exit; // rejects
      throw new Error('it has no process');
    }
    pty.started();
    return followed(pid, exit, pty, deps);
  } catch (error) {
    pty.close();
    throw error;
  }
}

function followed(
  pid: number,
  exit: CommandProcess['exit'],
  pty: Pty,
  { onOutput, onReadError }: OutputEvents,
): CommandProcess {
  const { output } = pty;
  const closed = new Promise<void>((resolve) => output.once('close', () => resolve()));
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EIO') onReadError(error); // EIO: the last process has let go of it
  });
  output.on('data', (data: Buffer) => onOutput('stdout', data));
  output.once('end', () => {
    const rest = pty.rest();
    if (rest.length > 0) onOutput('stdout', rest);
  });
  return {
    pid,
    exit,
    closed,
    pause: () => output.pause(),
    resume: () => output.resume(),
    signal: (signal) => signalForeground(pid, signal),
    // a shell in a terminal listens to SIGHUP, and a job that was stopped hears of nothing before SIGCONT
    end: () => void signalSession(pid, 'SIGHUP', 'SIGTERM', 'SIGCONT'),
    kill: () => void signalSession(pid, 'SIGKILL'),
    release: () => pty.close(),
  };
}
