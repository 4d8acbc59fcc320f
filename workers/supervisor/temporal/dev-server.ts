import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { HoopError } from '#shared/errors.ts';
import { endProcess, identify, type ProcessIdentity } from '../process-identity.ts';

export interface TemporalOptions {
  program: string;
  port: number;
  /** Port of the web UI; without one there is no UI. */
  uiPort?: number;
  /** SQLite file that keeps the workflows; without one they live in memory. */
  databaseFile?: string;
  log: number;
  env: NodeJS.ProcessEnv;
  onSpawn?: (process: ProcessIdentity) => void;
}

export interface TemporalServer {
  address: string;
  uiUrl?: string;
  child: ChildProcess;
  stop(): Promise<void>;
}

/**
 * The development server has one shard, and its default of 20 polls a second per shard costs 35 ms a step. Timers that
 * are shorter than the time shift, retries too, last up to as long as it: by default a second, which only hosts whose
 * clocks differ need. https://docs.temporal.io/references/dynamic-configuration
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxTimeShift="20ms"',
  'history.visibilityProcessorMaxPollRPS=500',
  'frontend.namespaceRPS.visibility=100',
];
/** Twice the throughput; a killed server loses nothing it acknowledged (a lost machine may lose the last moment). */
const sqlitePragmas = ['journal_mode=WAL', 'synchronous=1'];
const startLimitMs = 60_000;
/** A server that takes a call may never answer it. */
const answerWithinMs = 10_000;

/** Starts Temporal's development server on 127.0.0.1 and waits until it answers. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const child = spawn(options.program, serverArguments(options), {
    env: options.env,
    stdio: ['ignore', options.log, options.log],
    // A group of its own: Ctrl-C in the terminal is for the supervisor, which stops Temporal after the worker.
    detached: true,
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity) options.onSpawn?.(identity);
  const stop = async () => {
    if (identity) await endProcess(identity, 'SIGTERM', 5_000);
  };
  const address = `127.0.0.1:${options.port}`;
  try {
    await waitUntilReady(child, address, options.port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, child, stop, ...(options.uiPort ? { uiUrl: `http://127.0.0.1:${options.uiPort}` } : {}) };
}

function serverArguments({ port, uiPort, databaseFile }: TemporalOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
    ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
    ...(databaseFile ? ['--db-filename', databaseFile] : []),
    ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
    ...sqlitePragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
  ];
}

async function waitUntilReady(child: ChildProcess, address: string, port: number): Promise<void> {
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `ended with ${signal ?? code}`));
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    if (ended !== undefined) throw new HoopError('start_failed', `Temporal did not start: ${ended}.`);
    // A look at the port is cheap; the gRPC client backs off for a second after a refused connection.
    const problem = (await isOpen(port)) ? await askForNamespace(address) : `nothing listens on ${address}`;
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new HoopError('start_failed', `Temporal is not ready after 60 s: ${problem}.`);
    await wait(25);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** What is wrong with the server at `address`, if anything: its port opens before the namespace `default` can be used. */
export async function askForNamespace(address: string): Promise<string | undefined> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2_000 });
    try {
      await connection.withDeadline(Date.now() + answerWithinMs, () =>
        connection.workflowService.describeNamespace({ namespace: 'default' }),
      );
    } finally {
      await connection.close();
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
