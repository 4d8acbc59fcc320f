/** Configures the plugin `slack`: its tokens are verified at Slack before anything is saved. */
import type { PluginView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { findPlugin, savePlugin as writePlugin, slackInfo, type SlackInfo } from '#db/plugins.ts';
import { inTransaction } from '#db/pool.ts';
import { actorName, requireAdmin, type Context, type Core } from './context.ts';
import { pluginViewOf } from './plugin-views.ts';
import { pluginIdentity } from './sealer.ts';
import { otherAppProblem } from './slack-state.ts';
import { openSlackTokens, slackPlugin } from './slack-tokens.ts';

const prefixes = { SLACK_BOT_TOKEN: 'xoxb-', SLACK_APP_TOKEN: 'xapp-' } as const;
type Setting = keyof typeof prefixes;
const settings = Object.keys(prefixes) as Setting[];

const places: Record<Setting, string> = {
  SLACK_BOT_TOKEN: 'OAuth & Permissions > Bot User OAuth Token',
  SLACK_APP_TOKEN: 'Basic Information > App-Level Tokens (scope connections:write)',
};

export interface PluginToSave {
  name: string;
  config: Record<string, string>;
  /** Changes a plugin that is configured, and only the settings that are named. */
  overwrite?: boolean;
}

/**
 * Throws `plugin_unknown`, `name_taken`, `plugin_outdated`, `invalid_input` for a setting that is none or a token of the wrong sort,
 * and `slack_refused` or `slack_unavailable` as Slack says. Of two tokens that are wrong each has a line of its own.
 */
export async function savePlugin(ctx: Context, input: PluginToSave): Promise<{ view: PluginView; created: boolean }> {
  requireAdmin(ctx);
  const { core } = ctx;
  if (input.name !== slackPlugin) {
    throw new HoopError('plugin_unknown', `hoop has no plugin ${JSON.stringify(input.name)}; there is ${slackPlugin}.`);
  }
  const before = await findPlugin(core.db, slackPlugin);
  if (before && !input.overwrite) {
    throw new HoopError('name_taken', `The plugin ${slackPlugin} is configured already; --overwrite changes it.`);
  }
  const isWhole = settings.every((setting) => input.config[setting] !== undefined);
  // Whoever names everything needs nothing of what was: the way out when its key is lost.
  const config = checkSettings({ ...(before && !isWhole ? await currentSettings(core) : {}), ...input.config });
  const botToken = config.SLACK_BOT_TOKEN;
  const apiUrl = core.slack.apiUrlFor(botToken);
  const verified = await core.slack.verify({ botToken, appToken: config.SLACK_APP_TOKEN, apiUrl });
  const info = withKnownBotApp(verified, before?.apiUrl === apiUrl ? before.info : undefined);
  const problem = otherAppProblem(info);
  if (problem !== null) throw new HoopError('slack_refused', problem);
  const configSealed = core.sealer.seal(pluginIdentity(slackPlugin), JSON.stringify(config));
  const view = await inTransaction(core.db, async (tx) => {
    const configNames = [...settings].sort();
    const changed = Object.keys(input.config).sort();
    await writePlugin(tx, { name: slackPlugin, configSealed, configNames, changed, apiUrl, info });
    const row = await findPlugin(tx, slackPlugin);
    if (!row) throw new Error('the plugin was written and is not there');
    // the write waited for whoever wrote at the same moment, and what they set is not in ours
    if (row.version !== (before?.version ?? 0) + 1) throw outdated();
    await notify(tx, { kind: 'plugin', name: slackPlugin });
    await audit(tx, {
      actor: actorName(ctx.actor),
      action: before ? 'plugin.change' : 'plugin.create',
      subject: `plugin:${slackPlugin}`,
      details: { settings: changed, team: info.team?.id ?? null, apiUrl },
    });
    return pluginViewOf(tx, row);
  });
  return { view, created: before === undefined };
}

function outdated(): HoopError {
  return new HoopError(
    'plugin_outdated',
    `Somebody changed the plugin ${slackPlugin} while your tokens were verified; nothing of yours was saved. Look at it, and try again.`,
  );
}

/** A bot belongs to one app for good, and its posts have told which: `auth.test` does not. */
function withKnownBotApp(info: SlackInfo, before: unknown): SlackInfo {
  const was = slackInfo.catch({ scopes: [] }).parse(before);
  const isSameBot = info.botUserId !== undefined && info.botUserId === was.botUserId;
  const known = isSameBot && info.team?.id === was.team?.id ? was.botAppId : undefined;
  return known === undefined ? info : { ...info, botAppId: known };
}

async function currentSettings(core: Core): Promise<Record<string, string>> {
  const tokens = await openSlackTokens(core);
  return tokens ? { SLACK_BOT_TOKEN: tokens.botToken, SLACK_APP_TOKEN: tokens.appToken } : {};
}

function checkSettings(config: Record<string, string>): Record<Setting, string> {
  const stranger = Object.keys(config).find((key) => !settings.some((setting) => setting === key));
  if (stranger !== undefined) {
    throw new HoopError(
      'invalid_input',
      `config: ${JSON.stringify(stranger)} is no setting of ${slackPlugin}; there are ${settings.join(' and ')}.`,
    );
  }
  const tokens = settings.map((setting) => [setting, config[setting]?.trim() ?? ''] as const);
  const problems = tokens.map(([setting, token]) => tokenProblem(setting, token)).filter((text) => text !== null);
  if (problems.length > 0) throw new HoopError('invalid_input', problems.join('\n'));
  return Object.fromEntries(tokens) as Record<Setting, string>;
}

/** Says what is wrong without repeating any part of a token; null when it may be one. */
function tokenProblem(setting: Setting, token: string): string | null {
  const prefix = prefixes[setting];
  if (token.startsWith(prefix) && /^[\x21-\x7e]+$/.test(token)) return null;
  const where = `Find it under ${places[setting]}.`;
  if (token === '') return `config: ${setting} is missing. ${where}`;
  const swapped = Object.values(prefixes).some((other) => other !== prefix && token.startsWith(other));
  const hint = swapped ? ' The two tokens seem to be swapped.' : strangers(token);
  return `config: ${setting} must start with ${prefix}.${hint} ${where}`;
}

function strangers(token: string): string {
  if (token.startsWith('xoxp-')) return ' This is the token of a person.';
  return token.startsWith('xoxe') ? ' This is a token for configuration, or one that rotates.' : '';
}
