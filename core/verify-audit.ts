/**
 * Walks the whole chain of the audit log, a part at a time: no statement is long, and no more than a part is in memory
 * anywhere. Who verified, and what came of it, is a row of the log itself.
 */
import type { AuditCheck, AuditVerdict } from '#shared/audit-schemas.ts';
import { auditProblems } from '#shared/audit-schemas.ts';
import { audit, checkChain, lastAuditId, listAudit } from '#db/audit.ts';
import { actorName, requireAdmin, type Context } from './context.ts';

/** About a tenth of a second of Postgres. */
const rowsAtOnce = 5000;
const action = 'audit.verify';

export interface VerifyAudit {
  /** Called after each part. */
  onProgress?: (rows: number, of: number) => void;
  /** An abort ends the walk between two parts, and nothing is noted. */
  signal?: AbortSignal;
}

/** Up to the row that was the newest when it began; ends at the first that is broken. */
export async function verifyAuditLog(ctx: Context, { onProgress, signal }: VerifyAudit = {}): Promise<AuditVerdict> {
  requireAdmin(ctx);
  const { db } = ctx.core;
  const upTo = await lastAuditId(db);
  let rows = 0;
  let after = { id: 0, hash: '' };
  let broken: Pick<AuditVerdict, 'firstBroken' | 'problem'> | undefined;
  while (!broken) {
    signal?.throwIfAborted();
    const part = await checkChain(db, { after, upTo, limit: rowsAtOnce });
    if (!part) break;
    if (part.firstBroken !== null && part.problem !== null) {
      broken = { firstBroken: part.firstBroken, problem: part.problem };
    }
    rows += part.rows;
    after = { id: part.lastId, hash: part.lastHash };
    onProgress?.(rows, upTo);
  }
  const verdict = { ok: !broken, rows, ...broken };
  await audit(db, { actor: actorName(ctx.actor), action, subject: 'audit', details: { ...verdict } });
  return verdict;
}

/** What the last verification said, as the log has it. */
export async function lastAuditCheck(ctx: Context): Promise<AuditCheck> {
  requireAdmin(ctx);
  const [row] = await listAudit(ctx.core.db, { action, order: 'newest', limit: 1 });
  if (!row) return { last: null };
  const { ok, rows, firstBroken, problem } = row.details;
  return {
    last: {
      at: row.at,
      by: row.actor,
      ok: ok === true,
      rows: Number(rows),
      ...(typeof firstBroken === 'number' && { firstBroken }),
      ...(auditProblems.some((known) => known === problem) && { problem: problem as AuditVerdict['problem'] }),
    },
  };
}
