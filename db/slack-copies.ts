/** Table `slack_copies`: messages with buttons that Slack kept though its reply was lost; shown like the one that is known. */
import type { Queryable } from './pool.ts';

export interface SlackCopyRow {
  channel: string;
  ts: string;
  contentHash: string | null;
  revision: number;
}

export async function listSlackCopies(db: Queryable, sessionId: string, channel: string): Promise<SlackCopyRow[]> {
  const found = await db.query<SlackCopyRow>(
    `select channel, ts, content_hash as "contentHash", revision from slack_copies
     where session_id = $1 and channel = $2 order by ts`,
    [sessionId, channel],
  );
  return found.rows;
}

/** One that no row knew; it is written with the next change. */
export async function insertSlackCopy(db: Queryable, sessionId: string, channel: string, ts: string): Promise<void> {
  await db.query('insert into slack_copies (session_id, channel, ts) values ($1, $2, $3) on conflict do nothing', [
    sessionId,
    channel,
    ts,
  ]);
}

/** Records what was written, as `saveSlackMessage` does. */
export async function saveSlackCopy(db: Queryable, copy: SlackCopyRow): Promise<{ known: boolean }> {
  const saved = await db.query<{ known: boolean }>(
    `update slack_copies set content_hash = case when revision <= $4 then $3 end, revision = greatest(revision, $4)
     where channel = $1 and ts = $2 returning content_hash is not null as known`,
    [copy.channel, copy.ts, copy.contentHash, copy.revision],
  );
  return { known: saved.rows.every((row) => row.known) };
}

/** It is gone. */
export async function deleteSlackCopy(db: Queryable, channel: string, ts: string): Promise<void> {
  await db.query('delete from slack_copies where channel = $1 and ts = $2', [channel, ts]);
}
