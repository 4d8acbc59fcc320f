/** The runner as a process: makes itself known in the agent's home, and goes when it is no longer needed. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { writeFileDurably } from '../files.ts';
import type { AgentHome } from '../home.ts';
import { markOf } from '../process-mark.ts';
import { runnerProtocolVersion, type RunnerFile } from '../runner-protocol.ts';
import { createRunnerServer } from './server.ts';
import { leaveSocketDirectory, socketDirectory } from './socket-path.ts';

export interface RunnerProcess {
  file: RunnerFile;
  /** Stops all commands and ends the process. */
  terminate(): void;
}

const idleMs = 60_000;
const stopGraceMs = 3_000;

/** Listens, then writes the file by which agents find this runner. */
export async function startRunnerProcess(home: AgentHome, log: Logger, exit: () => void): Promise<RunnerProcess> {
  const mark = markOf(process.pid);
  if (mark === null) throw new Error('this process cannot find itself');
  const id = randomUUID();
  const directory = socketDirectory(home);
  const file: RunnerFile = {
    id,
    process: mark,
    protocol: runnerProtocolVersion,
    socket: join(directory, `${id.slice(0, 8)}.sock`),
  };
  const path = join(home.runners, `${id}.json`);
  const leave = () => {
    rmSync(path, { force: true });
    leaveSocketDirectory(home, directory);
    exit();
  };
  const server = createRunnerServer({
    ref: { id, process: mark },
    home,
    socketPath: file.socket,
    pipeDirectory: directory,
    log,
    idleMs,
    onIdle: () => {
      log.info('no command and no agent: the runner ends');
      void server.shutdown(0).then(leave);
    },
    onShutdown: leave,
  });
  await server.listen();
  writeFileDurably(path, `${JSON.stringify(file)}\n`);
  log.info({ runner: id }, 'runner ready');
  return { file, terminate: () => void server.shutdown(stopGraceMs).then(leave) };
}
