/** The audit log as the API gives it. */
import { z } from 'zod';
import { limits } from './api-paths.ts';

/** Which rows: the same for the list and the export. */
export const auditFilter = z.object({
  actor: z
    .string()
    .trim()
    .max(300)
    .optional()
    .describe('Who did it: user:ann@example.com, system:sweep; ann@example.com is enough'),
  action: z.string().trim().max(100).optional().describe('What was done, or how that begins: session, session.create'),
  subject: z
    .string()
    .trim()
    .max(300)
    .optional()
    .describe('What it was done to: session:<id> or its first 8 characters, connection:bash, bash, ann@example.com'),
  since: z.string().max(64).optional().describe('ISO time: rows of then or later'),
  until: z.string().max(64).optional().describe('ISO time: rows before it'),
});
export type AuditFilterInput = z.infer<typeof auditFilter>;

export const listAuditQuery = auditFilter.extend({
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(50),
  before: z.coerce.number().int().min(1).optional().describe('Number of a row: those older than it'),
});
export type ListAuditQuery = z.infer<typeof listAuditQuery>;

export const auditRow = z.object({
  id: z.number().int().describe('Numbers have no gaps'),
  at: z.string().describe('ISO time with microseconds'),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  hash: z.string().describe('SHA-256 over the row and the hash of the row before it'),
});
export type AuditRow = z.infer<typeof auditRow>;

/** What can be wrong with a row; `auditProblemText` says what each means. */
export const auditProblems = ['missing', 'changed', 'unlinked'] as const;
export type AuditProblem = (typeof auditProblems)[number];

export const auditVerdict = z.object({
  ok: z.boolean(),
  rows: z.number().int().describe('Rows that were read: all, or those up to the first broken one'),
  firstBroken: z.number().int().optional().describe('The first row that does not follow from the one before it'),
  problem: z
    .enum(auditProblems)
    .optional()
    .describe(
      'missing: rows before it are gone; changed: it is not what was written; unlinked: the one before it is another',
    ),
});
export type AuditVerdict = z.infer<typeof auditVerdict>;

/** Who verified the log last, and what came of it. */
export const auditCheck = z.object({
  last: auditVerdict.extend({ at: z.string(), by: z.string() }).nullable().describe('Null: nobody has yet'),
});
export type AuditCheck = z.infer<typeof auditCheck>;

/** A line of `POST /api/audit/checks`. */
export const auditCheckLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), rows: z.number().int(), of: z.number().int() }),
  z.object({ kind: z.literal('verdict'), verdict: auditVerdict }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
export type AuditCheckLine = z.infer<typeof auditCheckLine>;

/** What it means, in a sentence after "row N". */
export function auditProblemText(row: number, problem: AuditProblem | undefined): string {
  switch (problem) {
    case 'missing':
      return `The row before it is not row ${row - 1}: one or more rows were deleted.`;
    case 'changed':
      return 'What it says is not what was written: its time, actor, action, subject or details were changed.';
    case 'unlinked':
      return `It was written after another row ${row - 1} than the one that is there now: that one was replaced.`;
    default:
      return 'It does not follow from the row before it.';
  }
}
