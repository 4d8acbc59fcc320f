/** Plugins as the API shows them; for admins, and never with a secret. */
import type { PluginView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findPlugin, listPlugins, slackInfo, type PluginRow } from '#db/plugins.ts';
import { requireAdmin, type Context } from './context.ts';

export function pluginViewOf(plugin: PluginRow): PluginView {
  const info = slackInfo.catch({ scopes: [] }).parse(plugin.info);
  return {
    name: plugin.name,
    configured: plugin.configNames,
    team: info.team ? { id: info.team.id, name: info.team.name } : null,
    botUser: info.botUser ?? null,
    apiUrl: plugin.apiUrl,
    scopes: info.scopes,
    state: plugin.state,
    lastError: plugin.lastError,
    updatedAt: plugin.updatedAt.toISOString(),
  };
}

export async function listPluginViews(ctx: Context): Promise<PluginView[]> {
  requireAdmin(ctx);
  return (await listPlugins(ctx.core.db)).map(pluginViewOf);
}

/** Throws `not_found`. */
export async function getPluginView(ctx: Context, name: string): Promise<PluginView> {
  requireAdmin(ctx);
  const plugin = await findPlugin(ctx.core.db, name);
  if (!plugin) throw pluginNotFound(name);
  return pluginViewOf(plugin);
}

export const pluginNotFound = (name: string): HoopError =>
  new HoopError('not_found', `The plugin ${name} is not configured.`);
