/** Table `slack_direct_messages`: who was told what in private. */
import type { Queryable } from './pool.ts';

export type DirectMessageEvent =
  'asked' | 'approved' | 'rejected' | 'expired' | 'revoked' | 'finished' | 'changed' | 'reminder';

export interface DirectMessageKey {
  sessionId: string;
  userId: string;
  event: DirectMessageEvent;
  /** A request that was renewed is told of again. */
  envelopeVersion: number;
}

/** Whether it was sent before, or the person cannot be written to. */
export async function directMessageSettled(
  db: Queryable,
  { sessionId, userId, event, envelopeVersion }: DirectMessageKey,
): Promise<boolean> {
  const found = await db.query(
    `select 1 from slack_direct_messages where session_id = $1 and user_id = $2 and event = $3 and envelope_version >= $4
       and (sent_at is not null or gave_up_at is not null)`,
    [sessionId, userId, event, envelopeVersion],
  );
  return found.rowCount === 1;
}

export async function saveDirectMessage(
  db: Queryable,
  message: DirectMessageKey & { channel: string; ts: string },
): Promise<void> {
  await db.query(
    `insert into slack_direct_messages as m (session_id, user_id, event, channel, ts, envelope_version, sent_at)
     values ($1, $2, $3, $4, $5, $6, now())
     on conflict (session_id, user_id, event) do update set channel = excluded.channel, ts = excluded.ts, sent_at = now(),
       last_error = null, envelope_version = excluded.envelope_version, closed_at = null,
       earlier = case when m.channel <> excluded.channel then '{}' when m.closed_at is null then m.earlier || m.ts else m.earlier end`,
    [message.sessionId, message.userId, message.event, message.channel, message.ts, message.envelopeVersion],
  );
}

/** `final`: nobody tries again. */
export async function saveDirectMessageFailure(
  db: Queryable,
  key: DirectMessageKey,
  error: string,
  final: boolean,
): Promise<void> {
  await db.query(
    `insert into slack_direct_messages as m (session_id, user_id, event, last_error, envelope_version, gave_up_at)
     values ($1, $2, $3, $4, $6, case when $5 then now() end)
     on conflict (session_id, user_id, event) do update set last_error = excluded.last_error, gave_up_at = excluded.gave_up_at,
       envelope_version = case when $5 then excluded.envelope_version else m.envelope_version end`,
    [key.sessionId, key.userId, key.event, error, final, key.envelopeVersion],
  );
}

export interface AskedReviewer {
  userId: string;
  slackId: string;
  dmChannel: string | null;
  /** Those of the asked groups that the person is in. */
  groups: string[];
}

export interface ToAsk {
  event: 'asked' | 'reminder';
  sessionId: string;
  envelopeVersion: number;
  /** Of the present envelope. */
  digest: string;
  requesterId: string;
  teamId: string | null;
  groups: string[];
  except: string[];
}

/**
 * The next reviewer who can be asked or reminded in private and was not: active, bound to a Slack id of the workspace,
 * in one of `groups`, not the requester, nothing decided yet, and none of `except`. Who approved what the request was
 * before is told that it changed, and reminded, but not asked. Who was told what became of it is asked again when it
 * waits after all.
 */
export async function nextReviewerToAsk(db: Queryable, asked: ToAsk): Promise<AskedReviewer | undefined> {
  const found = await db.query<AskedReviewer>(
    `select u.id as "userId", i.slack_id as "slackId", i.dm_channel as "dmChannel", array_agg(g.group_name order by g.group_name) as groups
     from user_groups g join users u on u.id = g.user_id join slack_identities i on i.user_id = u.id
     where g.group_name = any($4::text[]) and u.active and u.id <> $2 and u.id <> all($5::uuid[])
       and (i.team_id is null or $3::text is null or i.team_id = $3)
       and not exists (select 1 from decisions d where d.session_id = $1 and d.user_id = u.id and ($6 = 'asked' or d.digest = $8))
       and not exists (select 1 from slack_direct_messages m where m.session_id = $1 and m.user_id = u.id and m.event = $6
         and m.envelope_version >= $7 and (m.sent_at is not null and m.closed_at is null or m.gave_up_at is not null))
     group by u.id, i.slack_id order by u.id limit 1`,
    [
      asked.sessionId,
      asked.requesterId,
      asked.teamId,
      asked.groups,
      asked.except,
      asked.event,
      asked.envelopeVersion,
      asked.digest,
    ],
  );
  return found.rows[0];
}

/**
 * Whether who asked has a Slack id, and anybody of `groups` who may be asked, or who was asked before. Of workspaces it
 * knows nothing: who has an id of another one is found out when the message is to be sent.
 */
export async function findInSlack(
  db: Queryable,
  sessionId: string,
  groups: string[],
): Promise<{ creator: boolean; reviewers: boolean }> {
  const found = await db.query<{ creator: boolean; reviewers: boolean }>(
    `select exists (select 1 from slack_identities i where i.user_id = s.requester_id) as creator,
       exists (select 1 from slack_direct_messages m where m.session_id = s.id and m.event in ('asked', 'reminder'))
       or exists (select 1 from user_groups g join users u on u.id = g.user_id join slack_identities i on i.user_id = u.id
         where g.group_name = any($2::text[]) and u.active and u.id <> s.requester_id) as reviewers
     from sessions s where s.id = $1`,
    [sessionId, groups],
  );
  return found.rows[0] ?? { creator: false, reviewers: false };
}

export interface PersonToTell {
  userId: string;
  slackId: string;
  dmChannel: string | null;
  teamId: string | null;
}

/** Those who approved what the request was before, and who can be written to. */
export async function listEarlierApprovers(db: Queryable, sessionId: string, digest: string): Promise<PersonToTell[]> {
  const found = await db.query<PersonToTell>(
    `select distinct u.id as "userId", i.slack_id as "slackId", i.dm_channel as "dmChannel", i.team_id as "teamId"
     from decisions d join users u on u.id = d.user_id join slack_identities i on i.user_id = u.id
     where d.session_id = $1 and d.verdict = 'approve' and d.digest <> $2 and u.active`,
    [sessionId, digest],
  );
  return found.rows;
}

export interface OpenAsk {
  userId: string;
  event: 'asked' | 'reminder';
  channel: string;
  ts: string;
}

/** The next message that asks a reviewer still, in no channel of `except`, oldest first. */
export async function nextAskToClose(db: Queryable, sessionId: string, except: string[]): Promise<OpenAsk | undefined> {
  const found = await db.query<OpenAsk>(
    `select user_id as "userId", event, channel, coalesce(earlier[1], ts) as ts from slack_direct_messages
     where session_id = $1 and event in ('asked', 'reminder') and ts is not null and closed_at is null
       and channel <> all($2::text[]) order by sent_at, user_id limit 1`,
    [sessionId, except],
  );
  return found.rows[0];
}

/** It says what became of the request, or cannot be rewritten (`error`); nobody tries again. */
export async function saveClosedAsk(
  db: Queryable,
  sessionId: string,
  { userId, event, ts }: OpenAsk,
  error: string | null,
): Promise<void> {
  await db.query(
    `update slack_direct_messages set earlier = array_remove(earlier, $4), last_error = coalesce($5, last_error),
       closed_at = case when ts = $4 then now() end
     where session_id = $1 and user_id = $2 and event = $3 and (ts = $4 or $4 = any(earlier))`,
    [sessionId, userId, event, ts, error],
  );
}
