/** The runner: takes commands from one agent at a time over its socket and outlives it. */
import { existsSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { spoolPath, type AgentHome } from '../home.ts';
import { isErrno } from '../files.ts';
import { readJsonLines, writeJsonLine } from '../json-lines.ts';
import {
  runnerProtocolVersion,
  toRunner,
  type Command,
  type FromRunner,
  type RunnerRef,
  type ToRunner,
} from '../runner-protocol.ts';
import { createInputAcks } from './input-acks.ts';
import { createPipePool } from './pipes.ts';
import { createPtys } from './pty.ts';
import { createDiskReserve } from './disk-reserve.ts';
import { startRun, type Run } from './run.ts';
import { stoppedBeforeStart, withoutSpool } from './unstarted-run.ts';

export interface RunnerServer {
  listen(): Promise<void>;
  /** Stops every command (SIGTERM, SIGKILL after `graceMs`) and closes; gives how many there were. */
  shutdown(graceMs: number): Promise<number>;
}

export interface RunnerServerDeps {
  ref: RunnerRef;
  home: AgentHome;
  socketPath: string;
  /** Where pipes are made; on a file system that has them. */
  pipeDirectory: string;
  log: Logger;
  /** Nothing runs and no agent was there for this long: `onIdle`. */
  idleMs: number;
  onIdle(): void;
  /** The agent asked for the end, and everything has been stopped. */
  onShutdown(): void;
}

/** Changes are told again once the agent has taken this much; in between the latest state of each run waits. */
const maxUnsentBytes = 64 * 1024;

export function createRunnerServer(deps: RunnerServerDeps): RunnerServer {
  const { home, log } = deps;
  const runs = new Map<string, Run>();
  /** Every session ever asked for: none is started twice, forgotten ones neither. */
  const seen = new Set<string>();
  const changed = new Set<string>();
  const acks = createInputAcks();
  const pipes = createPipePool(deps.pipeDirectory);
  const reservePath = join(home.runners, `${deps.ref.id}.reserve`);
  const reserve = createDiskReserve(reservePath);
  const ptys = createPtys();
  let agent: Socket | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let isEnding = false;

  const server = createServer((socket) => {
    socket.on('error', (error) => log.warn({ err: error }, 'the agent connection failed'));
    socket.on('close', () => {
      if (agent === socket) agent = undefined;
      watchIdle();
    });
    socket.on('drain', tellChanges);
    readJsonLines(socket, (value) => handle(socket, toRunner.parse(value)));
  });

  function handle(socket: Socket, message: ToRunner): void {
    switch (message.type) {
      case 'hello':
        return welcome(socket);
      case 'start':
        return start(socket, message.sessionId, message.command);
      case 'signal':
        return runs.get(message.sessionId)?.signal(message.signal);
      case 'stop':
        return stop(message.sessionId, message.graceMs);
      case 'limit':
        return runs.get(message.sessionId)?.limit(message.seconds);
      case 'attach':
        return runs.get(message.sessionId)?.attach(message.client, message);
      case 'resize':
        return runs.get(message.sessionId)?.resize(message);
      case 'input':
        return runs.get(message.sessionId)?.input(message.client, message.offset, Buffer.from(message.data, 'base64'));
      case 'forget':
        runs.delete(message.sessionId);
        return;
      case 'shutdown':
        void shutdown(message.graceMs).then((commands) => {
          say(socket, { type: 'stopped', commands });
          socket.end(deps.onShutdown);
        });
    }
  }

  /** The newest agent is the agent: an old one that still holds the line is on its way out. */
  function welcome(socket: Socket): void {
    if (isEnding) return void socket.destroy(); // it finds or starts another
    agent?.destroy();
    agent = socket;
    watchIdle();
    changed.clear();
    acks.clear(); // whoever attaches again is told
    const states = [...runs.values()].map((run) => run.state());
    say(socket, { type: 'hello', protocol: runnerProtocolVersion, runner: deps.ref, runs: states });
  }

  function start(socket: Socket, sessionId: string, command: Command): void {
    if (isEnding) return; // the agent finds that this runner has gone without it
    if (runs.has(sessionId)) return tell(sessionId); // asked again: it is on its way, or over
    if (seen.has(sessionId)) return say(socket, { type: 'seen', sessionId });
    seen.add(sessionId);
    try {
      if (!reserve.refill()) throw new Error('the disk is full');
      const run = startRun(sessionId, command, {
        spoolPath: spoolPath(home, sessionId),
        pipes,
        reserve,
        ptys,
        log: log.child({ sessionId }),
        onChange: () => tell(sessionId),
        onInputAck(client, offset) {
          acks.note({ type: 'input_ack', sessionId, client, offset });
          tellChanges();
        },
      });
      runs.set(sessionId, run);
      void run.ended.then(watchIdle);
      watchIdle();
    } catch (error) {
      log.error({ err: error, sessionId }, 'the command was not started');
      if (isErrno(error, 'EEXIST')) say(socket, { type: 'seen', sessionId });
      else runs.set(sessionId, withoutSpool(sessionId));
      tell(sessionId);
    }
  }

  /** A stop that comes before its start leaves an end behind, so that the start is refused. */
  function stop(sessionId: string, graceMs: number): void {
    const run = runs.get(sessionId);
    if (run !== undefined) return run.stop('stopped', graceMs);
    if (seen.has(sessionId) || existsSync(spoolPath(home, sessionId))) return;
    seen.add(sessionId);
    runs.set(
      sessionId,
      stoppedBeforeStart(sessionId, spoolPath(home, sessionId), () => tell(sessionId)),
    );
  }

  function tell(sessionId: string): void {
    changed.add(sessionId);
    tellChanges();
  }

  function tellChanges(): void {
    const canTell = () => agent !== undefined && agent.writableLength <= maxUnsentBytes;
    for (const ack of acks.take(canTell)) if (agent !== undefined) say(agent, ack);
    for (const sessionId of changed) {
      if (agent === undefined || !canTell()) return;
      changed.delete(sessionId);
      const run = runs.get(sessionId);
      if (run !== undefined) say(agent, { type: 'run', run: run.state() });
    }
  }

  function isBusy(): boolean {
    return agent !== undefined || [...runs.values()].some((run) => !run.state().ended);
  }

  function watchIdle(): void {
    clearTimeout(idleTimer);
    if (!isBusy()) idleTimer = setTimeout(deps.onIdle, deps.idleMs);
  }

  async function shutdown(graceMs: number): Promise<number> {
    isEnding = true;
    const running = [...runs.values()].filter((run) => !run.state().ended);
    for (const run of running) run.stop('stopped', graceMs, 'the agent was shut down');
    await Promise.all(running.map((run) => run.ended));
    server.close();
    pipes.close();
    rmSync(deps.socketPath, { force: true });
    rmSync(reservePath, { force: true });
    return running.length;
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(deps.socketPath, () => {
          watchIdle();
          resolve();
        });
      }),
    shutdown,
  };
}

function say(socket: Socket, message: FromRunner): void {
  writeJsonLine(socket, message);
}
