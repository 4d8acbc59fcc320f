/** Tables `agents`, `agent_instances` and `gateways`. */
import type { Queryable } from './pool.ts';

export interface AgentRow {
  id: string;
  name: string;
  /** Commands at once, an instance; 0: no limit. */
  maxRuns: number;
  createdAt: Date;
  connections: string[];
}

/** Connected means: by a gateway whose lease holds. */
export const onlineClause = `i.gateway_id is not null and exists (
  select 1 from gateways g where g.id = i.gateway_id and g.lease_until > now())`;

const select = `select a.id, a.name, a.max_runs as "maxRuns", a.created_at as "createdAt",
  coalesce((select array_agg(c.name order by c.name) from connections c where c.agent_id = a.id), '{}') as connections
  from agents a`;

export async function findAgent(db: Queryable, name: string): Promise<AgentRow | undefined> {
  return (await db.query<AgentRow>(`${select} where a.name = $1`, [name])).rows[0];
}

export async function findAgentByTokenHash(db: Queryable, hash: string): Promise<AgentRow | undefined> {
  return (await db.query<AgentRow>(`${select} where a.token_hash = $1`, [hash])).rows[0];
}

export async function listAgents(db: Queryable): Promise<AgentRow[]> {
  return (await db.query<AgentRow>(`${select} order by a.name`)).rows;
}

export async function insertAgent(tx: Queryable, name: string, tokenHash: string): Promise<boolean> {
  const inserted = await tx.query(
    'insert into agents (name, token_hash) values ($1, $2) on conflict (name) do nothing',
    [name, tokenHash],
  );
  return inserted.rowCount === 1;
}

export async function setAgentToken(tx: Queryable, id: string, tokenHash: string): Promise<void> {
  await tx.query('update agents set token_hash = $2 where id = $1', [id, tokenHash]);
}

export async function setAgentMaxRuns(tx: Queryable, name: string, maxRuns: number): Promise<void> {
  await tx.query('update agents set max_runs = $2 where name = $1', [name, maxRuns]);
}

export async function deleteAgent(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from agents where id = $1', [id]);
}

/** Sessions of the agent that have no end yet. */
export async function countOpenSessions(db: Queryable, agentName: string): Promise<number> {
  const found = await db.query<{ n: number }>(
    'select count(*) as n from sessions where agent_name = $1 and ended_at is null',
    [agentName],
  );
  return found.rows[0]?.n ?? 0;
}

export interface AgentInstanceRow {
  id: string;
  agentId: string;
  agentName: string;
  journalId: string;
  hostname: string;
  version: string;
  epoch: number;
  online: boolean;
  /** Of the gateway that it is connected to. */
  gateway: string | null;
  /** It takes no new work. */
  draining: boolean;
  labels: Record<string, string>;
  /** Of its line, measured by the gateway; null: not yet. */
  roundTripMs: number | null;
  connectedAt: Date | null;
  lastSeenAt: Date | null;
}

const instanceSelect = `select i.id, i.agent_id as "agentId", a.name as "agentName", i.journal_id as "journalId", i.hostname,
  i.version, i.epoch, ${onlineClause} as online, i.draining, i.labels, i.round_trip_ms as "roundTripMs",
  (select g.peer_url from gateways g where g.id = i.gateway_id) as gateway, i.connected_at as "connectedAt", i.last_seen_at as "lastSeenAt"
  from agent_instances i join agents a on a.id = i.agent_id`;

export async function findInstanceByKey(db: Queryable, publicKey: string): Promise<AgentInstanceRow | undefined> {
  return (await db.query<AgentInstanceRow>(`${instanceSelect} where i.public_key = $1`, [publicKey])).rows[0];
}

export async function listInstances(db: Queryable, agentId: string): Promise<AgentInstanceRow[]> {
  return (
    await db.query<AgentInstanceRow>(
      `${instanceSelect} where i.agent_id = $1 order by i.connected_at desc nulls last`,
      [agentId],
    )
  ).rows;
}

export async function insertInstance(
  tx: Queryable,
  agentId: string,
  publicKey: string,
  journalId: string,
): Promise<string> {
  const inserted = await tx.query<{ id: string }>(
    'insert into agent_instances (agent_id, public_key, journal_id) values ($1, $2, $3) returning id',
    [agentId, publicKey, journalId],
  );
  const row = inserted.rows[0];
  if (!row) throw new Error('an agent instance was inserted and not returned');
  return row.id;
}

/** A new connection of an instance: its epoch counts up, which fences whoever held it before. Gives the epoch. */
export async function connectInstance(
  db: Queryable,
  instance: Pick<AgentInstanceRow, 'id' | 'journalId' | 'hostname' | 'version' | 'labels'> & { gatewayId: string },
): Promise<number> {
  const updated = await db.query<{ epoch: number }>(
    `update agent_instances set epoch = epoch + 1, gateway_id = $2, journal_id = $3, hostname = $4, version = $5,
       labels = $6, draining = false, round_trip_ms = null, connected_at = now(), last_seen_at = now()
     where id = $1 returning epoch`,
    [
      instance.id,
      instance.gatewayId,
      instance.journalId,
      instance.hostname,
      instance.version,
      JSON.stringify(instance.labels),
    ],
  );
  return updated.rows[0]?.epoch ?? 0;
}

