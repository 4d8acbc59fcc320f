/** Asks Slack about tokens and channels before they are saved, and says what is wrong in words an admin can act on. */
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import { isSandboxToken } from '#core/slack-tokens.ts';
import type { SlackInfo, SlackTokens, SlackVerifier } from '#core/slack-verifier.ts';
import { createChannelList } from './channel-list.ts';
import { postTest } from './test-message.ts';
import { resolveChannels } from './verify-channel.ts';
import { appIdIn, unavailable, whyRefused } from './verify-errors.ts';

export interface SlackVerifierDeps {
  /** `SLACK_API_URL`: Slack's own, or what stands in for it. */
  slackApiUrl: string;
  /** Of the sandbox (`http://127.0.0.1:PORT`), or null while there is none. */
  sandboxUrl: string | null;
  log: Logger;
}

/** What hoop cannot do without; `slack/manifest.json` has them all. */
const neededScopes = ['chat:write', 'commands', 'im:write', 'channels:read', 'app_mentions:read'];

export function createSlackVerifier(deps: SlackVerifierDeps): SlackVerifier {
  const channels = createChannelList(deps.log);
  return {
    apiUrlFor(botToken) {
      if (!isSandboxToken(botToken)) return deps.slackApiUrl;
      if (deps.sandboxUrl !== null) return `${deps.sandboxUrl}/api/`;
      throw new HoopError('slack_refused', 'These tokens belong to the Slack sandbox, and there is none running here.');
    },
    async verify(tokens) {
      refuseWrongKinds(tokens);
      const [bot, appId] = await both(verifyBot(tokens, deps.log), verifyApp(tokens, deps.log));
      return { ...bot, appId };
    },
    resolveChannels: async (tokens, asked) => resolveChannels(tokens, asked, await channels.recent(tokens), deps.log),
    listChannels: (tokens) => channels.of(tokens),
    postTest: async (tokens, asked) => postTest(tokens, asked, await channels.recent(tokens), deps.log),
  };
}

/** Whoever set two tokens that are wrong is told of both. */
async function both(bot: Promise<SlackInfo>, app: Promise<string | undefined>) {
  const [botTold, appTold] = await Promise.allSettled([bot, app]);
  if (botTold.status === 'fulfilled' && appTold.status === 'fulfilled') return [botTold.value, appTold.value] as const;
  const thrown: unknown[] = [botTold, appTold].flatMap((told) => (told.status === 'rejected' ? [told.reason] : []));
  const refusals = thrown.filter((error) => error instanceof HoopError && error.code === 'slack_refused');
  if (refusals.length === 0) throw thrown[0];
  throw refused(refusals.map((error) => (error as HoopError).message).join('\n'), refusals[0]);
}

function refuseWrongKinds({ botToken, appToken }: SlackTokens): void {
  if (botToken.startsWith('xapp-') && appToken.startsWith('xoxb-')) {
    throw refused('The two tokens are swapped: SLACK_BOT_TOKEN starts with xoxb-, SLACK_APP_TOKEN with xapp-.');
  }
  if (!botToken.startsWith('xoxb-')) {
    throw refused(
      `SLACK_BOT_TOKEN is ${kindOf(botToken)}; hoop needs the Bot User OAuth Token (xoxb-...) of "OAuth & Permissions".`,
    );
  }
  if (!appToken.startsWith('xapp-')) {
    throw refused(
      `SLACK_APP_TOKEN is ${kindOf(appToken)}; hoop needs an App-Level Token (xapp-...) with connections:write, ` +
        'made under "Basic Information".',
    );
  }
  if (isSandboxToken(botToken) !== isSandboxToken(appToken)) {
    throw refused('One of the tokens belongs to the Slack sandbox and the other does not: name both of one Slack.');
  }
}

function kindOf(token: string): string {
  if (token.startsWith('xapp-')) return 'an app-level token';
  if (token.startsWith('xoxb-')) return 'a bot token';
  if (token.startsWith('xoxp-')) return 'a user token';
  if (token.startsWith('xoxe')) return 'a configuration or rotating token';
  return 'no token that Slack gives';
}

async function verifyBot({ botToken, apiUrl }: SlackTokens, log: Logger): Promise<SlackInfo> {
  const told = await ask('SLACK_BOT_TOKEN', () => slackClient(botToken, apiUrl, log).auth.test());
  if (!told.bot_id) throw refused('SLACK_BOT_TOKEN is not the token of a bot.');
  const scopes = told.response_metadata?.scopes ?? [];
  const missing = neededScopes.filter((scope) => !scopes.includes(scope));
  if (scopes.length > 0 && missing.length > 0) {
    throw refused(
      `SLACK_BOT_TOKEN lacks the ${missing.length === 1 ? 'scope' : 'scopes'} ${missing.join(', ')}. Give the app the manifest of "hoop slack manifest", ` +
        'reinstall it to the workspace, and use the token it shows then.',
    );
  }
  const info: SlackInfo = { scopes };
  if (told.team_id)
    info.team = { id: told.team_id, name: told.team ?? told.team_id, ...(told.url && { url: told.url }) };
  if (told.user) info.botUser = told.user;
  if (told.user_id) info.botUserId = told.user_id;
  return info;
}

/** Opening a connection is the one thing the app token is for; the address it gives names the app. */
async function verifyApp({ appToken, apiUrl }: SlackTokens, log: Logger): Promise<string | undefined> {
  const told = await ask('SLACK_APP_TOKEN', () => slackClient(appToken, apiUrl, log).apps.connections.open({}));
  const url = told.url && URL.canParse(told.url) ? new URL(told.url) : undefined;
  return url?.searchParams.get('app_id') ?? appIdIn(appToken);
}

async function ask<T>(which: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === 'refused') {
      const isNarrow = which === 'SLACK_APP_TOKEN' && failure.code === 'missing_scope';
      const hint = isNarrow ? ' Make one that has it under "Basic Information > App-Level Tokens".' : '';
      throw new HoopError('slack_refused', `${which} was refused: ${whyRefused(failure)}.${hint}`, { cause: error });
    }
    throw unavailable(failure, error);
  }
}

function refused(message: string, cause?: unknown): HoopError {
  return new HoopError('slack_refused', message, { cause });
}
