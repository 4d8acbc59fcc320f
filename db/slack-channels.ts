/** Table `slack_channels`: how each channel takes what hoop posts. */
import type { Queryable } from './pool.ts';

export interface SlackChannelRow {
  channel: string;
  /** As people call it, e.g. `#ops`. */
  name: string;
  /** Slack's code of the last refusal, or hoop's own; null while the channel takes messages. */
  code: string | null;
  /** A sentence that says what to do. */
  advice: string | null;
  failingSince: Date | null;
  failures: number;
  lastFailureAt: Date | null;
  /** Until then nobody tries again what was refused. */
  nextTryAt: Date | null;
  /** Of the plugin's configuration that was tried last. */
  pluginVersion: number;
  lastSuccessAt: Date | null;
}

const columns = `channel, name, code, advice, failing_since as "failingSince", failures, last_failure_at as "lastFailureAt",
  next_try_at as "nextTryAt", plugin_version as "pluginVersion", last_success_at as "lastSuccessAt"`;

/** Those that refuse first. One that refuses counts while a connection, or a session that is open, asks there. */
export async function listSlackChannels(db: Queryable, teamId: string): Promise<SlackChannelRow[]> {
  const found = await db.query<SlackChannelRow>(
    `select ${columns} from slack_channels c where team_id = $1 and (code is null
       or exists (select 1 from connection_plugins p where p.plugin = 'slack' and c.channel = any(p.channel_ids))
       or exists (select 1 from sessions s where s.ended_at is null and c.channel = any(s.channel_ids)))
     order by code is null, name, channel limit 500`,
    [teamId],
  );
  return found.rows;
}

/** It took a message that belongs to no session. */
export async function noteChannelTakes(db: Queryable, { teamId, channel }: { teamId: string; channel: string }) {
  await db.query(
    `update slack_channels set code = null, advice = null, failing_since = null, failures = 0, next_try_at = null,
       tried_by = null, last_success_at = now() where team_id = $1 and channel = $2`,
    [teamId, channel],
  );
}

/** It took a message of this session. */
export async function noteChannelSuccess(
  db: Queryable,
  { teamId, channel, sessionId }: { teamId: string; channel: string; sessionId: string },
): Promise<void> {
  await db.query(
    `insert into slack_channels (team_id, channel, name, last_success_at) select $1, $2,
       coalesce((select s.asked_in[array_position(s.channel_ids, $2)] from sessions s where s.id = $3), $2), now()
     on conflict (team_id, channel) do update set name = excluded.name, last_success_at = now(), code = null, advice = null,
       failing_since = null, failures = 0, next_try_at = null, tried_by = null`,
    [teamId, channel, sessionId],
  );
}

/**
 * Asks to try a channel that refuses. 0: go; of all who ask once the time has come, or the configuration has changed,
 * one goes, and has `holdMs` for it before another may. Else the milliseconds until it is worth asking again.
 */
export async function claimTry(
  db: Queryable,
  who: { teamId: string; channel: string; sessionId: string; pluginVersion: number },
  holdMs: number,
): Promise<number> {
  const claimed = await db.query(
    `update slack_channels set next_try_at = now() + $5 * interval '1 millisecond', tried_by = $3, plugin_version = $4
     where team_id = $1 and channel = $2 and (next_try_at <= now() or (next_try_at is not null and plugin_version <> $4))`,
    [who.teamId, who.channel, who.sessionId, who.pluginVersion, holdMs],
  );
  if (claimed.rowCount === 1) return 0;
  const found = await db.query<{ ms: number }>(
    `select (extract(epoch from next_try_at - now()) * 1000)::float8 as ms from slack_channels
     where team_id = $1 and channel = $2 and next_try_at > now() and tried_by is distinct from $3`,
    [who.teamId, who.channel, who.sessionId],
  );
  return Math.ceil(found.rows[0]?.ms ?? 0);
}

export interface ChannelRefusal {
  teamId: string;
  channel: string;
  name: string;
  code: string;
  advice: string;
  pluginVersion: number;
}

/**
 * Notes a refusal, and gives the milliseconds after which it is worth another try: half of the time it has lasted,
 * at least `minMs`, at most `maxMs`. Refusals of one spell say the same until the next try.
 */
export async function noteChannelRefusal(
  db: Queryable,
  refusal: ChannelRefusal,
  minMs: number,
  maxMs: number,
): Promise<number> {
  const noted = await db.query<{ ms: number }>(
    `insert into slack_channels as c (team_id, channel, name, code, advice, plugin_version, failing_since, failures,
       last_failure_at, next_try_at)
     values ($1, $2, $3, $4, $5, $6, now(), 1, now(), now() + $7 * interval '1 millisecond')
     on conflict (team_id, channel) do update set name = excluded.name, code = excluded.code, advice = excluded.advice,
       plugin_version = excluded.plugin_version, failing_since = coalesce(c.failing_since, now()), failures = c.failures + 1,
       last_failure_at = now(), tried_by = null,
       next_try_at = now() + least(greatest((now() - c.failing_since) / 2, $7 * interval '1 millisecond'), $8 * interval '1 millisecond')
     returning (extract(epoch from next_try_at - now()) * 1000)::float8 as ms`,
    [refusal.teamId, refusal.channel, refusal.name, refusal.code, refusal.advice, refusal.pluginVersion, minMs, maxMs],
  );
  return Math.ceil(noted.rows[0]?.ms ?? minMs);
}

export interface RefusingChannel {
  channel: string;
  name: string;
  /** What to do about it, a sentence. */
  advice: string;
}

/** Those that refused what the present tokens posted last. */
export async function listRefusingChannels(db: Queryable): Promise<RefusingChannel[]> {
  const found = await db.query<RefusingChannel>(
    `select c.channel, c.name, coalesce(c.advice, c.code) as advice from slack_channels c join plugins p on p.name = 'slack'
       and p.info->'team'->>'id' = c.team_id and p.version = c.plugin_version where c.code is not null`,
  );
  return found.rows;
}

export interface AnnouncedBy {
  teamId: string;
  pluginVersion: number;
}

/** Where people read that hoop asks there, posted with these tokens, and which took messages last. */
export async function listAnnouncedChannels(db: Queryable, { teamId, pluginVersion }: AnnouncedBy): Promise<string[]> {
  const found = await db.query<{ channel: string }>(
    `select channel from slack_channels where team_id = $1 and plugin_version = $2 and code is null and last_success_at is not null`,
    [teamId, pluginVersion],
  );
  return found.rows.map(({ channel }) => channel);
}

export async function noteAnnouncedChannel(
  db: Queryable,
  { teamId, pluginVersion }: AnnouncedBy,
  { id, name }: { id: string; name: string },
): Promise<void> {
  await db.query(
    `insert into slack_channels (team_id, channel, name, plugin_version, last_success_at) values ($1, $2, $3, $4, now())
     on conflict (team_id, channel) do update set name = excluded.name, plugin_version = excluded.plugin_version,
       last_success_at = now(), code = null, advice = null, failing_since = null, failures = 0, next_try_at = null`,
    [teamId, id, name, pluginVersion],
  );
}
