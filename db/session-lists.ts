/** Lists of `sessions`, filtered. */
import type { SessionKind, SessionState } from '#shared/session-states.ts';
import type { Queryable } from './pool.ts';
import { fromSessions, sessionColumns, type SessionRow } from './sessions.ts';
import { waitsFor } from './waiting-reviews.ts';

export interface SessionFilter {
  states?: readonly SessionState[];
  connection?: string;
  kind?: SessionKind;
  /** Under that grant, or extending it. */
  grantId?: string;
  requesterId?: string;
  /** Sessions of these people, or under review by these groups; undefined: all. */
  visibleTo?: { userId: string; groups: string[] };
  /** Created then or later. */
  since?: Date;
  /** Created before it. */
  until?: Date;
  /** Id of a session: only what follows it in the order of the list. */
  after?: string;
  /** What the id begins with, at least 8 characters. */
  idBegins?: string;
  /** Only sessions that somebody has to review. */
  reviewed?: boolean;
  /** What this person has still to decide comes first, and is marked. */
  waitsFor?: Waiter;
  /** With the envelope, where that is short. */
  previews?: boolean;
  limit: number;
}

interface Waiter {
  userId: string;
  groups: string[];
  now: Date;
}

/** Bytes of an envelope that a list reads, at most. */
const previewedBytes = 64 * 1024;

/** The newest first; with `waitsFor` what waits for that person before the others. */
export async function listSessions(db: Queryable, filter: SessionFilter): Promise<SessionRow[]> {
  if (!filter.waitsFor) return select(db, filter);
  // one after the other: each ends once it has enough, and neither sorts all there is
  const first = marked(true, await select(db, filter, [filter.waitsFor, waits]));
  const limit = filter.limit - first.length;
  const rest = limit > 0 ? await select(db, { ...filter, limit }, [filter.waitsFor, `not (${waits})`]) : [];
  const known = new Set(first.map(({ id }) => id)); // decided in between
  return [
    ...first,
    ...marked(
      false,
      rest.filter(({ id }) => !known.has(id)),
    ),
  ];
}

const waits = waitsFor('$14', '$15', '$16');

/** Requests of others: those that wait for a person, or those that do not. */
export async function listOfOthers(
  db: Queryable,
  filter: SessionFilter,
  person: Waiter,
  waiting: boolean,
): Promise<SessionRow[]> {
  const which = waiting ? waits : `s.requester_id <> $14::uuid and not (${waits})`;
  return marked(waiting, await select(db, filter, [person, which]));
}

const marked = (waitsForPerson: boolean, rows: SessionRow[]): SessionRow[] =>
  rows.map((row) => Object.assign(row, { waitsForPerson }));

/** `which`: a person, and a condition in SQL about them. */
async function select(db: Queryable, filter: SessionFilter, which?: [Waiter, string]): Promise<SessionRow[]> {
  const { idBegins, previews = false } = filter;
  const preview = `, (select case when octet_length(e.body) <= ${previewedBytes} then e.body end from session_envelopes e
     where e.session_id = s.id and e.version = s.envelope_version) as previewed`;
  const person = which?.[0];
  const found = await db.query<SessionRow>(
    `select ${sessionColumns}${previews ? preview : ''} ${fromSessions}
     where ($1::text[] is null or s.state = any($1))
       and ($2::text is null or s.connection_name = $2)
       and ($3::uuid is null or s.requester_id = $3)
       and ($4::uuid is null or s.requester_id = $4 or s.policy->'groups' ?| $5::text[] or s.policy->'forceApproveGroups' ?| $5::text[])
       and ($6::timestamptz is null or s.created_at < $6)
       and ($9::timestamptz is null or s.created_at >= $9)
       and ($10::uuid is null or (s.created_at, s.id) < (select a.created_at, a.id from sessions a where a.id = $10))
       and ($12::text is null or s.kind = $12)
       and ($13::uuid is null or s.grant_id = $13)
       and ($11::uuid[] is null or s.id between $11[1] and $11[2])
       and (not $8::boolean or s.policy->'groups' <> '[]') ${which ? `and ${which[1]}` : ''}
     order by s.created_at desc, s.id desc limit $7`,
    [
      filter.states ?? null,
      filter.connection ?? null,
      filter.requesterId ?? null,
      filter.visibleTo?.userId ?? null,
      filter.visibleTo?.groups ?? [],
      filter.until ?? null,
      filter.limit,
      filter.reviewed ?? false,
      filter.since ?? null,
      filter.after ?? null,
      idBegins === undefined ? null : [fillId(idBegins, '0'), fillId(idBegins, 'f')],
      filter.kind ?? null,
      filter.grantId ?? null,
      ...(person ? [person.userId, person.groups, person.now] : []),
    ],
  );
  return found.rows;
}

/** The first or last id that begins so. */
function fillId(begins: string, digit: '0' | 'f'): string {
  return begins.replaceAll('-', '').padEnd(32, digit);
}
