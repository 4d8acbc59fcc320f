/** Tables `sweep_turns` and `workflow_closings`, and the sessions that the sweep looks for. */
import type { Queryable } from './pool.ts';

export type SweepName = 'closed' | 'running';

export interface Turn {
  /** When it was taken, by the clock of Postgres. */
  takenAt: Date;
  /** Null: no round has come to its end yet. */
  seenUntil: Date | null;
}

/** Takes the next turn; undefined when this or another replica took one less than `everyMs` ago. */
export async function takeTurn(db: Queryable, name: SweepName, everyMs: number): Promise<Turn | undefined> {
  const taken = await db.query<Turn>(
    `insert into sweep_turns as t (name, taken_at) values ($1, now())
     on conflict (name) do update set taken_at = now() where t.taken_at <= now() - $2 * interval '1 millisecond'
     returning taken_at as "takenAt", seen_until as "seenUntil"`,
    [name, everyMs],
  );
  return taken.rows[0];
}

export async function markSeen(db: Queryable, name: SweepName, until: Date): Promise<void> {
  await db.query('update sweep_turns set seen_until = greatest(seen_until, $2) where name = $1', [name, until]);
}

export interface Closing {
  runId: string;
  sessionId: string;
  /** As Temporal calls it, e.g. `TERMINATED`. */
  status: string;
}

/** Those of sessions that are known, and which no round has handled. */
export async function unhandledClosings(db: Queryable, closings: Closing[]): Promise<Closing[]> {
  const found = await db.query<{ runId: string }>(
    `select c.run_id as "runId" from unnest($1::text[], $2::uuid[]) as c(run_id, session_id)
     join sessions s on s.id = c.session_id
     where not exists (select 1 from workflow_closings w where w.run_id = c.run_id)`,
    [closings.map((closing) => closing.runId), closings.map((closing) => closing.sessionId)],
  );
  const wanted = new Set(found.rows.map((row) => row.runId));
  return closings.filter((closing) => wanted.has(closing.runId));
}

/** False: another round was first. */
export async function insertClosing(db: Queryable, closing: Closing, outcome: string): Promise<boolean> {
  const inserted = await db.query(
    `insert into workflow_closings (run_id, session_id, status, outcome) values ($1, $2, $3, $4)
     on conflict (run_id) do nothing`,
    [closing.runId, closing.sessionId, closing.status, outcome],
  );
  return inserted.rowCount === 1;
}

/** How often the workflow of a session was started again. */
export async function countRestarts(db: Queryable, sessionId: string): Promise<number> {
  const found = await db.query<{ restarts: number }>(
    `select count(*) as restarts from workflow_closings where session_id = $1 and outcome = 'started'`,
    [sessionId],
  );
  return found.rows[0]?.restarts ?? 0;
}

export async function deleteOldClosings(db: Queryable, olderThanMs: number): Promise<void> {
  await db.query(`delete from workflow_closings where at < now() - $1 * interval '1 millisecond'`, [olderThanMs]);
}

/** Ids of all sessions without an end whose workflow was started a while ago. */
export async function listOpenStarted(db: Queryable, olderThanMs: number): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select id from sessions where ended_at is null and workflow_started_at < now() - $1 * interval '1 millisecond'`,
    [olderThanMs],
  );
  return found.rows.map((row) => row.id);
}

/** Sessions that should have expired a while ago and have no run. */
export async function listOverdue(db: Queryable, byMs: number, limit: number): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select id from sessions s where ended_at is null and state not in ('active', 'closing') and expires_at < now() - $1 * interval '1 millisecond'
       and not exists (select 1 from runs r where r.session_id = s.id)
     order by expires_at limit $2`,
    [byMs, limit],
  );
  return found.rows.map((row) => row.id);
}

/** Temporal has no workflow for it any more: should what follows fail, a later round starts one. */
export async function forgetWorkflow(db: Queryable, sessionId: string): Promise<void> {
  await db.query('update sessions set workflow_started_at = null where id = $1', [sessionId]);
}
