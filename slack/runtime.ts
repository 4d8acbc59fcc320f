/**
 * Keeps the Slack app of this replica as the plugin's row says: off, on, or trying again. Whatever Slack answers ends
 * in a state that admins see (`hoop admin get plugin slack`), never in the end of the process.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Core } from '#core/context.ts';
import { slackClient, slackFailure, type SlackFailure } from '#core/slack-client.ts';
import { dropSlackReplica, reportSlackReplica, reportSlackUnreadable, type ReplicaReport } from '#core/slack-state.ts';
import { openSlackTokens, type OpenedSlack } from '#core/slack-tokens.ts';
import { createSlackApp, type SlackApp, type SlackAppDeps } from './app.ts';
import { SocketLease } from './socket-lease.ts';
import type { SocketsStatus } from './sockets.ts';
import { whyRefused } from './verify-errors.ts';

export interface SlackRuntimeDeps {
  core: Core;
  log: Logger;
  /** Of this replica, whose lease in `gateways` carries its sockets. */
  gatewayId: string;
  /** Pauses between tries to come up, the last one for ever. */
  retryDelaysMs?: readonly number[];
  /** Passed on to the app, for tests. */
  app?: Pick<SlackAppDeps, 'budgetMs' | 'sockets'>;
}

export interface SlackRuntime {
  /** Resolves once the row was read; Slack itself may come up later. */
  start(): Promise<void>;
  /**
   * The plugin's row changed (NOTIFY). New tokens of the same app are used from then on by what is running; another app
   * takes over, and is up before the old one goes.
   */
  onPluginChanged(): Promise<void>;
  /** A socket came free or was taken away (NOTIFY), or the lease of this replica was renewed. */
  onSockets(): Promise<void>;
  /** Clicks at work are finished first. */
  stop(): Promise<void>;
}

const defaultDelays = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

type Said = Omit<ReplicaReport, 'pluginVersion'>;

/** One app of Slack's that the plugin was configured with, from the first try to its end. */
interface Attempt {
  tokens: OpenedSlack;
  lease: SocketLease;
  app?: SlackApp;
  /** Slack has sent it payloads, or could have. */
  up: boolean;
  retry?: NodeJS.Timeout;
  over: boolean;
  /** Last report written, so that repeated failures are not written again and again. */
  said: Said | undefined;
  writing: Promise<void>;
}