/** Whether this is still the instance's connection; it stays so until the transaction ends. */
export async function holdsEpoch(tx: Queryable, instanceId: string, epoch: number): Promise<boolean> {
  const found = await tx.query('select 1 from agent_instances where id = $1 and epoch = $2 for share', [
    instanceId,
    epoch,
  ]);
  return found.rowCount === 1;
}

/** Of these connections of the gateway those whose instance has connected elsewhere since, or was deleted. */
export async function listOutdatedInstances(
  db: Queryable,
  gatewayId: string,
  connections: { instanceId: string; epoch: number }[],
): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select here.id from unnest($1::uuid[], $2::bigint[]) here(id, epoch) left join agent_instances i on i.id = here.id
     where i.id is null or (i.epoch > here.epoch and i.gateway_id is distinct from $3)`,
    [connections.map(({ instanceId }) => instanceId), connections.map(({ epoch }) => epoch), gatewayId],
  );
  return found.rows.map(({ id }) => id);
}

/** Only the connection of that epoch may say so. */
export async function setDraining(db: Queryable, id: string, epoch: number): Promise<void> {
  await db.query('update agent_instances set draining = true where id = $1 and epoch = $2', [id, epoch]);
}

/** What was measured of lines, in one statement. */
export async function saveRoundTrips(
  db: Queryable,
  lines: { instanceId: string; epoch: number; roundTripMs: number }[],
): Promise<void> {
  if (lines.length === 0) return;
  await db.query(
    `update agent_instances i set round_trip_ms = m.ms, last_seen_at = now()
     from unnest($1::uuid[], $2::bigint[], $3::real[]) as m(id, epoch, ms) where i.id = m.id and i.epoch = m.epoch`,
    [lines.map((line) => line.instanceId), lines.map((line) => line.epoch), lines.map((line) => line.roundTripMs)],
  );
}

/** Only the connection of that epoch may say that the instance went. */
export async function disconnectInstance(db: Queryable, id: string, epoch: number): Promise<void> {
  await db.query('update agent_instances set gateway_id = null, last_seen_at = now() where id = $1 and epoch = $2', [
    id,
    epoch,
  ]);
}

export async function isAgentOnline(db: Queryable, agentName: string): Promise<boolean> {
  const found = await db.query<{ online: boolean }>(
    `select exists (select 1 from agent_instances i join agents a on a.id = i.agent_id where a.name = $1 and ${onlineClause}) as online`,
    [agentName],
  );
  return found.rows[0]?.online === true;
}

export async function listOnlineAgents(db: Queryable): Promise<string[]> {
  const found = await db.query<{ name: string }>(
    `select distinct a.name from agent_instances i join agents a on a.id = i.agent_id where ${onlineClause}`,
  );
  return found.rows.map((row) => row.name);
}

/** Takes or renews a gateway's lease, and drops those long over. */
export async function renewGatewayLease(
  db: Queryable,
  id: string,
  peerUrl: string,
  seconds: number,
  about: { version: string; host: string } | null = null,
): Promise<void> {
  await db.query(
    `insert into gateways (id, peer_url, lease_until, version, host) values ($1, $2, now() + $3 * interval '1 second', $4, $5)
     on conflict (id) do update set lease_until = excluded.lease_until`,
    [id, peerUrl, seconds, about?.version ?? null, about?.host ?? null],
  );
  await db.query(
    `with dead as (delete from gateways where lease_until < now() - interval '1 hour' returning id, lease_until)
     update agent_instances i set gateway_id = null, last_seen_at = dead.lease_until from dead where i.gateway_id = dead.id`,
  );
}

export async function dropGatewayLease(db: Queryable, id: string): Promise<void> {
  await db.query('update agent_instances set gateway_id = null, last_seen_at = now() where gateway_id = $1', [id]);
  await db.query('delete from gateways where id = $1', [id]);
}

export interface RunPlace {
  sessionId: string;
  gatewayId: string;
  /** Where other gateways reach that one. */
  peerUrl: string;
}

/** Which gateways hold the agents of runs that are not over; runs whose agent is away are left out. */
export async function findRunPlaces(db: Queryable, sessionIds: string[]): Promise<RunPlace[]> {
  const found = await db.query<RunPlace>(
    `select r.session_id as "sessionId", g.id as "gatewayId", g.peer_url as "peerUrl"
     from runs r join agent_instances i on i.id = r.agent_instance_id
       join gateways g on g.id = i.gateway_id and g.lease_until > now()
     where r.session_id = any($1) and r.exited is null`,
    [sessionIds],
  );
  return found.rows;
}
