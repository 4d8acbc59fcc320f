/**
 * Keeps the Slack app of this replica as the plugin's row says: off, on, or trying again. Whatever Slack answers ends
 * in a state that admins see (`hoop admin get plugin slack`), never in the end of the process.
 */
import type { Logger } from 'pino';
import { setPluginState, type PluginRow } from '#db/plugins.ts';
import type { Core } from '#core/context.ts';
import { slackClient, slackFailure, type SlackFailure } from '#core/slack-client.ts';
import { openSlackTokens, slackPlugin, type OpenedSlack } from '#core/slack-tokens.ts';
import { createSlackApp, type SlackApp, type SlackAppDeps } from './app.ts';

export interface SlackRuntimeDeps {
  core: Core;
  log: Logger;
  /** Pauses between tries to come up, the last one for ever. */
  retryDelaysMs?: readonly number[];
  /** Passed on to the app, for tests. */
  app?: Pick<SlackAppDeps, 'budgetMs' | 'sockets'>;
}

export interface SlackRuntime {
  /** Resolves once the row was read; Slack itself may come up later. */
  start(): Promise<void>;
  /** The plugin's row changed (NOTIFY): new tokens replace the app, the new one is up before the old one goes. */
  onPluginChanged(): Promise<void>;
  /** Clicks at work are finished first. */
  stop(): Promise<void>;
}

const defaultDelays = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

/** One configuration of the plugin, from the first try to its end. */
interface Attempt {
  version: number;
  app?: SlackApp;
  /** Slack has sent it payloads, or could have. */
  up: boolean;
  retry?: NodeJS.Timeout;
  over: boolean;
  /** Last state written, so that repeated failures are not written again and again. */
  said: string;
}

export function createSlackRuntime(deps: SlackRuntimeDeps): SlackRuntime {
  const { core, log } = deps;
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
      reread = setTimeout(() => void inOrder(apply), delays.at(-1)).unref();
      return;
    }
    if (!tokens) {
      const going = [current, previous];
      current = previous = undefined;
      await Promise.all(going.map(end));
      return;
    }
    if (current?.version === tokens.version) return;
    if (current) await replaceBy(current);
    const attempt: Attempt = { version: tokens.version, up: false, over: false, said: '' };
    current = attempt;
    tryToBringUp(attempt, tokens, 0);
  }

  function tryToBringUp(attempt: Attempt, tokens: OpenedSlack, failures: number): void {
    bringUp(attempt, tokens, failures).catch((error: unknown) => {
      log.error({ err: error }, 'slack app not started; trying again');
      again(attempt, tokens, failures);
    });
  }

  function again(attempt: Attempt, tokens: OpenedSlack, failures: number): void {
    if (attempt.over) return;
    const pause = delays[Math.min(failures, delays.length - 1)] ?? 60_000;
    attempt.retry = setTimeout(() => tryToBringUp(attempt, tokens, failures + 1), pause).unref();
  }

  /** What is up goes on until the next one is; what never came up is given up. */
  async function replaceBy(old: Attempt): Promise<void> {
    clearTimeout(old.retry);
    old.over = true;
    if (!old.up) return end(old);
    await end(previous);
    previous = old;
  }

  async function bringUp(attempt: Attempt, tokens: OpenedSlack, failures: number): Promise<void> {
    if (attempt.over) return;
    try {
      await say(attempt, 'connecting', null);
      await slackClient(tokens.botToken, tokens.apiUrl, log).auth.test();
    } catch (error) {
      const failure = slackFailure(error);
      if (failure.kind === 'refused') await say(attempt, 'error', `Slack refuses SLACK_BOT_TOKEN: ${failure.message}`);
      else await say(attempt, 'connecting', messageOf(failure));
      return again(attempt, tokens, failures);
    }
    const onStatus: SlackAppDeps['onStatus'] = (open, failure) => {
      if (open > 0) {
        attempt.up = true;
        void say(attempt, 'connected', null);
      } else if (failure?.kind === 'refused') {
        void say(attempt, 'error', `Slack refuses SLACK_APP_TOKEN: ${failure.message}`);
      } else void say(attempt, 'connecting', failure && messageOf(failure));
    };
    const app = await createSlackApp({ core, tokens, log, onStatus, ...deps.app });
    if (attempt.over) return;
    attempt.app = app;
    await app.start();
    if (current !== attempt) return;
    log.info({ team: tokens.info.team?.name }, 'slack connected');
    const old = previous;
    previous = undefined;
    await end(old);
  }

  async function say(attempt: Attempt, state: PluginRow['state'], problem: string | null): Promise<void> {
    const saying = `${state}: ${problem ?? ''}`;
    if (attempt.over || attempt.said === saying) return;
    attempt.said = saying;
    if (problem !== null) log.warn({ state, problem }, 'slack is not connected');
    try {
      await setPluginState(core.db, slackPlugin, attempt.version, state, problem);
    } catch (error) {
      attempt.said = '';
      log.warn({ err: error }, 'state of the plugin slack not written');
    }
  }

  return {
    start: () => inOrder(apply),
    onPluginChanged: () => inOrder(apply),
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
}

function messageOf(failure: SlackFailure): string {
  return failure.kind === 'rate_limited' ? 'Slack limits how often it is asked' : failure.message;
}
