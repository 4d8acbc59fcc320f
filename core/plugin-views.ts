/** Plugins as the API shows them; for admins, and never with a secret. */
import type { PluginView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { socketsAnApp } from '#shared/plugin-parts.ts';
import { findPlugin, listPlugins, slackInfo, type PluginRow } from '#db/plugins.ts';
import type { Queryable } from '#db/pool.ts';
import { listSlackChannels, type SlackChannelRow } from '#db/slack-channels.ts';
import { listSlackReplicas, type SlackReplicaRow } from '#db/slack-replicas.ts';
import { requireAdmin, type Context } from './context.ts';
import { fareOf } from './slack-state.ts';

export async function pluginViewOf(db: Queryable, plugin: PluginRow): Promise<PluginView> {
  const info = slackInfo.catch({ scopes: [] }).parse(plugin.info);
  const replicas = await listSlackReplicas(db);
  const channels = info.team ? await listSlackChannels(db, info.team.id) : [];
  const { state, lastError, lastErrorAt } = fareOf({ ...plugin, info }, replicas, channels);
  return {
    name: plugin.name,
    configured: plugin.configNames,
    configuredAt: Object.fromEntries(
      Object.entries(plugin.setAt).map(([name, at]) => [name, new Date(at).toISOString()]),
    ),
    team: info.team ? { id: info.team.id, name: info.team.name } : null,
    botUser: info.botUser ?? null,
    appId: info.appId ?? null,
    apiUrl: plugin.apiUrl,
    scopes: info.scopes,
    state,
    lastError,
    lastErrorAt: stamp(lastErrorAt),
    sockets: {
      open: replicas.reduce((sum, { openSockets }) => sum + openSockets, 0),
      limit: socketsAnApp,
      replicas: replicas.map(replicaOf),
    },
    channels: channels.map(channelOf),
    updatedAt: plugin.updatedAt.toISOString(),
  };
}

function replicaOf(row: SlackReplicaRow): PluginView['sockets']['replicas'][number] {
  return {
    id: row.gatewayId,
    address: row.address,
    state: row.state,
    since: row.since.toISOString(),
    openSockets: row.openSockets,
    lastError: row.problem,
    lastErrorAt: stamp(row.problemAt),
  };
}

function channelOf(row: SlackChannelRow): PluginView['channels'][number] {
  const { code, failingSince, lastFailureAt } = row;
  const isFailing = code !== null && failingSince !== null && lastFailureAt !== null;
  return {
    id: row.channel,
    name: row.name,
    failure: isFailing
      ? {
          code,
          message: row.advice ?? code,
          since: failingSince.toISOString(),
          lastAt: lastFailureAt.toISOString(),
          count: row.failures,
        }
      : null,
    lastSuccessAt: stamp(row.lastSuccessAt),
  };
}

const stamp = (at: Date | null): string | null => at?.toISOString() ?? null;

export async function listPluginViews(ctx: Context): Promise<PluginView[]> {
  requireAdmin(ctx);
  const { db } = ctx.core;
  return Promise.all((await listPlugins(db)).map((plugin) => pluginViewOf(db, plugin)));
}

/** Throws `not_found`. */
export async function getPluginView(ctx: Context, name: string): Promise<PluginView> {
  requireAdmin(ctx);
  const plugin = await findPlugin(ctx.core.db, name);
  if (!plugin) throw pluginNotFound(name);
  return pluginViewOf(ctx.core.db, plugin);
}

export const pluginNotFound = (name: string): HoopError =>
  new HoopError('not_found', `The plugin ${name} is not configured.`);
