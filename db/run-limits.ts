/** How many commands run, of a connection and on an instance of an agent. A command runs from its consumption to its end. */
import { onlineClause } from './agents.ts';
import type { Queryable } from './pool.ts';

/**
 * Whoever would begin a run within the same limit waits until the transaction ends, so that what is counted after it
 * stays true. Names are locked in the order in which they are given.
 */
export async function lockLimits(tx: Queryable, names: string[]): Promise<void> {
  for (const name of names) await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7266))', [name]);
}

export async function countRunsOfConnection(db: Queryable, connectionId: string): Promise<number> {
  const found = await db.query<{ n: number }>(
    `select count(*)::int as n from sessions where connection_id = $1 and state = 'running'`,
    [connectionId],
  );
  return found.rows[0]?.n ?? 0;
}

export async function countRunsOfInstance(db: Queryable, instanceId: string): Promise<number> {
  const found = await db.query<{ n: number }>(
    `select count(*)::int as n from sessions s join runs r on r.session_id = s.id
     where s.state = 'running' and r.agent_instance_id = $1`,
    [instanceId],
  );
  return found.rows[0]?.n ?? 0;
}

/** Commands of the connection that may run at once; 0: no limit. */
export async function findMaxRuns(db: Queryable, connectionId: string): Promise<number> {
  const found = await db.query<{ maxRuns: number }>('select max_runs as "maxRuns" from connections where id = $1', [
    connectionId,
  ]);
  return found.rows[0]?.maxRuns ?? 0;
}

export interface AgentRoom {
  /** Commands at once, an instance; 0: no limit. */
  maxRuns: number;
  /** Instances that are connected. */
  online: number;
  /** Of those, the ones that take new work. */
  ready: number;
  /** Of those, the ones that run fewer commands than they may. */
  withRoom: number;
}

/** `butGateway`: leaves out what is connected there. */
export async function findAgentRoom(db: Queryable, agentName: string, butGateway?: string): Promise<AgentRoom> {
  const found = await db.query<AgentRoom>(
    `select a.max_runs as "maxRuns", count(i.id)::int as online, count(i.id) filter (where not i.draining)::int as ready,
       count(i.id) filter (where not i.draining and (a.max_runs = 0 or (
         select count(*) from sessions s join runs r on r.session_id = s.id
         where s.state = 'running' and r.agent_instance_id = i.id) < a.max_runs))::int as "withRoom"
     from agents a left join agent_instances i on i.agent_id = a.id and ${onlineClause}
       and ($2::uuid is null or i.gateway_id <> $2)
     where a.name = $1 group by a.id`,
    [agentName, butGateway ?? null],
  );
  return found.rows[0] ?? { maxRuns: 0, online: 0, ready: 0, withRoom: 0 };
}

/** Whether a limit of its connection or agent could let another begin once this session has ended. */
export async function isWithinLimits(db: Queryable, connectionId: string | null, agentName: string): Promise<boolean> {
  const found = await db.query(
    `select 1 where exists (select 1 from connections where id = $1 and max_runs > 0)
       or exists (select 1 from agents where name = $2 and max_runs > 0)`,
    [connectionId, agentName],
  );
  return found.rowCount === 1;
}

/** Sessions that run on each instance of an agent, the longest running first. */
export async function listRunsOfAgent(
  db: Queryable,
  agentId: string,
): Promise<{ instanceId: string; sessionId: string }[]> {
  const found = await db.query<{ instanceId: string; sessionId: string }>(
    `select r.agent_instance_id as "instanceId", s.id as "sessionId"
     from sessions s join runs r on r.session_id = s.id join agent_instances i on i.id = r.agent_instance_id
     where s.state = 'running' and i.agent_id = $1 order by r.consumed_at`,
    [agentId],
  );
  return found.rows;
}
