/** Table `slack_thread_notes`: what the thread of a review was told while it was news. */
import type { Queryable } from './pool.ts';

export async function listThreadNotes(db: Queryable, sessionId: string, channel: string): Promise<string[]> {
  const found = await db.query<{ key: string }>(
    'select key from slack_thread_notes where session_id = $1 and channel = $2',
    [sessionId, channel],
  );
  return found.rows.map(({ key }) => key);
}

/** One note may tell of several things: a row each. */
export async function saveThreadNotes(
  db: Queryable,
  { sessionId, channel, keys, ts }: { sessionId: string; channel: string; keys: string[]; ts: string },
): Promise<void> {
  await db.query(
    `insert into slack_thread_notes (session_id, channel, key, ts) select $1, $2, key, $4 from unnest($3::text[]) as key
     on conflict do nothing`,
    [sessionId, channel, keys, ts],
  );
}
