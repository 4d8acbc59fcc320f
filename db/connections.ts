/** Tables `connections` and `connection_plugins`. */
import type { Queryable } from './pool.ts';

export interface ConnectionPlugin {
  name: string;
  /** As the admin gave them. */
  channels: string[];
  channelIds: string[];
}

export interface ConnectionRow {
  id: string;
  name: string;
  version: number;
  /** Counts every change, `version` those of what reviewers approve. */
  revision: number;
  agentId: string;
  agentName: string;
  command: string[];
  /** Read with `policySchema`: missing or unreadable means that nothing runs. */
  policy: unknown;
  requireReason: boolean;
  envSealed: Buffer | null;
  envNames: string[];
  allowEnv: string[];
  tags: Record<string, string>;
  accessModes: string[];
  expireSeconds: number;
  maxRuntimeSeconds: number;
  maxOutputBytes: number;
  /** Of a grant of connect. */
  maxDurationSeconds: number;
  /** The user that commands run as; null: that of the agent. */
  runAs: string | null;
  /** Of standard input. */
  maxInputBytes: number;
  /** At once; 0: no limit. */
  maxRuns: number;
  /** Of a terminal: without input or output; 0: no limit. */
  idleSeconds: number;
  /** How long recordings are kept; 0: for ever. */
  keepDays: number;
  createdAt: Date;
  updatedAt: Date;
  plugins: ConnectionPlugin[];
}

const select = `select c.id, c.name, c.version, c.revision, c.agent_id as "agentId", a.name as "agentName", c.command, c.policy,
  c.require_reason as "requireReason", c.env_sealed as "envSealed", c.env_names as "envNames", c.allow_env as "allowEnv",
  c.tags, c.access_modes as "accessModes", c.expire_seconds as "expireSeconds",
  c.max_runtime_seconds as "maxRuntimeSeconds", c.max_output_bytes as "maxOutputBytes",
  c.max_duration_seconds as "maxDurationSeconds", c.run_as as "runAs", c.max_input_bytes as "maxInputBytes",
  c.max_runs as "maxRuns", c.idle_seconds as "idleSeconds", c.keep_days as "keepDays", c.created_at as "createdAt",
  c.updated_at as "updatedAt",
  coalesce((select jsonb_agg(jsonb_build_object('name', p.plugin, 'channels', p.channels, 'channelIds', p.channel_ids)
    order by p.plugin) from connection_plugins p where p.connection_id = c.id), '[]') as plugins
  from connections c join agents a on a.id = c.agent_id`;

export async function findConnection(db: Queryable, name: string): Promise<ConnectionRow | undefined> {
  return (await db.query<ConnectionRow>(`${select} where c.name = $1`, [name])).rows[0];
}

/** The connection as it is now, kept from changing until the transaction ends. */
export async function lockConnection(tx: Queryable, id: string): Promise<ConnectionRow | undefined> {
  return (await tx.query<ConnectionRow>(`${select} where c.id = $1 for share of c`, [id])).rows[0];
}

/** As `lockConnection`, for whoever is about to change it. */
export async function lockConnectionForChange(tx: Queryable, name: string): Promise<ConnectionRow | undefined> {
  return (await tx.query<ConnectionRow>(`${select} where c.name = $1 for update of c`, [name])).rows[0];
}

export async function listConnections(db: Queryable): Promise<ConnectionRow[]> {
  return (await db.query<ConnectionRow>(`${select} order by c.name`)).rows;
}

/** What can be written; `version` counts up when the caller says that something reviewers approve changed. */
export type ConnectionFields = Pick<
  ConnectionRow,
  | 'name'
  | 'agentId'
  | 'command'
  | 'policy'
  | 'requireReason'
  | 'envSealed'
  | 'envNames'
  | 'allowEnv'
  | 'tags'
  | 'accessModes'
  | 'expireSeconds'
  | 'maxRuntimeSeconds'
  | 'maxOutputBytes'
  | 'maxDurationSeconds'
  | 'runAs'
  | 'maxInputBytes'
  | 'maxRuns'
  | 'idleSeconds'
  | 'keepDays'
>;

const values = (c: ConnectionFields): unknown[] => [
  c.name,
  c.agentId,
  c.command,
  JSON.stringify(c.policy),
  c.requireReason,
  c.envSealed,
  c.envNames,
  c.allowEnv,
  JSON.stringify(c.tags),
  c.accessModes,
  c.expireSeconds,
  c.maxRuntimeSeconds,
  c.maxOutputBytes,
  c.maxDurationSeconds,
  c.runAs,
  c.maxInputBytes,
  c.maxRuns,
  c.idleSeconds,
  c.keepDays,
];

/** Gives the new id, or undefined when the name is taken. `id` is chosen by the caller: secrets are sealed for it. */
export async function insertConnection(tx: Queryable, id: string, fields: ConnectionFields): Promise<boolean> {
  const inserted = await tx.query(
    `insert into connections (name, agent_id, command, policy, require_reason, env_sealed, env_names, allow_env, tags,
       access_modes, expire_seconds, max_runtime_seconds, max_output_bytes, max_duration_seconds, run_as,
       max_input_bytes, max_runs, idle_seconds, keep_days, id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) on conflict (name) do nothing`,
    [...values(fields), id],
  );
  return inserted.rowCount === 1;
}

export async function updateConnection(
  tx: Queryable,
  id: string,
  fields: ConnectionFields,
  newVersion: boolean,
): Promise<void> {
  await tx.query(
    `update connections set name = $1, agent_id = $2, command = $3, policy = $4, require_reason = $5, env_sealed = $6,
       env_names = $7, allow_env = $8, tags = $9, access_modes = $10, expire_seconds = $11, max_runtime_seconds = $12,
       max_output_bytes = $13, max_duration_seconds = $14, run_as = $15, max_input_bytes = $16, max_runs = $17,
       idle_seconds = $18, keep_days = $19, version = version + $20, revision = revision + 1, updated_at = now() where id = $21`,
    [...values(fields), newVersion ? 1 : 0, id],
  );
}

export async function setConnectionPlugin(
  tx: Queryable,
  connectionId: string,
  plugin: ConnectionPlugin,
): Promise<void> {
  await tx.query(
    `insert into connection_plugins (connection_id, plugin, channels, channel_ids) values ($1, $2, $3, $4)
     on conflict (connection_id, plugin) do update set channels = excluded.channels, channel_ids = excluded.channel_ids`,
    [connectionId, plugin.name, plugin.channels, plugin.channelIds],
  );
}

export async function deleteConnection(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from connections where id = $1', [id]);
}

export async function clearConnectionPlugins(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from connection_plugins where connection_id = $1', [id]);
}
