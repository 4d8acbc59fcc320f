/** Figures of the whole database, for the health page. Each is one statement that an index or a catalogue answers. */
import type { Queryable } from './pool.ts';

export interface GatewayRow {
  id: string;
  address: string;
  /** Null: of a release that did not say. */
  version: string | null;
  host: string | null;
  startedAt: Date;
  leaseUntil: Date;
  /** Its lease holds. */
  alive: boolean;
  /** Lines of agents that it holds. */
  agents: number;
  slackSockets: number;
}

/** The longest running first; those that went without stopping are there for an hour. */
export async function listGateways(db: Queryable): Promise<GatewayRow[]> {
  const found = await db.query<GatewayRow>(
    `select g.id, g.peer_url as address, g.version, g.host, g.started_at as "startedAt", g.lease_until as "leaseUntil",
       g.lease_until > now() as alive,
       (select count(*) from agent_instances i where i.gateway_id = g.id) as agents,
       coalesce((select r.open_sockets from slack_replicas r where r.gateway_id = g.id), 0) as "slackSockets"
     from gateways g order by g.started_at, g.id`,
  );
  return found.rows;
}

export interface PostgresFacts {
  version: string;
  database: string;
  bytes: number;
  connections: number;
  maxConnections: number;
}

export async function postgresFacts(db: Queryable): Promise<PostgresFacts> {
  const found = await db.query<PostgresFacts>(
    `select current_setting('server_version') as version, current_database() as database,
       pg_database_size(current_database()) as bytes,
       (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
       current_setting('max_connections')::int as "maxConnections"`,
  );
  return found.rows[0] as PostgresFacts;
}

export interface StateCount {
  state: string;
  count: number;
}

/** Sessions that are not over, and those that ended within so many hours, by state. */
export async function countSessions(
  db: Queryable,
  hours: number,
): Promise<{ open: StateCount[]; ended: StateCount[] }> {
  const open = db.query<StateCount>(
    'select state, count(*) as count from sessions where ended_at is null group by state',
  );
  const ended = db.query<StateCount>(
    `select state, count(*) as count from sessions where ended_at > now() - $1 * interval '1 hour' group by state`,
    [hours],
  );
  return { open: (await open).rows, ended: (await ended).rows };
}

/** Commands that have waited in the state queued for so long while no instance of their agent is online, by agent. */
export async function countQueuedForAbsent(
  db: Queryable,
  minutes: number,
): Promise<{ agent: string; count: number; since: Date }[]> {
  const found = await db.query<{ agent: string; count: number; since: Date }>(
    `select s.agent_name as agent, count(*) as count, min(s.state_since) as since from sessions s
     where s.ended_at is null and s.state = 'queued' and s.state_since < now() - $1 * interval '1 minute'
       and not exists (select 1 from agents a join agent_instances i on i.agent_id = a.id
         join gateways g on g.id = i.gateway_id and g.lease_until > now() where a.name = s.agent_name)
     group by s.agent_name order by min(s.state_since) limit 20`,
    [minutes],
  );
  return found.rows;
}

/** Sessions whose output Postgres did not take within so many days, as its disk was full; the newest first. */
export async function countCutRecordings(
  db: Queryable,
  days: number,
  message: string,
): Promise<{ count: number; last: Date | null }> {
  const found = await db.query<{ count: number; last: Date | null }>(
    `select count(*) as count, max(ended_at) as last from sessions
     where ended_at > now() - $1 * interval '1 day' and state = 'failed' and strpos(end_message, $2) > 0`,
    [days, message],
  );
  return found.rows[0] ?? { count: 0, last: null };
}

export interface RecordingFacts {
  bytes: number;
  /** Sessions whose recording is marked as removed and has rows left. */
  leaving: number;
  keptForEver: number;
  keptForDays: number;
  shortestDays: number | null;
}

export async function recordingFacts(db: Queryable): Promise<RecordingFacts> {
  const found = await db.query<RecordingFacts>(
    `select pg_total_relation_size('session_output') as bytes,
       (select count(*) from sessions where recording_rows_left) as leaving,
       count(*) filter (where keep_days = 0) as "keptForEver", count(*) filter (where keep_days > 0) as "keptForDays",
       min(keep_days) filter (where keep_days > 0) as "shortestDays" from connections`,
  );
  return found.rows[0] as RecordingFacts;
}

/** Calls to Slack that wait for their turn, and since when the oldest should have gone. */
export async function slackTurnFacts(db: Queryable): Promise<{ waiting: number; lateMs: number }> {
  const found = await db.query<{ waiting: number; lateMs: number }>(
    `select count(*) as waiting, greatest(0, extract(epoch from now() - min(at)) * 1000)::float8 as "lateMs" from slack_turns
     where at > now() - interval '1 hour'`,
  );
  return { waiting: found.rows[0]?.waiting ?? 0, lateMs: found.rows[0]?.lateMs ?? 0 };
}

export interface AgentHealthRow {
  name: string;
  connections: number;
  instances: { hostname: string; version: string; online: boolean }[];
  lastSeenAt: Date | null;
}

export async function listAgentHealth(db: Queryable): Promise<AgentHealthRow[]> {
  const found = await db.query<AgentHealthRow>(
    `select a.name, (select count(*) from connections c where c.agent_id = a.id) as connections,
       max(i.last_seen_at) as "lastSeenAt",
       coalesce(jsonb_agg(jsonb_build_object('hostname', i.hostname, 'version', i.version, 'online', i.gateway_id is not null
         and exists (select 1 from gateways g where g.id = i.gateway_id and g.lease_until > now())))
         filter (where i.id is not null), '[]') as instances
     from agents a left join agent_instances i on i.agent_id = a.id group by a.id order by a.name`,
  );
  return found.rows;
}
