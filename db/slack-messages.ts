/** Table `slack_messages`: what is in Slack's channels and how current it is. */
import type { Queryable } from './pool.ts';

/**
 * `review` is the message with the buttons, `outcome` and `progress` are in its thread, a `copy` is one more message
 * with buttons that Slack kept though its reply was lost.
 */
export type SlackMessageKind = 'review' | 'outcome' | 'progress' | 'copy';

export interface SlackMessageRow {
  sessionId: string;
  channel: string;
  kind: SlackMessageKind;
  /** What a note tells of, the `ts` of a copy, else empty. */
  key: string;
  ts: string | null;
  contentHash: string | null;
  revision: number;
  lastError: string | null;
  /** Since when Slack refuses it. */
  refusedAt: Date | null;
}

const columns = `session_id as "sessionId", channel, kind, key, ts, content_hash as "contentHash", revision,
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
  /** One message may tell of several things: a row each. */
  keys?: string[];
  ts: string;
  contentHash: string;
  revision: number;
  /** The workspace, when its channel is to be seen to take messages. */
  teamId?: string;
}

/**
 * Records what was posted. Where a newer revision was recorded before, whichever of the two came last is what Slack
 * shows: then what it shows is not known, and it has to be written once more.
 */
export async function saveSlackMessage(db: Queryable, message: SentMessage): Promise<{ known: boolean }> {
  const { sessionId, channel, kind, keys = [''], ts, contentHash, revision, teamId } = message;
  const saved = await db.query<{ known: boolean }>(
    `with taken as (
       insert into slack_channels (team_id, channel, name, last_success_at) select $8::text, $2,
         coalesce((select s.asked_in[array_position(s.channel_ids, $2)] from sessions s where s.id = $1), $2), now()
         where $8 is not null
       on conflict (team_id, channel) do update set name = excluded.name, last_success_at = now(), code = null, advice = null,
         failing_since = null, failures = 0, next_try_at = null)
     insert into slack_messages as m (session_id, channel, kind, key, ts, content_hash, revision)
     select $1, $2, $3, key, $5, $6, $7 from unnest($4::text[]) as key
     on conflict (session_id, channel, kind, key) do update set
       ts = case when m.revision <= excluded.revision then excluded.ts else m.ts end,
       content_hash = case when m.revision <= excluded.revision then excluded.content_hash end,
       revision = greatest(m.revision, excluded.revision), last_error = null, refused_at = null, updated_at = now()
     returning content_hash is not null as known`,
    [sessionId, channel, kind, keys, ts, contentHash, revision, teamId ?? null],
  );
  return { known: saved.rows.every((row) => row.known) };
}

/** A message with buttons that no row knew; it is written with the next change. */
export async function saveSlackCopy(db: Queryable, sessionId: string, channel: string, ts: string): Promise<void> {
  await db.query(
    `insert into slack_messages (session_id, channel, kind, key, ts) values ($1, $2, 'copy', $3, $3) on conflict do nothing`,
    [sessionId, channel, ts],
  );
}

/** A copy that is gone. */
export async function forgetSlackCopy(db: Queryable, sessionId: string, channel: string, ts: string): Promise<void> {
  await db.query(`delete from slack_messages where session_id = $1 and channel = $2 and kind = 'copy' and key = $3`, [
    sessionId,
    channel,
    ts,
  ]);
}

/** Nobody knows what this message shows: a call that changes it got no answer. It is written once more. */
export async function doubtSlackMessage(db: Queryable, channel: string, ts: string): Promise<void> {
  await db.query(
    `update slack_messages set content_hash = null where channel = $1 and ts = $2 and kind in ('review', 'copy')`,
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
       on conflict (session_id, channel, kind, key) do update set last_error = excluded.last_error,
         refused_at = excluded.refused_at, updated_at = now())
     select last_error as "lastError" from before`,
    [failure.sessionId, failure.channel, failure.error, failure.refused],
  );
  return before.rows[0]?.lastError !== failure.error;
}

/** Whether a message is one that hoop sent to a person. */
export async function isDirectMessage(db: Queryable, sessionId: string, channel: string, ts: string): Promise<boolean> {
  const found = await db.query(
    'select 1 from slack_direct_messages where session_id = $1 and channel = $2 and ts = $3',
    [sessionId, channel, ts],
  );
  return found.rowCount === 1;
}
