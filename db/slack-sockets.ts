/** Table `slack_sockets`: who may hold which of an app's ten Socket Mode connections. */
import type { Queryable } from './pool.ts';

const lockKey = 'hoop.slack_sockets';

/** One writer at a time until its transaction ends: two that count free slots would both take the last one. */
export async function lockSlackSockets(tx: Queryable): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtext($1))', [lockKey]);
}

/** Frees what gateways hold whose lease is over. Gives whether there was any. */
export async function freeExpiredSockets(tx: Queryable, appId: string): Promise<boolean> {
  const freed = await tx.query(
    `delete from slack_sockets s using gateways g
     where s.app_id = $1 and g.id = s.gateway_id and g.lease_until <= now()`,
    [appId],
  );
  return (freed.rowCount ?? 0) > 0;
}

export async function takenSlots(db: Queryable, appId: string): Promise<{ slot: number; gatewayId: string }[]> {
  const found = await db.query<{ slot: number; gatewayId: string }>(
    'select slot, gateway_id as "gatewayId" from slack_sockets where app_id = $1 order by slot',
    [appId],
  );
  return found.rows;
}

/** Only a gateway whose lease holds gets slots. Gives whether it did. */
export async function insertSockets(
  tx: Queryable,
  appId: string,
  gatewayId: string,
  slots: readonly number[],
): Promise<boolean> {
  const inserted = await tx.query(
    `insert into slack_sockets (app_id, slot, gateway_id)
     select $1, slot, g.id from gateways g, unnest($3::smallint[]) as slot where g.id = $2 and g.lease_until > now()`,
    [appId, gatewayId, slots],
  );
  return inserted.rowCount === slots.length;
}

/** Those of the slots that the gateway still held. */
export async function deleteSockets(
  tx: Queryable,
  appId: string,
  gatewayId: string,
  slots: readonly number[],
): Promise<boolean> {
  const deleted = await tx.query(
    'delete from slack_sockets where app_id = $1 and gateway_id = $2 and slot = any($3::smallint[])',
    [appId, gatewayId, slots],
  );
  return (deleted.rowCount ?? 0) > 0;
}

/** Milliseconds until the first lease of a gateway ends that holds a socket of the app; null when none does. */
export async function msToNextLeaseEnd(db: Queryable, appId: string): Promise<number | null> {
  const found = await db.query<{ ms: number | null }>(
    `select (extract(epoch from min(g.lease_until) - now()) * 1000)::float8 as ms
     from slack_sockets s join gateways g on g.id = s.gateway_id where s.app_id = $1`,
    [appId],
  );
  return found.rows[0]?.ms ?? null;
}
