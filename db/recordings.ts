/** Recordings that are not kept any more: sessions are marked first, then their rows go, a few at a time. */
import type { Queryable } from './pool.ts';

export interface RemovedRecording {
  id: string;
  connectionName: string;
}

/** Marks sessions that ended longer ago than their connection keeps recordings; gives those, at most `limit`. */
export async function markRemoved(tx: Queryable, now: Date, limit: number): Promise<RemovedRecording[]> {
  const marked = await tx.query<RemovedRecording>(
    `update sessions set recording_removed_at = $1::timestamptz, recording_rows_left = true
     where id in (
       select s.id from connections c join sessions s on s.connection_id = c.id
       where c.keep_days > 0 and s.ended_at < $1::timestamptz - c.keep_days * interval '1 day'
         and s.output_bytes > 0 and s.recording_removed_at is null
       order by s.ended_at limit $2 for update of s skip locked)
     returning id, connection_name as "connectionName"`,
    [now, limit],
  );
  return marked.rows;
}

/** Sessions whose recording is removed and has rows left. */
export async function listRowsLeft(db: Queryable, limit: number): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    'select id from sessions where recording_rows_left order by recording_removed_at limit $1',
    [limit],
  );
  return found.rows.map((row) => row.id);
}

/** Deletes the first `limit` rows of a recording that is marked as removed; gives how many there were. */
export async function deleteRows(db: Queryable, sessionId: string, limit: number): Promise<number> {
  const deleted = await db.query(
    `delete from session_output where session_id = $1 and "offset" in (
       select o."offset" from session_output o join sessions s on s.id = o.session_id
       where o.session_id = $1 and s.recording_removed_at is not null order by o."offset" limit $2)`,
    [sessionId, limit],
  );
  return deleted.rowCount ?? 0;
}

export async function noteRowsGone(db: Queryable, sessionId: string): Promise<void> {
  await db.query('update sessions set recording_rows_left = false where id = $1', [sessionId]);
}
