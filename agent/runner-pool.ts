/**
 * The runners of this agent: usually one. After a crash or an upgrade older ones may still hold commands; each is
 * followed until its process is gone. New commands go to one that answers and is of this release; one of the release
 * before is sent away once none of its commands is left.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readFileIfThere } from './files.ts';
import type { AgentHome } from './home.ts';
import { isAlive } from './process-mark.ts';
import { connectRunner, type RunnerClient } from './runner-client.ts';
import {
  runnerFileSchema,
  runnerProtocolVersion,
  type RunnerFile,
  type RunnerRef,
  type RunState,
} from './runner-protocol.ts';

export interface RunnerPool {
  /** Finds the runners that are there, and those that `refs` names; starts one when none answers. */
  open(refs: RunnerRef[]): Promise<void>;
  /** A runner for a new command. Rejects when none can be started. */
  current(): Promise<RunnerClient>;
  /** The line to this runner, if there is one now. */
  client(ref: RunnerRef): RunnerClient | undefined;
  /** Stops all commands of all runners and the runners; gives how many commands there were. */
  shutdown(graceMs: number): Promise<number>;
  close(): void;
}

export interface RunnerPoolEvents {
  onConnected(client: RunnerClient): void;
  onRun(run: RunState): void;
  onSeen(sessionId: string): void;
  onInputAck(sessionId: string, client: string, offset: number): void;
  /** Whether a run that has not ended is this runner's. */
  isNeeded(ref: RunnerRef): boolean;
  /** The process is gone for good. */
  onGone(ref: RunnerRef): Promise<void>;
}

export interface RunnerPoolDeps {
  home: AgentHome;
  spawnRunner(): Promise<RunnerFile>;
  events: RunnerPoolEvents;
  log: Logger;
}

/** How long a runner that lives but does not answer is waited for before another takes new commands. */
const patienceMs = 10_000;
const firstRetryMs = 10;
const lastRetryMs = 1_000;

interface Followed {
  file: RunnerFile;
  client: RunnerClient | undefined;
  /** Settles with the first answer, or null once the process is gone or when it cannot be understood. */
  first: Promise<RunnerClient | null>;
  gone: Promise<void>;
}

export function createRunnerPool({ home, spawnRunner, events, log }: RunnerPoolDeps): RunnerPool {
  const followed = new Map<string, Followed>();
  let isClosed = false;
  let isEnding = false;
  let choosing: Promise<RunnerClient> | undefined;

  function follow(file: RunnerFile): Followed {
    const known = followed.get(file.id);
    if (known !== undefined) return known;
    let answer: (client: RunnerClient | null) => void = () => undefined;
    const first = new Promise<RunnerClient | null>((resolve) => (answer = resolve));
    const runner: Followed = { file, client: undefined, first, gone: Promise.resolve() };
    followed.set(file.id, runner);
    runner.gone = untilGone(runner, answer);
    return runner;
  }

  async function untilGone(runner: Followed, answer: (client: RunnerClient | null) => void): Promise<void> {
    const { file } = runner;
    let waitMs = firstRetryMs;
    const isUnderstood = file.protocol <= runnerProtocolVersion;
    if (!isUnderstood) {
      log.error(
        { runner: file.id, pid: file.process.pid, protocol: file.protocol },
        `a runner speaks protocol ${file.protocol}, this agent only ${runnerProtocolVersion}: its commands run on, and ` +
          'an agent of its own release can report them; this one reports them once that runner has ended',
      );
      answer(null);
    }
    while (!isClosed && isAlive(file.process)) {
      try {
        if (isUnderstood) {
          await lineTo(runner, answer);
          waitMs = firstRetryMs;
        }
      } catch (error) {
        log.debug({ err: error, runner: file.id }, 'the runner cannot be reached');
      }
      if (isClosed) return;
      await delay(waitMs);
      waitMs = Math.min(waitMs * 2, lastRetryMs);
    }
    if (isClosed) return;
    log.warn({ runner: file.id, pid: file.process.pid }, 'the runner is gone');
    followed.delete(file.id);
    rmSync(join(home.runners, `${file.id}.json`), { force: true });
    rmSync(file.socket, { force: true });
    rmSync(join(home.runners, `${file.id}.reserve`), { force: true });
    await events.onGone(file);
    answer(null);
    if (!isEnding && !isClosed)
      current().catch((error: unknown) => log.error({ err: error }, 'no runner could be started'));
  }

  /** Opens the line and resolves when it is closed. */
  async function lineTo(runner: Followed, answer: (client: RunnerClient | null) => void): Promise<void> {
    let onClose: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (onClose = resolve));
    const client = await connectRunner(runner.file, {
      onRun(run) {
        events.onRun(run);
        if (run.ended) sendAway(runner);
      },
      onSeen: events.onSeen,
      onInputAck: events.onInputAck,
      onClose,
    });
    runner.client = client;
    events.onConnected(client);
    answer(client);
    sendAway(runner);
    await closed;
    runner.client = undefined;
  }

  /** A runner of an older release goes when its work is done: it would stay for as long as an agent is there. */
  function sendAway({ file, client }: Followed): void {
    if (client === undefined || client.protocol === runnerProtocolVersion || events.isNeeded(client.ref)) return;
    log.info({ runner: file.id, protocol: client.protocol }, 'a runner of an older release has no commands left');
    void client.shutdown(0);
  }

  async function choose(): Promise<RunnerClient> {
    for (const runner of [...followed.values()].reverse()) {
      // its death may not have reached the line yet
      if (runner.file.protocol !== runnerProtocolVersion || !isAlive(runner.file.process)) continue;
      const client = runner.client ?? (await Promise.race([runner.first, delay(patienceMs, null)]));
      if (client !== null && runner.client === client) return client;
    }
    const file = await spawnRunner();
    const client = await follow(file).first;
    if (client === null) throw new Error('the runner ended as soon as it was started');
    return client;
  }

  function current(): Promise<RunnerClient> {
    choosing ??= choose().finally(() => (choosing = undefined));
    return choosing;
  }

  return {
    async open(refs) {
      const files = readRunnerFiles(home);
      for (const file of files) follow(file);
      // a runner whose file is missing cannot be reached, only be seen to end
      for (const ref of refs) follow({ ...ref, protocol: 0, socket: join(home.runners, 'missing.sock') });
      await Promise.race([Promise.all([...followed.values()].map(({ first }) => first)), delay(patienceMs)]);
      await current();
    },
    current,
    client: (ref) => followed.get(ref.id)?.client,
    async shutdown(graceMs) {
      isEnding = true;
      const clients = [...followed.values()].flatMap(({ client }) => client ?? []);
      const counts = await Promise.all(clients.map((client) => client.shutdown(graceMs)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    close() {
      isClosed = true;
      for (const { client } of followed.values()) client?.close();
    },
  };
}

function readRunnerFiles(home: AgentHome): RunnerFile[] {
  const names = readdirSync(home.runners).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => {
    try {
      return [runnerFileSchema.parse(JSON.parse(readFileIfThere(join(home.runners, name)) ?? ''))];
    } catch {
      return []; // of another release, or half written: its runs are found by the journal
    }
  });
}
