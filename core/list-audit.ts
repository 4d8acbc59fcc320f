/** Rows of the audit log, for admins. */
import type { AuditFilterInput, ListAuditQuery } from '#shared/audit-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { audit, knownInAudit, lastAuditId, listAudit, type AuditFilter, type AuditRow } from '#db/audit.ts';
import type { Queryable } from '#db/pool.ts';
import { actorName, requireAdmin, type Context } from './context.ts';

/** What may stand before the name of an actor or a subject; people leave it out. */
const kinds = {
  actor: ['user', 'system', 'agent', 'slack'],
  subject: ['user', 'connection', 'agent', 'plugin', 'session', 'agent_instance', 'slack_link', 'token', 'cli_sign_in'],
} as const;

const rowsAtOnce = 1000;

/** Newest first. Throws `invalid_input` for a time that is none. */
export async function listAuditRows(ctx: Context, query: ListAuditQuery): Promise<AuditRow[]> {
  requireAdmin(ctx);
  const { limit, before, ...input } = query;
  const filter = await filterOf(ctx.core.db, input);
  if (filter === 'nothing') return [];
  return listAudit(ctx.core.db, { ...filter, order: 'newest', limit, ...(before !== undefined && { before }) });
}

/**
 * Oldest first, up to what is there now, a part at a time. That somebody took rows away is itself in the log. Throws
 * `invalid_input` before anything is given.
 */
export async function exportAuditRows(ctx: Context, input: AuditFilterInput): Promise<AsyncGenerator<AuditRow[]>> {
  requireAdmin(ctx);
  const { db } = ctx.core;
  const filter = await filterOf(db, input);
  const upTo = await lastAuditId(db);
  const details = { ...input, upTo };
  await audit(db, { actor: actorName(ctx.actor), action: 'audit.export', subject: 'audit', details });
  return filter === 'nothing' ? none() : pages(db, filter, upTo);
}

async function* pages(db: Queryable, filter: AuditFilter, upTo: number): AsyncGenerator<AuditRow[]> {
  for (let after = 0; ;) {
    const rows = await listAudit(db, { ...filter, order: 'oldest', after, before: upTo + 1, limit: rowsAtOnce });
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)?.id ?? upTo;
  }
}

async function* none(): AsyncGenerator<AuditRow[]> {}

async function filterOf(db: Queryable, input: AuditFilterInput): Promise<AuditFilter | 'nothing'> {
  const filter: AuditFilter = {};
  if (input.action) filter.action = input.action;
  if (input.since) filter.since = timeOf('since', input.since);
  if (input.until) filter.until = timeOf('until', input.until);
  if (input.actor) {
    filter.actors = await namesOf(db, 'actor', input.actor);
    if (filter.actors.length === 0) return 'nothing';
  }
  const session = input.subject && sessionsThatBegin(input.subject);
  if (session) filter.subjectsBetween = session;
  else if (input.subject) {
    filter.subjects = await namesOf(db, 'subject', input.subject);
    if (filter.subjects.length === 0) return 'nothing';
  }
  return filter;
}

/** `ann@example.com` is `user:ann@example.com`, if there is such a one. */
async function namesOf(db: Queryable, column: 'actor' | 'subject', text: string): Promise<string[]> {
  return knownInAudit(db, column, [text, ...kinds[column].map((kind) => `${kind}:${text}`)]);
}

/** Sessions are known by the first characters of their ids; those of one form sort alike in every collation. */
function sessionsThatBegin(text: string): [string, string] | undefined {
  const begins = /^(?:session:)?([0-9a-f]{8}[0-9a-f-]{0,27})$/.exec(text)?.[1];
  if (begins === undefined) return undefined;
  const fill = (digit: string): string => `session:${begins}${uuidShape.slice(begins.length).replaceAll('x', digit)}`;
  return [fill('0'), fill('f')];
}
const uuidShape = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

/** As Postgres reads it: rows have microseconds, which a Date would lose. */
function timeOf(field: string, text: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,6}Z$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new HoopError('invalid_input', `${field}: must be an ISO time, as in 2026-01-31T12:00:00Z.`);
}
