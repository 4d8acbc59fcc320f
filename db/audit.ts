/** Table `audit_log`: written in the transaction of what it reports. */
import { escapeLike, type Queryable } from './pool.ts';

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

export interface AuditRow {
  id: number;
  /** ISO time with microseconds, as it is hashed. */
  at: string;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
  hash: string;
}

export interface AuditFilter {
  /** One of these. */
  actors?: string[];
  /** How it begins. */
  action?: string;
  /** One of these. */
  subjects?: string[];
  /** A subject from the first to the second, in the order of text. */
  subjectsBetween?: [string, string];
  /** ISO time. */
  since?: string;
  until?: string;
}

export interface AuditPage extends AuditFilter {
  /** Only rows older than it. */
  before?: number;
  /** Only rows newer than it. */
  after?: number;
  order: 'newest' | 'oldest';
  limit: number;
}

/**
 * Numbers follow one another in time, but for clocks that were set: where a time is asked for, the walk begins near it
 * in place of at the newest row.
 */
const slack = `interval '1 hour'`;

/** Each condition is there only when it is asked for, so that the index which fits is found whatever the others are. */
export async function listAudit(db: Queryable, page: AuditPage): Promise<AuditRow[]> {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const add = (value: unknown, condition: (placeholder: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  // of one value the index gives the rows in order
  const addAny = (column: string, any: string[] | undefined): void =>
    any?.length === 1 ? add(any[0], (p) => `${column} = ${p}`) : add(any, (p) => `${column} = any(${p})`);
  addAny('actor', page.actors);
  addAny('subject', page.subjects);
  add(page.subjectsBetween?.[0], (p) => `subject >= ${p}`);
  add(page.subjectsBetween?.[1], (p) => `subject <= ${p}`);
  add(page.action === undefined ? undefined : `${escapeLike(page.action)}%`, (p) => `action like ${p}`);
  add(
    page.since,
    (p) =>
      `at >= ${p}::timestamptz and id >= (select id from audit_log where at >= ${p}::timestamptz - ${slack} order by at limit 1)`,
  );
  add(
    page.until,
    (p) =>
      `at < ${p}::timestamptz and id <= (select id from audit_log where at < ${p}::timestamptz + ${slack} order by at desc limit 1)`,
  );
  add(page.before, (p) => `id < ${p}`);
  add(page.after, (p) => `id > ${p}`);
  values.push(page.limit);
  const found = await db.query<AuditRow>(
    `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, actor, action, subject, details, hash
     from audit_log ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by id ${page.order === 'newest' ? 'desc' : 'asc'} limit $${values.length}`,
    values,
  );
  return found.rows;
}

/** Of these names those that the log has at all. */
export async function knownInAudit(db: Queryable, column: 'actor' | 'subject', names: string[]): Promise<string[]> {
  const found = await db.query<{ name: string }>(
    `select name from unnest($1::text[]) as n(name) where exists (select 1 from audit_log a where a.${column} = n.name)`,
    [names],
  );
  return found.rows.map(({ name }) => name);
}

/** Number of the newest row; 0: there is none. */
export async function lastAuditId(db: Queryable): Promise<number> {
  return (await db.query<{ id: number }>('select coalesce(max(id), 0) as id from audit_log')).rows[0]?.id ?? 0;
}

export interface ChainPart {
  rows: number;
  lastId: number;
  lastHash: string;
  /** Number of the first row that does not follow from the one before it. */
  firstBroken: number | null;
  problem: 'missing' | 'changed' | 'unlinked' | null;
}

/** Checks the rows that follow one, up to `upTo` and at most `limit`; undefined when there are none. */
export async function checkChain(
  db: Queryable,
  { after, upTo, limit }: { after: { id: number; hash: string }; upTo: number; limit: number },
): Promise<ChainPart | undefined> {
  const found = await db.query<ChainPart>(
    `with chain as (
       select id, hash, case
         when id <> coalesce(lag(id) over w, $1::bigint) + 1 then 'missing'
         when hash <> audit_hash(previous_hash, at, actor, action, subject, details) then 'changed'
         when previous_hash <> coalesce(lag(hash) over w, $2) then 'unlinked' end as problem
       from (select * from audit_log where id > $1 and id <= $3 order by id limit $4) part window w as (order by id))
     select count(*) as rows, max(id) as "lastId", (array_agg(hash order by id desc))[1] as "lastHash",
       min(id) filter (where problem is not null) as "firstBroken",
       (array_agg(problem order by id) filter (where problem is not null))[1] as problem
     from chain having count(*) > 0`,
    [after.id, after.hash, upTo, limit],
  );
  return found.rows[0];
}
