/** The tokens of the plugin `slack`, sealed in its row; only this file knows how. */
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { findPlugin, slackInfo, type SlackInfo } from '#db/plugins.ts';
import type { Core } from './context.ts';
import { pluginIdentity } from './sealer.ts';
import type { SlackTokens } from './slack-verifier.ts';

export const slackPlugin = 'slack';

const slackConfig = z.object({ SLACK_BOT_TOKEN: z.string().min(1), SLACK_APP_TOKEN: z.string().min(1) });

export interface OpenedSlack extends SlackTokens {
  /** Of the configuration; counts up when an admin sets it anew. */
  version: number;
  info: SlackInfo;
}

/** Tokens of the sandbox, which belong to no other API. */
export const isSandboxToken = (token: string): boolean => token.includes('-sandbox-');

/** Throws `plugin_unknown` while Slack is not configured. */
export async function requireSlackTokens(core: Pick<Core, 'db' | 'sealer' | 'slack'>): Promise<OpenedSlack> {
  const tokens = await openSlackTokens(core);
  if (tokens) return tokens;
  throw new HoopError(
    'plugin_unknown',
    'Slack is not configured yet: hoop admin create plugin slack --config SLACK_BOT_TOKEN=xoxb-... --config SLACK_APP_TOKEN=xapp-..., or the page Slack of the console.',
  );
}

/** Null while Slack is not configured. Throws when the row was sealed with a key that is gone. */
export async function openSlackTokens(core: Pick<Core, 'db' | 'sealer' | 'slack'>): Promise<OpenedSlack | null> {
  const row = await findPlugin(core.db, slackPlugin);
  if (!row?.configSealed) return null;
  const config = slackConfig.parse(JSON.parse(core.sealer.open(pluginIdentity(slackPlugin), row.configSealed)));
  const botToken = config.SLACK_BOT_TOKEN;
  // the sandbox of today may listen on another port than the one its tokens were verified at
  const sandboxed = isSandboxToken(botToken);
  return {
    botToken,
    appToken: config.SLACK_APP_TOKEN,
    apiUrl: sandboxed || row.apiUrl === null ? core.slack.apiUrlFor(botToken) : row.apiUrl,
    version: row.version,
    info: slackInfo.catch({ scopes: [] }).parse(row.info),
  };
}
