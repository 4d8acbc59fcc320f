/** Table `decisions`: the authority for every run. */
import type { DecisionFact, PersonFact } from '#shared/review-policy.ts';
import type { Queryable } from './pool.ts';

export type DecisionVia = 'slack' | 'console' | 'cli' | 'api';

export interface DecisionRow extends DecisionFact {
  sessionId: string;
  envelopeVersion: number;
  userEmail: string;
  userName: string;
  reason: string;
  via: DecisionVia;
  createdAt: Date;
}

const columns = `d.id, d.session_id as "sessionId", d.envelope_version as "envelopeVersion", d.digest, d.seq,
  d.user_id as "userId", u.email as "userEmail", u.name as "userName", d.verdict, d.group_name as "group", d.force,
  d.groups, d.reason, d.via, d.duration_seconds as "durationSeconds", d.created_at as "createdAt"`;

export async function listDecisions(db: Queryable, sessionId: string): Promise<DecisionRow[]> {
  const found = await db.query<DecisionRow>(
    `select ${columns} from decisions d join users u on u.id = d.user_id where d.session_id = $1 order by d.seq`,
    [sessionId],
  );
  return found.rows;
}

/** Of several sessions, each in its order. */
export async function listDecisionsOf(db: Queryable, sessionIds: string[]): Promise<DecisionRow[]> {
  const found = await db.query<DecisionRow>(
    `select ${columns} from decisions d join users u on u.id = d.user_id where d.session_id = any($1) order by d.session_id, d.seq`,
    [sessionIds],
  );
  return found.rows;
}

export interface NewDecision {
  sessionId: string;
  envelopeVersion: number;
  digest: string;
  userId: string;
  verdict: DecisionRow['verdict'];
  group: string | null;
  force: boolean;
  /** Those that the person represented just then. */
  groups: string[] | null;
  reason: string;
  via: DecisionVia;
  /** Of connect: allowed at most. */
  durationSeconds?: number | null;
}

/** Appends a decision with the next sequence number; the caller holds the session's lock. */
export async function insertDecision(tx: Queryable, decision: NewDecision): Promise<{ id: string; seq: number }> {
  const inserted = await tx.query<{ id: string; seq: number }>(
    `insert into decisions (session_id, envelope_version, digest, seq, user_id, verdict, group_name, force, reason, via, groups,
       duration_seconds)
     values ($1, $2, $3, (select coalesce(max(seq), 0) + 1 from decisions where session_id = $1), $4, $5, $6, $7, $8, $9, $10, $11)
     returning id, seq`,
    [
      decision.sessionId,
      decision.envelopeVersion,
      decision.digest,
      decision.userId,
      decision.verdict,
      decision.group,
      decision.force,
      decision.reason,
      decision.via,
      decision.groups,
      decision.durationSeconds ?? null,
    ],
  );
  const row = inserted.rows[0];
  if (!row) throw new Error('a decision was inserted and not returned');
  return row;
}

export async function markSignalled(db: Queryable, decisionId: string): Promise<void> {
  await db.query('update decisions set signalled_at = coalesce(signalled_at, now()) where id = $1', [decisionId]);
}

export interface UnsignalledDecision {
  id: string;
  sessionId: string;
  verdict: DecisionRow['verdict'];
}

/** Decisions committed a while ago whose signal Temporal was never seen to take. */
export async function listNotSignalled(
  db: Queryable,
  olderThanMs: number,
  limit: number,
): Promise<UnsignalledDecision[]> {
  const found = await db.query<UnsignalledDecision>(
    `select id, session_id as "sessionId", verdict from decisions
     where signalled_at is null and created_at < now() - $1 * interval '1 millisecond' order by created_at limit $2`,
    [olderThanMs, limit],
  );
  return found.rows;
}

/** The authors of a session's decisions as they are now: still active, in which groups. */
export const listDeciders = (db: Queryable, sessionId: string): Promise<PersonFact[]> =>
  listDecidersOf(db, [sessionId]);

export async function listDecidersOf(db: Queryable, sessionIds: string[]): Promise<PersonFact[]> {
  const found = await db.query<PersonFact>(
    `select u.id, u.active, coalesce(array_agg(g.group_name) filter (where g.group_name is not null), '{}') as groups
     from users u left join user_groups g on g.user_id = u.id
     where u.id in (select user_id from decisions where session_id = any($1)) group by u.id`,
    [sessionIds],
  );
  return found.rows;
}
