/** How the plugin `slack` fares, for admins: `hoop admin get plugin slack` and the console show it. */
import { notify } from '#db/notices.ts';
import { findPlugin, type PluginRow, type SlackInfo } from '#db/plugins.ts';
import type { SlackChannelRow } from '#db/slack-channels.ts';
import { deleteSlackReplica, writeSlackReplica, type ReplicaReport, type SlackReplicaRow } from '#db/slack-replicas.ts';
import type { Core } from './context.ts';
import { slackPlugin } from './slack-tokens.ts';

export type { ReplicaReport };
export type { ReplicaState } from '#db/slack-replicas.ts';

const pluginsChanged = { kind: 'changed', topic: 'plugins' } as const;

/** What one replica says of itself. */
export async function reportSlackReplica(
  core: Pick<Core, 'db'>,
  gatewayId: string,
  report: ReplicaReport,
): Promise<void> {
  await writeSlackReplica(core.db, gatewayId, report);
  await notify(core.db, pluginsChanged);
}

/** Slack is not configured any more. */
export async function dropSlackReplica(core: Pick<Core, 'db'>, gatewayId: string): Promise<void> {
  await deleteSlackReplica(core.db, gatewayId);
  await notify(core.db, pluginsChanged);
}

/** The configuration cannot be used by this replica, e.g. as it has not the key that sealed it. */
export async function reportSlackUnreadable(core: Pick<Core, 'db'>, gatewayId: string, problem: string): Promise<void> {
  const row = await findPlugin(core.db, slackPlugin);
  if (!row) return;
  await writeSlackReplica(core.db, gatewayId, { pluginVersion: row.version, state: 'error', openSockets: 0, problem });
  await notify(core.db, pluginsChanged);
}

export interface PluginFare {
  state: 'connected' | 'connecting' | 'error' | 'off';
  /** What is wrong now, and since when. */
  lastError: string | null;
  lastErrorAt: Date | null;
}

/** Slack's answers to posts that are about the bot token, whatever the channel. */
const aboutBotToken = new Set([
  'account_inactive',
  'invalid_auth',
  'missing_scope',
  'not_allowed_token_type',
  'not_authed',
  'team_disabled',
  'token_expired',
  'token_revoked',
  'user_removed_from_team',
]);

/**
 * Of the plugin as a whole, from what its replicas say and what became of its posts; what is about an older
 * configuration does not count.
 */
export function fareOf(
  plugin: Pick<PluginRow, 'configSealed' | 'version' | 'updatedAt'> & { info: SlackInfo },
  replicas: readonly SlackReplicaRow[],
  channels: readonly SlackChannelRow[],
): PluginFare {
  if (plugin.configSealed === null) return { state: 'off', lastError: null, lastErrorAt: null };
  const stranger = otherAppProblem(plugin.info);
  if (stranger !== null) return { state: 'error', lastError: stranger, lastErrorAt: plugin.updatedAt };
  const current = replicas.filter((replica) => replica.pluginVersion === plugin.version);
  const refused = channels.filter(({ code, pluginVersion }) => code !== null && pluginVersion === plugin.version);
  const taken = Math.max(...channels.map(({ lastSuccessAt }) => Number(lastSuccessAt ?? 0)));
  const botToken = refused.find(
    // what another channel took later came by the same token
    ({ code, lastFailureAt }) => code !== null && aboutBotToken.has(code) && Number(lastFailureAt ?? 0) >= taken,
  );
  if (botToken) {
    const lastError = `Slack refuses SLACK_BOT_TOKEN: ${botToken.advice ?? botToken.code}`;
    return { state: 'error', lastError, lastErrorAt: botToken.failingSince };
  }
  return { state: stateOf(current), ...lastProblem(current, refused) };
}

/** What is wrong with Slack as a whole comes before what is wrong with one channel. */
function lastProblem(
  replicas: readonly SlackReplicaRow[],
  refused: readonly SlackChannelRow[],
): Pick<PluginFare, 'lastError' | 'lastErrorAt'> {
  const [replica] = replicas.filter(({ problem }) => problem !== null).sort(newest(({ problemAt }) => problemAt));
  if (replica) return { lastError: replica.problem, lastErrorAt: replica.problemAt };
  const [channel] = [...refused].sort(newest(({ lastFailureAt }) => lastFailureAt));
  if (!channel) return { lastError: null, lastErrorAt: null };
  return { lastError: channel.advice ?? `${channel.name}: ${channel.code}`, lastErrorAt: channel.lastFailureAt };
}

const newest =
  <Row>(at: (row: Row) => Date | null) =>
  (a: Row, b: Row): number =>
    Number(at(b) ?? 0) - Number(at(a) ?? 0);

/** One replica that is connected is enough for every click. */
function stateOf(current: readonly SlackReplicaRow[]): PluginFare['state'] {
  const isAny = (state: SlackReplicaRow['state']): boolean => current.some((replica) => replica.state === state);
  if (isAny('connected')) return 'connected';
  return isAny('error') ? 'error' : 'connecting';
}

/** Clicks go to the app that posted, whose sockets hoop has to hold: two apps never hear of each other. */
export function otherAppProblem(info: Pick<SlackInfo, 'appId' | 'botAppId'>): string | null {
  const { appId, botAppId } = info;
  if (appId === undefined || botAppId === undefined || appId === botAppId) return null;
  return (
    `SLACK_APP_TOKEN belongs to the app ${appId} and SLACK_BOT_TOKEN to ${botAppId}: clicks would never arrive. ` +
    'Take both tokens from one app.'
  );
}
