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
  /** Of the plugin's configuration that was refused. */
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

export async function findSlackChannel(
  db: Queryable,
  teamId: string,
  channel: string,
): Promise<SlackChannelRow | undefined> {
  const found = await db.query<SlackChannelRow>(
    `select ${columns} from slack_channels where team_id = $1 and channel = $2`,
    [teamId, channel],
  );
  return found.rows[0];
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
       last_failure_at = now(),
       next_try_at = now() + least(greatest((now() - c.failing_since) / 2, $7 * interval '1 millisecond'), $8 * interval '1 millisecond')
     returning (extract(epoch from next_try_at - now()) * 1000)::float8 as ms`,
    [refusal.teamId, refusal.channel, refusal.name, refusal.code, refusal.advice, refusal.pluginVersion, minMs, maxMs],
  );
  return Math.ceil(noted.rows[0]?.ms ?? minMs);
}
