import { verifyAudit } from '#db/audit.ts';
import { requireAdmin, type Context } from './context.ts';

export interface AuditVerdict {
  ok: boolean;
  rows: number;
  /** The first row that does not follow from the one before it; absent when all do. */
  firstBroken?: number;
}

/** Walks the whole chain of the audit log. */
export async function verifyAuditLog(ctx: Context): Promise<AuditVerdict> {
  requireAdmin(ctx);
  const { ok, rows, firstBroken } = await verifyAudit(ctx.core.db);
  return firstBroken === null ? { ok, rows } : { ok, rows, firstBroken };
}