export function createSlackRuntime(deps: SlackRuntimeDeps): SlackRuntime {
  const { core, log, gatewayId } = deps;
  const delays = deps.retryDelaysMs ?? defaultDelays;
  let current: Attempt | undefined;
  /** Still serves until `current` is up. */
  let previous: Attempt | undefined;
  let stopped = false;
  let queue = Promise.resolve();
  let reread: NodeJS.Timeout | undefined;

  const inOrder = (work: () => Promise<void>): Promise<void> => (queue = queue.then(work, work));

  /** Reads the row; a database that is away is asked again. */
  async function apply(): Promise<void> {
    if (stopped) return;
    clearTimeout(reread);
    let tokens: OpenedSlack | null;
    try {
      tokens = await openSlackTokens(core);
    } catch (error) {
      log.error({ err: error }, 'slack configuration not readable; trying again');
      await showUnreadable(error);
      reread = setTimeout(() => void inOrder(apply), delays.at(-1)).unref();
      return;
    }
    if (!tokens) {
      const going = [current, previous];
      current = previous = undefined;
      await Promise.all(going.map(end));
      await dropSlackReplica(core, gatewayId);
      return;
    }
    if (current?.tokens.version === tokens.version) return;
    if (current?.up && isSameApp(current.tokens, tokens)) return swapTokens(current, tokens);
    if (current) await replaceBy(current);
    const holder = { gatewayId, appId: tokens.info.appId ?? 'unknown' };
    const lease = new SocketLease({ core, holder, log });
    current = { tokens, lease, up: false, over: false, said: undefined, writing: Promise.resolve() };
    tryToBringUp(current, 0);
  }

  /** Its sockets and what arrives by them stay; from now on the new tokens are used. */
  function swapTokens(attempt: Attempt, tokens: OpenedSlack): void {
    const { said } = attempt;
    attempt.tokens = tokens;
    attempt.said = undefined;
    if (said) say(attempt, said);
  }

  async function showUnreadable(error: unknown): Promise<void> {
    const problem = error instanceof Error ? error.message : String(error);
    try {
      await reportSlackUnreadable(core, gatewayId, problem);
    } catch {
      // the database itself is away; what is to say is in the log
    }
  }

  function tryToBringUp(attempt: Attempt, failures: number): void {
    bringUp(attempt, failures).catch((error: unknown) => {
      log.error({ err: error }, 'slack app not started; trying again');
      again(attempt, failures);
    });
  }

  function again(attempt: Attempt, failures: number, failure?: SlackFailure): void {
    if (attempt.over) return;
    const asked = failure?.kind === 'rate_limited' ? failure.retryAfterSeconds * 1_000 : 0;
    const pause = Math.max(asked, delays[Math.min(failures, delays.length - 1)] ?? 60_000);
    attempt.retry = setTimeout(() => tryToBringUp(attempt, failures + 1), pause).unref();
  }

  /** What is up goes on until the next one is; what never came up is given up. */
  async function replaceBy(old: Attempt): Promise<void> {
    clearTimeout(old.retry);
    old.over = true;
    if (!old.up) return end(old);
    await end(previous);
    previous = old;
  }

  async function bringUp(attempt: Attempt, failures: number): Promise<void> {
    if (attempt.over) return;
    try {
      if (failures === 0) say(attempt, { state: 'connecting', openSockets: 0, problem: null });
      const { botToken, apiUrl } = attempt.tokens;
      await slackClient(botToken, apiUrl, log).auth.test();
    } catch (error) {
      const failure = slackFailure(error);
      const state = failure.kind === 'refused' ? 'error' : 'connecting';
      say(attempt, { state, openSockets: 0, problem: problemOf(failure, 'SLACK_BOT_TOKEN') });
      return again(attempt, failures, failure);
    }
    const app = await createSlackApp({
      core,
      tokens: () => attempt.tokens,
      lease: attempt.lease,
      log,
      onStatus: (status) => {
        attempt.up ||= status.open > 0;
        say(attempt, reportOf(status));
      },
      ...deps.app,
    });
    if (attempt.over) return;
    attempt.app = app;
    await app.start();
    if (current !== attempt) return;
    log.info({ team: attempt.tokens.info.team?.name }, 'slack connected');
    const old = previous;
    previous = undefined;
    await end(old);
  }

  /** Writes one after the other: of two states that follow each other at once the later one stays. */
  function say(attempt: Attempt, report: Said): void {
    if (attempt.over || isDeepStrictEqual(attempt.said, report)) return;
    if (report.problem !== null && report.problem !== attempt.said?.problem) {
      log.warn(report, report.openSockets > 0 ? 'slack is connected by fewer sockets' : 'slack is not connected');
    }
    attempt.said = report;
    const pluginVersion = attempt.tokens.version;
    attempt.writing = attempt.writing
      .then(() => reportSlackReplica(core, gatewayId, { pluginVersion, ...report }))
      .catch((error: unknown) => {
        attempt.said = undefined;
        log.warn({ err: error }, 'state of the plugin slack not written');
      });
  }

  return {
    start: () => inOrder(apply),
    onPluginChanged: () => inOrder(apply),
    async onSockets() {
      const attempts = [current, previous];
      await Promise.all(attempts.map((attempt) => attempt?.lease.check()));
      // a report that could not be written, as the database was away
      if (current?.app && !current.said) current.app.tellStatus();
    },
    async stop() {
      stopped = true;
      clearTimeout(reread);
      await queue;
      const going = [current, previous];
      current = previous = undefined;
      await Promise.all(going.map(end));
    },
  };
}

async function end(attempt: Attempt | undefined): Promise<void> {
  if (!attempt) return;
  attempt.over = true;
  clearTimeout(attempt.retry);
  await attempt.app?.stop();
  await attempt.writing;
}

function reportOf({ open, waiting, failure }: SocketsStatus): Said {
  const problem = failure && problemOf(failure, 'SLACK_APP_TOKEN');
  if (open > 0) return { state: 'connected', openSockets: open, problem };
  if (waiting) return { state: 'waiting', openSockets: 0, problem: null };
  return { state: failure?.kind === 'refused' ? 'error' : 'connecting', openSockets: 0, problem };
}

function problemOf(failure: SlackFailure, token: string): string {
  if (failure.kind === 'refused') return `Slack refuses ${token}: ${whyRefused(failure)}`;
  if (failure.kind === 'unavailable') return failure.message;
  return `Slack limits how often it is asked; hoop asks again in ${failure.retryAfterSeconds} s`;
}

function isSameApp(one: OpenedSlack, other: OpenedSlack): boolean {
  const { appId, team } = one.info;
  return (
    appId !== undefined && appId === other.info.appId && team?.id === other.info.team?.id && one.apiUrl === other.apiUrl
  );
}
