/** Tables `plugins` and `settings`. */
import { z } from 'zod';
import type { Queryable } from './pool.ts';

/** What Slack said when the tokens were verified. */
export const slackInfo = z.object({
  team: z.object({ id: z.string(), name: z.string(), url: z.string().optional() }).optional(),
  botUser: z.string().optional(),
  botUserId: z.string().optional(),
  /** That the app-level token belongs to. */
  appId: z.string().optional(),
  /** That the bot's messages name, once it has posted. */
  botAppId: z.string().optional(),
  scopes: z.array(z.string()).default([]),
});
export type SlackInfo = z.infer<typeof slackInfo>;

export interface PluginRow {
  name: string;
  configSealed: Buffer | null;
  configNames: string[];
  /** When each of them was set, as ISO 8601. */
  setAt: Record<string, string>;
  apiUrl: string | null;
  info: unknown;
  version: number;
  updatedAt: Date;
}

const select = `select name, config_sealed as "configSealed", config_names as "configNames", set_at as "setAt", api_url as "apiUrl", info, version,
  updated_at as "updatedAt" from plugins`;

export async function findPlugin(db: Queryable, name: string): Promise<PluginRow | undefined> {
  return (await db.query<PluginRow>(`${select} where name = $1`, [name])).rows[0];
}

export async function listPlugins(db: Queryable): Promise<PluginRow[]> {
  return (await db.query<PluginRow>(`${select} order by name`)).rows;
}

export interface PluginToWrite extends Pick<PluginRow, 'name' | 'configNames'> {
  configSealed: Buffer;
  /** Those of the settings that are new; all unless told. */
  changed?: string[];
  apiUrl: string;
  info: SlackInfo;
}

export async function savePlugin(tx: Queryable, plugin: PluginToWrite): Promise<void> {
  await tx.query(
    `insert into plugins (name, config_sealed, config_names, api_url, info, set_at) values ($1, $2, $3, $4, $5,
       coalesce((select jsonb_object_agg(setting, now()) from unnest($6::text[]) as setting), '{}'))
     on conflict (name) do update set config_sealed = excluded.config_sealed, config_names = excluded.config_names,
       api_url = excluded.api_url, info = excluded.info, set_at = plugins.set_at || excluded.set_at,
       version = plugins.version + 1, updated_at = now()`,
    [
      plugin.name,
      plugin.configSealed,
      plugin.configNames,
      plugin.apiUrl,
      JSON.stringify(plugin.info),
      plugin.changed ?? plugin.configNames,
    ],
  );
}

/** Adds to what Slack said; of an older configuration it changes nothing. */
export async function notePluginInfo(
  db: Queryable,
  name: string,
  version: number,
  info: Partial<SlackInfo>,
): Promise<void> {
  await db.query('update plugins set info = info || $3::jsonb where name = $1 and version = $2', [
    name,
    version,
    JSON.stringify(info),
  ]);
}

/** Connections keep the channels that they name with it. */
export async function deletePlugin(tx: Queryable, name: string): Promise<boolean> {
  return (await tx.query('delete from plugins where name = $1', [name])).rowCount === 1;
}

export async function readSetting(db: Queryable, name: string): Promise<Buffer | undefined> {
  return (await db.query<{ value: Buffer }>('select value from settings where name = $1', [name])).rows[0]?.value;
}

/** Writes a setting unless there is one; gives what is there afterwards. */
export async function initSetting(db: Queryable, name: string, value: Buffer, sealed: boolean): Promise<Buffer> {
  await db.query('insert into settings (name, value, sealed) values ($1, $2, $3) on conflict (name) do nothing', [
    name,
    value,
    sealed,
  ]);
  return (await readSetting(db, name)) ?? value;
}
