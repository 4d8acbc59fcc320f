import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HoopError } from '#shared/errors.ts';
import type { Running } from './keeper.ts';
import { endProcess, identify, type ProcessIdentity } from './process-identity.ts';

export interface NodeChildOptions {
  /** The process entry: dist/<name>.js. */
  name: string;
  env: NodeJS.ProcessEnv;
  /** Descriptor of the log file. */
  log: number;
  /** Time it gets to end by itself. */
  graceMs: number;
  /** Sent over the channel before SIGTERM. */
  farewell?: Record<string, unknown>;
  onSpawn: (identity: ProcessIdentity) => void;
}

/** What a process says once it is ready, beyond `{type: 'ready'}`. */
export type ReadyDetails = Record<string, unknown>;

const readyLimitMs = 60_000;

/** Starts one of our own processes and waits for its `{type: 'ready'}`. It ends by itself when the channel closes. */
export async function startNodeChild(options: NodeChildOptions): Promise<Running<ReadyDetails>> {
  const child = fork(fileURLToPath(new URL(`./${options.name}.js`, import.meta.url)), [], {
    env: options.env,
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', options.log, options.log, 'ipc'],
    // A group of its own: Ctrl-C in the terminal is for the supervisor, which stops the parts in order.
    detached: true,
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity) options.onSpawn(identity);
  const stop = async () => {
    if (!identity) return;
    if (options.farewell && child.connected) {
      await send(child, options.farewell);
      // A signal may overtake a message: without the pause SIGTERM could be handled first.
      await Promise.race([once(child, 'exit'), wait(200)]);
    }
    await endProcess(identity, 'SIGTERM', options.graceMs);
  };
  try {
    return { child, details: await waitUntilReady(child, options.name), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `{type: 'failed', message}` may come before the end: the reason in words. */
type Message = { type: 'ready'; [detail: string]: unknown } | { type: 'failed'; message: string };

function waitUntilReady(child: ChildProcess, name: string): Promise<ReadyDetails> {
  return new Promise((resolve, reject) => {
    let reason: string | undefined;
    const fail = (why: string) => reject(new HoopError('start_failed', why));
    const timer = setTimeout(() => fail(`the ${name} is not ready after ${readyLimitMs / 1000} s`), readyLimitMs);
    child.on('message', (message: Message) => {
      if (message.type === 'failed') reason = message.message;
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      resolve(message);
    });
    child.once('error', (error) => fail(`the ${name} could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`the ${name} ended with ${signal ?? `exit status ${code}`}${reason ? `: ${reason}` : ''}`);
    });
  });
}

/** Resolves once the message is on its way, or cannot be any more. */
function send(child: ChildProcess, message: Record<string, unknown>): Promise<void> {
  return new Promise((resolve) => child.send(message, () => resolve()));
}
