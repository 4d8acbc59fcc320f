/** Tables `slack_messages` and `slack_direct_messages`: what is in Slack and how current it is. */
import type { Queryable } from './pool.ts';

export type SlackMessageKind = 'review' | 'outcome';

export interface SlackMessageRow {
  sessionId: string;
  channel: string;
  kind: SlackMessageKind;
  ts: string | null;
  contentHash: string | null;
  revision: number;
  lastError: string | null;
}

const columns = `session_id as "sessionId", channel, kind, ts, content_hash as "contentHash", revision, last_error as "lastError"`;

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

/** Records what was posted; an older revision never replaces a newer one. */
export async function saveSlackMessage(
  db: Queryable,
  message: {
    sessionId: string;
    channel: string;
    kind: SlackMessageKind;
    ts: string;
    contentHash: string;
    revision: number;
  },
): Promise<void> {
  await db.query(
    `insert into slack_messages (session_id, channel, kind, ts, content_hash, revision) values ($1, $2, $3, $4, $5, $6)
     on conflict (session_id, channel, kind) do update set ts = excluded.ts, content_hash = excluded.content_hash,
       revision = excluded.revision, last_error = null, updated_at = now()
       where slack_messages.revision <= excluded.revision`,
    [message.sessionId, message.channel, message.kind, message.ts, message.contentHash, message.revision],
  );
}

export async function saveSlackFailure(
  db: Queryable,
  sessionId: string,
  channel: string,
  kind: SlackMessageKind,
  error: string,
): Promise<void> {
  await db.query(
    `insert into slack_messages (session_id, channel, kind, last_error) values ($1, $2, $3, $4)
     on conflict (session_id, channel, kind) do update set last_error = excluded.last_error, updated_at = now()`,
    [sessionId, channel, kind, error],
  );
}

export type DirectMessageEvent = 'approved' | 'rejected' | 'expired' | 'revoked' | 'finished';

/** Whether the direct message was sent before. */
export async function directMessageSent(
  db: Queryable,
  sessionId: string,
  userId: string,
  event: DirectMessageEvent,
): Promise<boolean> {
  const found = await db.query(
    'select 1 from slack_direct_messages where session_id = $1 and user_id = $2 and event = $3 and sent_at is not null',
    [sessionId, userId, event],
  );
  return found.rowCount === 1;
}

export async function saveDirectMessage(
  db: Queryable,
  message: { sessionId: string; userId: string; event: DirectMessageEvent; channel: string; ts: string },
): Promise<void> {
  await db.query(
    `insert into slack_direct_messages (session_id, user_id, event, channel, ts, sent_at) values ($1, $2, $3, $4, $5, now())
     on conflict (session_id, user_id, event) do update set channel = excluded.channel, ts = excluded.ts, sent_at = now(), last_error = null`,
    [message.sessionId, message.userId, message.event, message.channel, message.ts],
  );
}

export async function saveDirectMessageFailure(
  db: Queryable,
  sessionId: string,
  userId: string,
  event: DirectMessageEvent,
  error: string,
): Promise<void> {
  await db.query(
    `insert into slack_direct_messages (session_id, user_id, event, last_error) values ($1, $2, $3, $4)
     on conflict (session_id, user_id, event) do update set last_error = excluded.last_error`,
    [sessionId, userId, event, error],
  );
}
