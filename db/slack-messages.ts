/** Table `slack_messages`: what is in Slack's channels and how current it is. */
import type { Queryable } from './pool.ts';

/** `review` is the message with the buttons, `outcome` is in its thread. */
export type SlackMessageKind = 'review' | 'outcome';

export interface SlackMessageRow {
  sessionId: string;
  channel: string;
  kind: SlackMessageKind;
  ts: string | null;
  contentHash: string | null;
  revision: number;
  lastError: string | null;
  /** Since when Slack refuses it. */
  refusedAt: Date | null;
}

const columns = `session_id as "sessionId", channel, kind, ts, content_hash as "contentHash", revision,
  last_error as "lastError", refused_at as "refusedAt"`;

export async function findSlackMessage(
  db: Queryable,
  sessionId: string,
  channel: string,
  kind: SlackMessageKind,
): Promise<SlackMessageRow | undefined> {
  const found = await db.query<SlackMessageRow>(
    `select ${columns} from slack_messages where session_id = $1 and channel = $2 and kind = $3`,
    [sessionId, channel, kind],
  );
  return found.rows[0];
}

/** Everything of a session in one channel, or in all. */
export async function listSlackMessages(
  db: Queryable,
  sessionId: string,
  channel: string | null,
): Promise<SlackMessageRow[]> {
  const found = await db.query<SlackMessageRow>(
    `select ${columns} from slack_messages where session_id = $1 and ($2::text is null or channel = $2) order by updated_at`,
    [sessionId, channel],
  );
  return found.rows;
}

export interface SentMessage {
  sessionId: string;
  channel: string;
  kind: SlackMessageKind;
  ts: string;
  contentHash: string;
  revision: number;
}

/**
 * Records what was posted. Where a newer revision was recorded before, whichever of the two came last is what Slack
 * shows: then what it shows is not known, and it has to be written once more.
 */
export async function saveSlackMessage(db: Queryable, message: SentMessage): Promise<{ known: boolean }> {
  const { sessionId, channel, kind, ts, contentHash, revision } = message;
  const saved = await db.query<{ known: boolean }>(
    `insert into slack_messages as m (session_id, channel, kind, ts, content_hash, revision) values ($1, $2, $3, $4, $5, $6)
     on conflict (session_id, channel, kind) do update set
       ts = case when m.revision <= excluded.revision then excluded.ts else m.ts end,
       content_hash = case when m.revision <= excluded.revision then excluded.content_hash end,
       revision = greatest(m.revision, excluded.revision), last_error = null, refused_at = null, updated_at = now()
     returning content_hash is not null as known`,
    [sessionId, channel, kind, ts, contentHash, revision],
  );
  return { known: saved.rows[0]?.known === true };
}

/** Nobody knows what this message, or copy of one, shows: a call that changes it got no answer. It is written once more. */
export async function doubtSlackMessage(db: Queryable, channel: string, ts: string): Promise<void> {
  await db.query(
    `with copies as (update slack_copies set content_hash = null where channel = $1 and ts = $2)
     update slack_messages set content_hash = null where channel = $1 and ts = $2 and kind = 'review'`,
    [channel, ts],
  );
}

/**
 * The session's message in a channel could not be brought up to date. Gives whether that is news. `refused`: Slack
 * said no.
 */
export async function saveSlackFailure(
  db: Queryable,
  failure: { sessionId: string; channel: string; error: string; refused: boolean },
): Promise<boolean> {
  const before = await db.query<{ lastError: string | null }>(
    `with before as (select last_error from slack_messages where session_id = $1 and channel = $2 and kind = 'review'),
     saved as (insert into slack_messages (session_id, channel, kind, last_error, refused_at)
       values ($1, $2, 'review', $3, case when $4 then now() end)
       on conflict (session_id, channel, kind) do update set last_error = excluded.last_error,
         refused_at = excluded.refused_at, updated_at = now())
     select last_error as "lastError" from before`,
    [failure.sessionId, failure.channel, failure.error, failure.refused],
  );
  return before.rows[0]?.lastError !== failure.error;
}
