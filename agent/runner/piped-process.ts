/** A command on pipes: stdout and stderr apart, standard input from its order. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import type { OutputStream } from '#shared/output-frame.ts';
import { signalSession } from '../process-session.ts';
import type { Command } from '../runner-protocol.ts';
import { giveTo, spawnedAsUser } from './as-user.ts';
import type { CommandProcess, OutputEvents } from './command-process.ts';
import { feedInput, openInput } from './input.ts';
import type { PipePool } from './pipes.ts';
import type { Ptys } from './pty.ts';

export interface PipedDeps extends OutputEvents {
  pipes: PipePool;
  ptys: Ptys;
  /** Asked at the last moment before the process would be there. */
  mayStart(): boolean;
}

/** Rejects with the reason (ENOENT, EACCES...) when it does not start. */
export async function startPiped(command: Command, deps: PipedDeps): Promise<CommandProcess> {
  const [stdout, stderr] = await Promise.all([deps.pipes.take(), deps.pipes.take()]);
  const input = Buffer.from(command.stdin, 'base64');
  const stdin = openInput(input);
  const childEnds = stdin === null ? [stdout.write, stderr.write] : [stdout.write, stderr.write, stdin];
  let child: ChildProcess;
  try {
    if (!deps.mayStart()) throw new Error('stopped before it started');
    giveTo(command, childEnds);
    const { argv, identity } = spawnedAsUser(command);
    child = spawn(argv[0] ?? '', argv.slice(1), {
      ...identity,
      cwd: command.cwd,
      detached: true, // its own session and process group, so that all of it can be stopped
      stdio: deps.ptys.keepFrom([stdin ?? 'pipe', stdout.write, stderr.write]),
    });
  } catch (error) {
    childEnds.push(stdout.read, stderr.read);
    throw error;
  } finally {
    childEnds.forEach((end) => closeSync(end));
  }
  if (child.stdin !== null) feedInput(child.stdin, input);
  const exit = waitForExit(child);
  const outputs = [collect('stdout', stdout.read, deps), collect('stderr', stderr.read, deps)];
  const release = () => outputs.forEach((output) => output.destroy());
  const closed = Promise.all(outputs.map(waitForClose));
  const { pid } = child;
  if (pid === undefined) {
    release();
    await exit; // rejects: it did not start
    throw new Error('it has no process');
  }
  return {
    pid,
    exit,
    closed,
    pause: () => outputs.forEach((output) => output.pause()),
    resume: () => outputs.forEach((output) => output.resume()),
    // no process has the group's number while the group exists, so a late signal reaches nobody else
    signal: (signal) => void process.kill(-pid, signal),
    // jobs of a shell that was told `set -m` have groups of their own
    end() {
      signalSession(pid, 'SIGTERM');
      signalSession(pid, 'SIGCONT'); // a stopped one would not hear of it
    },
    kill: () => void signalSession(pid, 'SIGKILL'),
    release,
  };
}

/** Each read is dealt with before the next one, of whatever command: none needs memory of its own. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

function collect(stream: OutputStream, fd: number, { onOutput, onReadError }: OutputEvents): Socket {
  const callback = (length: number) => {
    onOutput(stream, readBuffer.subarray(0, length));
    return true;
  };
  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    ...{ fd, readable: true, writable: false },
    onread: { buffer: readBuffer, callback },
  };
  const output = new Socket(options);
  output.on('error', onReadError);
  output.resume(); // to its end, which `onread` is not told of
  return output;
}

export function waitForExit(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function waitForClose(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
