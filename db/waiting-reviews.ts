/** Open requests that wait for one person, with where in Slack they are. */
import type { Queryable } from './pool.ts';

export interface WaitingRow {
  sessionId: string;
  connectionName: string;
  requesterName: string;
  requesterEmail: string;
  expiresAt: Date;
  /** Canonical bytes of what it is about. */
  envelope: string;
  /** The message with the buttons; null where none was posted (yet). */
  message: { channel: string; ts: string } | null;
}

/**
 * Whether session `s` waits for a person, as SQL: pending, asked by somebody else, a group of theirs asked, and not
 * decided by them as it stands now. Takes the names of the parameters: the person's id, their groups, the time.
 */
export function waitsFor(id: string, groups: string, now: string): string {
  return `s.state = 'pending' and s.expires_at > ${now}::timestamptz and s.requester_id <> ${id}::uuid
       and s.policy->'groups' ?| ${groups}::text[]
       and not exists (select 1 from decisions d where d.session_id = s.id and d.user_id = ${id}::uuid and d.digest = s.digest)`;
}

/**
 * Pending sessions of others whose reviewer groups the person is in and which they have not decided as they stand now,
 * oldest first; `total` counts those beyond `limit` too. `here`: the message there is meant where there is one, else
 * that of the channel which the connection names first.
 */
export async function listWaitingFor(
  db: Queryable,
  person: { id: string; groups: string[] },
  now: Date,
  limit: number,
  here: string | null = null,
): Promise<{ rows: WaitingRow[]; total: number }> {
  const found = await db.query<Omit<WaitingRow, 'message'> & { channel: string | null; ts: string | null; n: number }>(
    `select s.id as "sessionId", s.connection_name as "connectionName", u.name as "requesterName",
       u.email as "requesterEmail", s.expires_at as "expiresAt", e.body as envelope, m.channel, m.ts, count(*) over () as n
     from sessions s join users u on u.id = s.requester_id
     join session_envelopes e on e.session_id = s.id and e.version = s.envelope_version
     left join lateral (select channel, ts from slack_messages
       where session_id = s.id and kind = 'review' and ts is not null 
       order by channel is distinct from $5::text, array_position(s.channel_ids, channel), channel limit 1) m on true
     where ${waitsFor('$1', '$2', '$3')}
     order by s.created_at, s.id limit $4`,
    [person.id, person.groups, now, limit, here],
  );
  const rows = found.rows.map(({ channel, ts, n: _, ...row }) => ({
    ...row,
    message: channel === null || ts === null ? null : { channel, ts },
  }));
  return { rows, total: found.rows[0]?.n ?? 0 };
}

/** How many wait for the person, counted up to `limit`. */
export async function countWaitingFor(
  db: Queryable,
  person: { id: string; groups: string[] },
  now: Date,
  limit: number,
): Promise<number> {
  const found = await db.query<{ n: number }>(
    `select count(*)::int as n from (select 1 from sessions s where ${waitsFor('$1', '$2', '$3')} limit $4) waiting`,
    [person.id, person.groups, now, limit],
  );
  return found.rows[0]?.n ?? 0;
}
