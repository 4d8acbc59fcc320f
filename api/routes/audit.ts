import { once } from 'node:events';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import {
  auditCheck,
  auditFilter,
  auditRow,
  auditVerdict,
  listAuditQuery,
  type AuditCheckLine,
} from '#shared/audit-schemas.ts';
import { exportAuditRows, listAuditRows } from '#core/list-audit.ts';
import { lastAuditCheck, verifyAuditLog } from '#core/verify-audit.ts';
import { isFromOtherPage, originRefused, type Identity } from '../auth.ts';
import { toHoopError } from '../errors.ts';
import { userRoute } from '../route.ts';

const tag = 'Audit log';
const ndjson = 'application/x-ndjson';

export const auditRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.audit,
      tag,
      summary: 'Rows of the audit log, newest first; for admins',
      query: listAuditQuery,
      answer: z.array(auditRow),
    },
    async ({ ctx, query }) => ({ body: await listAuditRows(ctx, query) }),
  ),
  userRoute(
    {
      method: 'get',
      path: paths.auditExport,
      tag,
      summary: 'Rows of the audit log, oldest first, one JSON object a line; for admins',
      query: auditFilter,
      answer: z.string(),
      contentType: ndjson,
    },
    async ({ ctx, query, identity, req, res }) => {
      refuseOtherPages(identity, req);
      const pages = await exportAuditRows(ctx, query);
      const day = ctx.core.now().toISOString().slice(0, 10);
      res.writeHead(200, {
        'Content-Type': ndjson,
        'Content-Disposition': `attachment; filename="hoop-audit-${day}.ndjson"`,
      });
      const closed = closedSignal(res);
      for await (const rows of pages) {
        if (closed.aborted) return {};
        const room = res.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
        if (!room) await once(res, 'drain', { signal: closed }).catch(() => undefined);
      }
      res.end();
      return {};
    },
  ),
  userRoute(
    {
      method: 'get',
      path: paths.auditVerify,
      tag,
      summary: 'Walk the chain of the audit log; for admins',
      answer: auditVerdict,
    },
    async ({ ctx, identity, req, res }) => {
      refuseOtherPages(identity, req);
      const signal = closedSignal(res);
      try {
        return { body: await verifyAuditLog(ctx, { signal }) };
      } catch (error) {
        if (signal.aborted) return {};
        throw error;
      }
    },
  ),
  userRoute(
    {
      method: 'get',
      path: paths.auditChecks,
      tag,
      summary: 'Who walked the chain last, and what came of it; for admins',
      answer: auditCheck,
    },
    async ({ ctx }) => ({ body: await lastAuditCheck(ctx) }),
  ),
  userRoute(
    {
      method: 'post',
      path: paths.auditChecks,
      tag,
      summary: 'Walk the chain and tell how far it is, one JSON object a line; the last has the verdict. For admins',
      answer: z.string(),
      contentType: ndjson,
    },
    async ({ ctx, core, res }) => {
      const say = (line: AuditCheckLine): void => {
        // refusals come before the first line, as of every other route
        if (!res.headersSent) res.writeHead(200, { 'Content-Type': ndjson, 'X-Accel-Buffering': 'no' });
        res.write(`${JSON.stringify(line)}\n`);
      };
      const signal = closedSignal(res);
      try {
        const onProgress = (rows: number, of: number): void => say({ kind: 'progress', rows, of });
        say({ kind: 'verdict', verdict: await verifyAuditLog(ctx, { onProgress, signal }) });
      } catch (error) {
        if (!res.headersSent) throw error;
        if (!signal.aborted) core.log.error({ err: error }, 'the audit log could not be verified');
        say({ kind: 'failed', message: toHoopError(error).message });
      }
      res.end();
      return {};
    },
  ),
];

/** These write into the log who asked, so a link or picture of another site must not ask for the admin who meets it. */
function refuseOtherPages(identity: Identity, req: Request): void {
  if (identity.by === 'cookie' && isFromOtherPage(req)) throw originRefused(identity.ctx.core.publicUrl);
}

/** Aborted once nobody reads the answer any more. */
function closedSignal(res: Response): AbortSignal {
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  return closed.signal;
}
