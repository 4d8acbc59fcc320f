/** hoop as a Slack app: Bolt with hoop's listeners, over Socket Mode. */
import { App } from '@slack/bolt';
import type { Logger } from 'pino';
import type { Core } from '#core/context.ts';
import { slackClientOptions, slackLogger } from '#core/slack-client.ts';
import type { OpenedSlack } from '#core/slack-tokens.ts';
import { registerListeners } from './listeners/index.ts';
import type { SocketLease } from './socket-lease.ts';
import { SlackSockets, type SocketsOptions } from './sockets.ts';

/** Slack waits 3 s for an acknowledgement. */
const defaultBudgetMs = 2_000;

export interface SlackAppDeps {
  core: Core;
  /** Asked anew each time: an admin may change the tokens of the app while it runs. */
  tokens: () => OpenedSlack;
  lease: SocketLease;
  log: Logger;
  onStatus: SocketsOptions['onStatus'];
  budgetMs?: number;
  sockets?: Pick<SocketsOptions, 'retryDelaysMs' | 'staggerMs' | 'lingerMs' | 'helloTimeoutMs'>;
}

export interface SlackApp {
  /** Resolves once Slack sends payloads, or `stop` was called. */
  start(): Promise<void>;
  /** Calls `onStatus` with how things are. */
  tellStatus(): void;
  /** Payloads at work are finished first. */
  stop(): Promise<void>;
}

export async function createSlackApp(deps: SlackAppDeps): Promise<SlackApp> {
  const { core, tokens, lease, log, onStatus } = deps;
  const { apiUrl, info } = tokens();
  const appToken = () => tokens().appToken;
  const sockets = new SlackSockets({ appToken, apiUrl, lease, log, onStatus, ...deps.sockets });
  const app = new App({
    receiver: sockets,
    // given by hand: Bolt's own look-up of the token fails unhandled when Slack is away
    authorize: () => {
      const { botToken, info: now } = tokens();
      return Promise.resolve({ botToken, ...(now.botUserId && { botUserId: now.botUserId }) });
    },
    deferInitialization: true,
    // hoop keeps nothing about conversations
    convoStore: false,
    clientOptions: slackClientOptions(apiUrl, log),
    logger: slackLogger(log),
  });
  await app.init();
  app.error((error) => {
    log.error({ err: error }, 'slack listener failed');
    return Promise.resolve();
  });
  registerListeners(app, { core, log, homeTeamId: info.team?.id, budgetMs: deps.budgetMs ?? defaultBudgetMs });
  return { start: () => sockets.start(), tellStatus: () => sockets.tell(), stop: () => sockets.stop() };
}
