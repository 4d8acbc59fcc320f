/** Grants of connect: rows of `sessions` of that kind, and what runs under them. */
import type { Queryable } from './pool.ts';

export async function isGrantActive(db: Queryable, grantId: string): Promise<boolean> {
  const found = await db.query(`select 1 from sessions where id = $1 and state = 'active'`, [grantId]);
  return found.rowCount === 1;
}

/** Those of the grants that are active. */
export async function listActiveGrants(db: Queryable, grantIds: string[]): Promise<string[]> {
  const found = await db.query<{ id: string }>(`select id from sessions where id = any($1) and state = 'active'`, [
    grantIds,
  ]);
  return found.rows.map(({ id }) => id);
}

/** Makes an approved grant active; the caller holds the session's lock. */
export async function activate(tx: Queryable, id: string, until: Date): Promise<void> {
  await tx.query(
    `update sessions set state = 'active', state_since = now(), started_at = now(), active_until = $2, revision = revision + 1
     where id = $1`,
    [id, until],
  );
}

/** Moves the end of an active grant; the caller holds its lock. */
export async function extend(tx: Queryable, id: string, until: Date): Promise<void> {
  await tx.query('update sessions set active_until = $2, revision = revision + 1 where id = $1', [id, until]);
}

/** Ids of the commands under a grant that have no end yet. */
export async function listOpenUnder(db: Queryable, grantId: string): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select id from sessions where grant_id = $1 and kind = 'exec' and ended_at is null order by id`,
    [grantId],
  );
  return found.rows.map(({ id }) => id);
}
