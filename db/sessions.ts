/** Table `sessions` and `session_envelopes`. */
import type { EndState, SessionKind, SessionState } from '#shared/session-states.ts';
import type { DecisionVia } from './decisions.ts';
import type { Queryable } from './pool.ts';

export interface SessionRow {
  id: string;
  kind: SessionKind;
  state: SessionState;
  stateSince: Date;
  revision: number;
  connectionId: string | null;
  connectionName: string;
  agentName: string;
  requesterId: string;
  requesterEmail: string;
  requesterName: string;
  reason: string;
  correlationId: string | null;
  envelopeVersion: number;
  digest: string;
  /** As written with the session; read with `policySchema` before use. */
  policy: unknown;
  channelIds: string[];
  askedIn: string[];
  createdAt: Date;
  expiresAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  approvedAt: Date | null;
  exitCode: number | null;
  exitSignal: string | null;
  outputBytes: number;
  endMessage: string | null;
  endCause: string | null;
  runTimeoutAsked: boolean;
  /** Of the connection that the envelope was made from; null: known from the envelope alone. */
  connectionVersion: number | null;
  /** As the connection is now; null: it was deleted. */
  connectionVersionNow: number | null;
  remindedAt: Date | null;
  /** Of connect: seconds that were asked for. */
  durationSeconds: number | null;
  /** Of connect: until when it lasts, once it is active. */
  activeUntil: Date | null;
  /** Of exec: the grant it runs under; of connect: the one it extends. */
  grantId: string | null;
  /** Of exec under a grant: it has a terminal. */
  terminal: boolean;
  /** When its recording was removed, as its connection keeps them only so long. */
  recordingRemovedAt: Date | null;
  /** In lists that were asked for it: whether `waitsFor` has still to decide. */
  waitsForPerson?: boolean;
  /** In lists that were asked for it: its envelope, or null where that is long. */
  previewed?: string | null;
}

export const sessionColumns = `s.id, s.kind, s.state, s.state_since as "stateSince", s.revision, s.connection_id as "connectionId",
  s.connection_name as "connectionName", s.agent_name as "agentName", s.requester_id as "requesterId",
  u.email as "requesterEmail", u.name as "requesterName", s.reason, s.correlation_id as "correlationId",
  s.envelope_version as "envelopeVersion", s.digest, s.policy, s.channel_ids as "channelIds", s.asked_in as "askedIn", s.created_at as "createdAt",
  s.expires_at as "expiresAt", s.started_at as "startedAt", s.ended_at as "endedAt", s.approved_at as "approvedAt",
  s.exit_code as "exitCode", s.exit_signal as "exitSignal", s.output_bytes as "outputBytes",
  s.end_message as "endMessage", s.end_cause as "endCause", s.run_timeout_asked as "runTimeoutAsked",
  s.connection_version as "connectionVersion", s.reminded_at as "remindedAt",
  s.duration_seconds as "durationSeconds", s.active_until as "activeUntil", s.grant_id as "grantId", s.terminal, s.recording_removed_at as "recordingRemovedAt",
  (select c.version from connections c where c.id = s.connection_id) as "connectionVersionNow"`;
export const fromSessions = 'from sessions s join users u on u.id = s.requester_id';

export async function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  return (await db.query<SessionRow>(`select ${sessionColumns} ${fromSessions} where s.id = $1`, [id])).rows[0];
}

/** Locks the row until the transaction ends: decisions, ends and the consumption of a run are taken one by one. */
export async function lockSession(tx: Queryable, id: string): Promise<SessionRow | undefined> {
  return (await tx.query<SessionRow>(`select ${sessionColumns} ${fromSessions} where s.id = $1 for update of s`, [id]))
    .rows[0];
}

/** As it is now, and it stays so until the transaction ends. */
export async function holdSession(tx: Queryable, id: string): Promise<SessionRow | undefined> {
  return (await tx.query<SessionRow>(`select ${sessionColumns} ${fromSessions} where s.id = $1 for share of s`, [id]))
    .rows[0];
}

export interface NewSession {
  id: string;
  kind: SessionKind;
  /** `queued`, or `approved` for connect, where nobody has to be asked. */
  state: 'pending' | 'queued' | 'approved';
  connectionId: string;
  connectionVersion: number;
  connectionName: string;
  agentName: string;
  requesterId: string;
  reason: string;
  correlationId: string | null;
  digest: string;
  envelope: string;
  policy: unknown;
  channelIds: string[];
  askedIn: string[];
  expiresAt: Date;
  runTimeoutAsked: boolean;
  durationSeconds: number | null;
  grantId: string | null;
  terminal: boolean;
}

