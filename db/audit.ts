/** Table `audit_log`: written in the transaction of what it reports. */
import type { Queryable } from './pool.ts';

export interface AuditEntry {
  /** e.g. `user:ann@example.com`, `system:sweep`. */
  actor: string;
  /** e.g. `session.create`. */
  action: string;
  /** e.g. `session:<id>`. */
  subject: string;
  /** Never a secret, a script or output. */
  details?: Record<string, unknown>;
}

export async function audit(tx: Queryable, entry: AuditEntry): Promise<void> {
  await tx.query('insert into audit_log (actor, action, subject, details) values ($1, $2, $3, $4)', [
    entry.actor,
    entry.action,
    entry.subject,
    JSON.stringify(entry.details ?? {}),
  ]);
}

export interface AuditCheck {
  ok: boolean;
  rows: number;
  /** Id of the first row that does not follow from the one before it. */
  firstBroken: number | null;
}

/** Walks the whole chain in the database. */
export async function verifyAudit(db: Queryable): Promise<AuditCheck> {
  const found = await db.query<{ rows: number; firstBroken: number | null }>(
    `with chain as (
       select id, hash = audit_hash(previous_hash, at, actor, action, subject, details)
         and previous_hash = coalesce(lag(hash) over w, '') and id = coalesce(lag(id) over w, 0) + 1 as good
       from audit_log window w as (order by id))
     select count(*) as rows, min(id) filter (where not good) as "firstBroken" from chain`,
  );
  const row = found.rows[0];
  return { ok: row?.firstBroken === null, rows: row?.rows ?? 0, firstBroken: row?.firstBroken ?? null };
}
