/** Tables `connection_changes`, `session_renewals` and `session_nudges`, and the sessions they are about. */
import type { Queryable } from './pool.ts';
import type { SessionRow } from './sessions.ts';

export interface ConnectionChange {
  /** As the audit log names the actor. */
  by: string;
  /** What of the connection is another: command, agent, env, reviewers, window. */
  changed: string[];
}

export async function insertConnectionChange(
  tx: Queryable,
  connectionId: string,
  version: number,
  { by, changed }: ConnectionChange,
): Promise<void> {
  await tx.query(
    'insert into connection_changes (connection_id, version, by, changed) values ($1, $2, $3, $4) on conflict do nothing',
    [connectionId, version, by, changed],
  );
}

/** All that changed after `version`, and who changed it last; undefined where nobody noted it. */
export async function changesSince(
  db: Queryable,
  connectionId: string,
  version: number,
): Promise<ConnectionChange | undefined> {
  const found = await db.query<ConnectionChange>(
    'select by, changed from connection_changes where connection_id = $1 and version > $2 order by version',
    [connectionId, version],
  );
  const last = found.rows.at(-1);
  return last && { by: last.by, changed: [...new Set(found.rows.flatMap(({ changed }) => changed))] };
}

export interface Renewal extends ConnectionChange {
  envelopeVersion: number;
  at: Date;
}

/** Why the envelope of that version was made; undefined for the first. */
export async function findRenewal(
  db: Queryable,
  sessionId: string,
  envelopeVersion: number,
): Promise<Renewal | undefined> {
  if (envelopeVersion === 1) return undefined;
  const found = await db.query<Renewal>(
    `select envelope_version as "envelopeVersion", at, by, changed from session_renewals
     where session_id = $1 and envelope_version = $2`,
    [sessionId, envelopeVersion],
  );
  return found.rows[0];
}

export interface RenewedSession extends ConnectionChange {
  id: string;
  state: SessionRow['state'];
  connectionVersion: number;
  agentName: string;
  envelopeVersion: number;
  digest: string;
  envelope: string;
  policy: unknown;
  channelIds: string[];
  askedIn: string[];
}

/** Writes a new envelope for a session that waits; the caller holds its lock. */
export async function renewSession(tx: Queryable, renewed: RenewedSession): Promise<void> {
  await tx.query('insert into session_envelopes (session_id, version, digest, body) values ($1, $2, $3, $4)', [
    renewed.id,
    renewed.envelopeVersion,
    renewed.digest,
    renewed.envelope,
  ]);
  await tx.query(
    `update sessions set connection_version = $2, agent_name = $3, envelope_version = $4, digest = $5, policy = $6,
       channel_ids = $7, asked_in = $8, state = $9, state_since = case when state = $9 then state_since else now() end,
       approved_at = case when $9 = 'pending' then null else coalesce(approved_at, now()) end, revision = revision + 1
     where id = $1`,
    [
      renewed.id,
      renewed.connectionVersion,
      renewed.agentName,
      renewed.envelopeVersion,
      renewed.digest,
      JSON.stringify(renewed.policy),
      renewed.channelIds,
      renewed.askedIn,
      renewed.state,
    ],
  );
  await tx.query('insert into session_renewals (session_id, envelope_version, by, changed) values ($1, $2, $3, $4)', [
    renewed.id,
    renewed.envelopeVersion,
    renewed.by,
    renewed.changed,
  ]);
}

/** The envelope was made from the connection as it is: noted for sessions of releases before. */
export async function noteConnectionVersion(tx: Queryable, sessionId: string, version: number): Promise<void> {
  await tx.query('update sessions set connection_version = $2 where id = $1', [sessionId, version]);
}

/** The approvals do not carry the session any more: it waits for reviewers again. */
export async function reopenSession(tx: Queryable, id: string): Promise<void> {
  await tx.query(
    `update sessions set state = 'pending', state_since = now(), approved_at = null, revision = revision + 1 where id = $1`,
    [id],
  );
}

/** False: it does not wait for reviewers, or they were reminded. */
export async function noteReminded(tx: Queryable, id: string): Promise<boolean> {
  const noted = await tx.query(
    `update sessions set reminded_at = now(), revision = revision + 1
     where id = $1 and state = 'pending' and reminded_at is null`,
    [id],
  );
  return noted.rowCount === 1;
}

const waiting = "s.state in ('pending', 'approved', 'queued')";

/** Sessions that wait and whose connection changed or was deleted, after `afterId`; of one connection, or of all. */
export async function listBehind(
  db: Queryable,
  { connectionId, afterId, limit }: { connectionId?: string; afterId: string; limit: number },
): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select s.id from sessions s left join connections c on c.id = s.connection_id
     where ${waiting} and (s.connection_id is null or s.connection_version is distinct from c.version) and s.id > $2 and s.expires_at > now()
       and ($1::uuid is null or s.connection_id = $1) order by s.id limit $3`,
    [connectionId ?? null, afterId, limit],
  );
  return found.rows.map(({ id }) => id);
}

/** What a change of the connection would reach: requests that wait on it, and grants that are active. */
export async function countDependents(
  db: Queryable,
  connectionId: string,
): Promise<{ waiting: number; grants: number }> {
  const found = await db.query<{ waiting: number; grants: number }>(
    `select count(*) filter (where ${waiting} and s.expires_at > now())::int as waiting,
       count(*) filter (where s.state = 'active')::int as grants
     from sessions s where s.connection_id = $1 and s.ended_at is null`,
    [connectionId],
  );
  return found.rows[0] ?? { waiting: 0, grants: 0 };
}

/** Sessions that wait and that this person approved as they stand. */
export async function listApprovedBy(db: Queryable, userId: string): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select distinct s.id from decisions d join sessions s on s.id = d.session_id and s.digest = d.digest
     where d.user_id = $1 and d.verdict = 'approve' and ${waiting}`,
    [userId],
  );
  return found.rows.map(({ id }) => id);
}

/** Locks the sessions of a connection that wait, in the order in which everybody locks: sessions, then the connection. */
export async function lockWaitingSessions(tx: Queryable, connectionName: string): Promise<string[]> {
  const found = await tx.query<{ id: string }>(
    `select s.id from sessions s join connections c on c.id = s.connection_id
     where c.name = $1 and ${waiting} order by s.id for update of s`,
    [connectionName],
  );
  return found.rows.map(({ id }) => id);
}

/** The workflow of a session has to look at the rows again. */
export async function insertNudge(tx: Queryable, sessionId: string): Promise<void> {
  await tx.query(
    `insert into session_nudges (session_id) values ($1)
     on conflict (session_id) do update set at = now(), asked = session_nudges.asked + 1`,
    [sessionId],
  );
}

export interface Nudge {
  sessionId: string;
  asked: number;
}

/** Those that have waited for `olderThanMs`; of these sessions, or of all. */
export async function listNudges(
  db: Queryable,
  { sessionIds, olderThanMs, limit }: { sessionIds?: string[]; olderThanMs: number; limit: number },
): Promise<Nudge[]> {
  const found = await db.query<Nudge>(
    `select session_id as "sessionId", asked from session_nudges
     where ($1::uuid[] is null or session_id = any($1)) and at <= now() - $2 * interval '1 millisecond' order by at limit $3`,
    [sessionIds ?? null, olderThanMs, limit],
  );
  return found.rows;
}

/** Temporal took the signal; a nudge that came after it stays. */
export async function deleteNudge(db: Queryable, { sessionId, asked }: Nudge): Promise<void> {
  await db.query('delete from session_nudges where session_id = $1 and asked = $2', [sessionId, asked]);
}
