/** The agent, put together: home, journal, runners, sessions, and the line to the gateway. */
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CommandBase } from './command.ts';
import { createGatewayConnection } from './gateway-connection.ts';
import type { Welcome } from './gateway-link.ts';
import { lockHome, openHome, removeStraySpools } from './home.ts';
import { openEnrolment, openIdentity } from './identity.ts';
import { openJournal } from './journal.ts';
import { createRunnerPool, type RunnerPool } from './runner-pool.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { spawnRunner } from './spawn-runner.ts';

export interface AgentOptions {
  directory: string;
  gatewayUrl: string;
  token: string | undefined;
  /** PATH and LANG of commands. */
  path: string;
  lang: string;
  version: string;
  /** Of this instance, as its operator named them. */
  labels: Record<string, string>;
  /** The runner's bundle. */
  runnerScript: string;
  log: Logger;
  /** After the first welcome of this process. */
  onReady(welcome: Welcome): void;
  now?: () => number;
}

export interface Agent {
  /**
   * Takes no new orders, stays for what runs until it has ended, at most `forMs`, and leaves then; 0: at once. The
   * runner goes on with what is left.
   */
  drain(forMs: number): Promise<void>;
  /** Leaves the runner and its commands alone. */
  leave(): Promise<void>;
  /** Stops every command and the runner; gives how many commands there were. */
  shutdown(): Promise<number>;
}

/** SIGTERM to SIGKILL of running commands when everything is stopped. */
const stopGraceMs = 3_000;
/** How long the ends of stopped commands may take to reach the gateway; longer when the commands took less of theirs. */
const lastWordsMs = 1_000;

/** Throws `HoopError` when the agent cannot start; once it runs it keeps trying to reach the gateway. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { log } = options;
  const home = openHome(options.directory);
  const enrolment = openEnrolment(home, options.token);
  const unlock = await lockHome(home);
  const journal = openJournal(home.journal, options.now);
  removeStraySpools(home, (sessionId) => journal.get(sessionId) !== undefined);
  const sessions = createSessions({
    home,
    journal,
    runners: (): RunnerPool => runners,
    base: commandBase(options.path, options.lang),
    now: options.now ?? Date.now,
    log,
  });
  const runners = createRunnerPool({
    home,
    spawnRunner: () => spawnRunner({ script: options.runnerScript, home, path: options.path }),
    events: {
      onConnected: sessions.runnerConnected,
      onRun: sessions.runChanged,
      onSeen: sessions.startNotTaken,
      onInputAck: sessions.inputTaken,
      isNeeded: sessions.needs,
      onGone: sessions.runnerGone,
    },
    log,
  });
  await runners.open(journal.runs().map((run) => run.runner));

  let isReady = false;
  const connection = createGatewayConnection({
    gatewayUrl: options.gatewayUrl,
    version: options.version,
    labels: options.labels,
    identity: openIdentity(home),
    enrolment,
    journalId: journal.id,
    onWelcome(link, welcome) {
      sessions.connected(link, welcome);
      if (!isReady) options.onReady(welcome);
      isReady = true;
    },
    onFrame(frame) {
      sessions.frame(frame);
    },
    onInput: sessions.input,
    onDown: sessions.disconnected,
    log,
  });
  const dialling = connection.run();

  async function leave(): Promise<void> {
    connection.close();
    runners.close();
    await Promise.race([dialling, delay(200)]);
    journal.close();
    unlock();
  }

  return {
    leave,
    async drain(forMs) {
      await sessions.drain();
      if (forMs > 0) await untilIdle(sessions, forMs);
      await leave();
    },
    async shutdown() {
      void sessions.drain();
      const over = performance.now() + stopGraceMs + lastWordsMs;
      const commands = await runners.shutdown(stopGraceMs);
      await Promise.race([sessions.settled(), delay(Math.max(lastWordsMs, over - performance.now()))]);
      await leave();
      return commands;
    },
  };
}

async function untilIdle(sessions: Sessions, forMs: number): Promise<void> {
  const late = new AbortController();
  await Promise.race([sessions.idle(), delay(forMs, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}

function commandBase(path: string, lang: string): CommandBase {
  const { username, homedir } = userInfo();
  const isDirectory = statSync(homedir, { throwIfNoEntry: false })?.isDirectory() === true;
  return { path, lang, user: username, home: homedir, cwd: isDirectory ? homedir : '/' };
}