/** Writes a session with its first envelope. False: there is one of that id already. */
export async function insertSession(tx: Queryable, session: NewSession): Promise<boolean> {
  const inserted = await tx.query(
    `with session as (
       insert into sessions (id, kind, connection_id, connection_name, agent_name, requester_id, reason, correlation_id,
         digest, policy, channel_ids, expires_at, run_timeout_asked, asked_in, state, approved_at, connection_version,
         duration_seconds, grant_id, terminal)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, case when $15 <> 'pending' then now() end, $17, $18, $19, $20)
       on conflict (id) do nothing returning id, digest)
     insert into session_envelopes (session_id, version, digest, body) select id, 1, digest, $16 from session`,
    [
      session.id,
      session.kind,
      session.connectionId,
      session.connectionName,
      session.agentName,
      session.requesterId,
      session.reason,
      session.correlationId,
      session.digest,
      JSON.stringify(session.policy),
      session.channelIds,
      session.expiresAt,
      session.runTimeoutAsked,
      session.askedIn,
      session.state,
      session.envelope,
      session.connectionVersion,
      session.durationSeconds,
      session.grantId,
      session.terminal,
    ],
  );
  return inserted.rowCount === 1;
}

export async function findEnvelope(db: Queryable, sessionId: string, version: number): Promise<string | undefined> {
  const found = await db.query<{ body: string }>(
    'select body from session_envelopes where session_id = $1 and version = $2',
    [sessionId, version],
  );
  return found.rows[0]?.body;
}

/** Moves an open session on; the caller holds its lock and has checked that the step is allowed. */
export async function setState(tx: Queryable, id: string, state: SessionState): Promise<void> {
  await tx.query(
    `update sessions set state = $2, state_since = now(), revision = revision + 1,
       approved_at = case when $2 in ('approved', 'queued') then coalesce(approved_at, now()) else approved_at end,
       started_at = case when $2 = 'running' then now() when $2 = 'queued' then null else started_at end
     where id = $1`,
    [id, state],
  );
}

/** Something that people are shown changed, though the state did not. */
export async function bumpRevision(tx: Queryable, id: string): Promise<void> {
  await tx.query('update sessions set revision = revision + 1 where id = $1', [id]);
}

export interface SessionEndRow {
  state: EndState;
  exitCode: number | null;
  exitSignal: string | null;
  message: string | null;
  cause: string | null;
}

export async function endSession(tx: Queryable, id: string, end: SessionEndRow): Promise<void> {
  await tx.query(
    `update sessions set state = $2, state_since = now(), ended_at = now(), revision = revision + 1,
       exit_code = $3, exit_signal = $4, end_message = $5, end_cause = $6 where id = $1`,
    [id, end.state, end.exitCode, end.exitSignal, end.message, end.cause],
  );
}

/** Of a person: what waits to be decided or to run, and grants that are active. */
export async function listEndedWithAccount(db: Queryable, userId: string): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select id from sessions where requester_id = $1 and ended_at is null
       and state in ('pending', 'approved', 'queued', 'active') order by created_at`,
    [userId],
  );
  return found.rows.map(({ id }) => id);
}

export interface LeftOpen {
  sessionId: string;
  requesterEmail: string;
  /** Id of the admin who closed the account of who asked, and what they acted through. */
  closedBy: string;
  closedVia: DecisionVia;
}

/** As `listEndedWithAccount`, of all closed accounts, and only what nobody has revoked. */
export async function listLeftOpen(db: Queryable, limit: number): Promise<LeftOpen[]> {
  const found = await db.query<LeftOpen>(
    `select s.id as "sessionId", u.email as "requesterEmail", u.deactivated_by as "closedBy", u.deactivated_via as "closedVia"
     from users u join sessions s on s.requester_id = u.id
     where u.deactivated_by is not null and not u.active and s.ended_at is null
       and (s.state = 'active' or s.state in ('pending', 'approved', 'queued') and s.expires_at > now())
       and not exists (select 1 from decisions d where d.session_id = s.id and d.verdict = 'revoke')
     order by s.created_at limit $1`,
    [limit],
  );
  return found.rows;
}

export async function markWorkflowStarted(db: Queryable, id: string): Promise<void> {
  await db.query('update sessions set workflow_started_at = coalesce(workflow_started_at, now()) where id = $1', [id]);
}

/** Whether Temporal was seen to take the workflow of a session. */
export async function isWorkflowStarted(db: Queryable, id: string): Promise<boolean> {
  const found = await db.query('select 1 from sessions where id = $1 and workflow_started_at is not null', [id]);
  return found.rowCount === 1;
}

/** Sessions written a while ago whose workflow Temporal was never seen to take. */
export async function listNotStarted(db: Queryable, olderThanMs: number, limit: number): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select id from sessions where workflow_started_at is null and created_at < now() - $1 * interval '1 millisecond'
     order by created_at limit $2`,
    [olderThanMs, limit],
  );
  return found.rows.map((row) => row.id);
}
