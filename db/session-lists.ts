/** Lists of `sessions`, filtered. */
import type { SessionState } from '#shared/session-states.ts';
import type { Queryable } from './pool.ts';
import { fromSessions, sessionColumns, type SessionRow } from './sessions.ts';
import { waitsFor } from './waiting-reviews.ts';

export interface SessionFilter {
  states?: readonly SessionState[];
  connection?: string;
  requesterEmail?: string;
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
  waitsFor?: { userId: string; groups: string[]; now: Date };
  limit: number;
}

/** The newest first. */
export async function listSessions(db: Queryable, filter: SessionFilter): Promise<SessionRow[]> {
  const { waitsFor: person, idBegins } = filter;
  const waits = person ? `(${waitsFor('$12', '$13', '$14')})` : 'null::boolean';
  const found = await db.query<SessionRow & { waitsForPerson: boolean | null }>(
    `select ${sessionColumns}, ${waits} as "waitsForPerson" ${fromSessions}
     where ($1::text[] is null or s.state = any($1))
       and ($2::text is null or s.connection_name = $2)
       and ($3::text is null or u.email = $3)
       and ($4::uuid is null or s.requester_id = $4 or s.policy->'groups' ?| $5::text[] or s.policy->'forceApproveGroups' ?| $5::text[])
       and ($6::timestamptz is null or s.created_at < $6)
       and ($9::timestamptz is null or s.created_at >= $9)
       and ($10::uuid is null or (s.created_at, s.id) < (select a.created_at, a.id from sessions a where a.id = $10))
       and ($11::uuid[] is null or s.id between $11[1] and $11[2])
       and (not $8::boolean or s.policy->'groups' <> '[]')
     order by ${person ? `${waits} desc, ` : ''}s.created_at desc, s.id desc limit $7`,
    [
      filter.states ?? null,
      filter.connection ?? null,
      filter.requesterEmail ?? null,
      filter.visibleTo?.userId ?? null,
      filter.visibleTo?.groups ?? [],
      filter.until ?? null,
      filter.limit,
      filter.reviewed ?? false,
      filter.since ?? null,
      filter.after ?? null,
      idBegins === undefined ? null : [fillId(idBegins, '0'), fillId(idBegins, 'f')],
      ...(person ? [person.userId, person.groups, person.now] : []),
    ],
  );
  return found.rows.map(({ waitsForPerson, ...row }) =>
    waitsForPerson === null ? row : Object.assign(row, { waitsForPerson }),
  );
}

/** The first or last id that begins so. */
function fillId(begins: string, digit: '0' | 'f'): string {
  return begins.replaceAll('-', '').padEnd(32, digit);
}
