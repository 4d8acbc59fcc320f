/** Table `slack_replicas`: how the Slack app fares on each replica of the gateway. */
import type { Queryable } from './pool.ts';

export type ReplicaState = 'connected' | 'connecting' | 'waiting' | 'error';

export interface SlackReplicaRow {
  gatewayId: string;
  /** Where its peers reach it. */
  address: string;
  pluginVersion: number;
  state: ReplicaState;
  openSockets: number;
  problem: string | null;
  problemAt: Date | null;
  since: Date;
}

export interface ReplicaReport {
  pluginVersion: number;
  state: ReplicaState;
  openSockets: number;
  problem: string | null;
}

/** `since` and `problemAt` stay while state and problem do. */
export async function writeSlackReplica(db: Queryable, gatewayId: string, report: ReplicaReport): Promise<void> {
  await db.query(
    `insert into slack_replicas as r (gateway_id, plugin_version, state, open_sockets, problem, problem_at)
     values ($1, $2, $3, $4, $5, case when $5::text is not null then now() end)
     on conflict (gateway_id) do update set plugin_version = excluded.plugin_version, state = excluded.state,
       open_sockets = excluded.open_sockets, problem = excluded.problem,
       problem_at = case when excluded.problem is not distinct from r.problem then r.problem_at else excluded.problem_at end,
       since = case when excluded.state = r.state then r.since else now() end`,
    [gatewayId, report.pluginVersion, report.state, report.openSockets, report.problem],
  );
}

export async function deleteSlackReplica(db: Queryable, gatewayId: string): Promise<void> {
  await db.query('delete from slack_replicas where gateway_id = $1', [gatewayId]);
}

/** Of gateways whose lease holds; the longest running first. */
export async function listSlackReplicas(db: Queryable): Promise<SlackReplicaRow[]> {
  return (
    await db.query<SlackReplicaRow>(
      `select r.gateway_id as "gatewayId", g.peer_url as address, r.plugin_version as "pluginVersion", r.state,
         r.open_sockets as "openSockets", r.problem, r.problem_at as "problemAt", r.since
       from slack_replicas r join gateways g on g.id = r.gateway_id
       where g.lease_until > now() order by g.started_at, g.id`,
    )
  ).rows;
}
