/** Table `slack_failures`: how often in a row Slack gave no answer. */
import type { Queryable } from './pool.ts';

/**
 * Notes that Slack gave no answer to `holder`, the name of what is tried. Gives how often in a row that is by now
 * (whoever was not heard of for three minutes begins anew), and how many have waited for Slack in the last minute.
 */
export async function noteSlackFailure(db: Queryable, holder: string): Promise<{ times: number; waiting: number }> {
  const noted = await db.query<{ times: number; waiting: number }>(
    `with noted as (
       insert into slack_failures as f (holder, times, at) values ($1, 1, now())
       on conflict (holder) do update set times = case when f.at > now() - interval '3 min' then f.times + 1 else 1 end, at = now()
       returning times)
     select times, (select count(*) from slack_failures where at > now() - interval '1 min' and holder <> $1) + 1 as waiting from noted`,
    [holder],
  );
  const { times, waiting } = noted.rows[0] ?? { times: 1, waiting: 1 };
  if (times === 1) await forgetOldFailures(db);
  return { times, waiting };
}

/** In a statement of its own: nobody waits for rows of others while it holds its own. */
async function forgetOldFailures(db: Queryable): Promise<void> {
  await db.query(
    `delete from slack_failures where holder in (
       select holder from slack_failures where at < now() - interval '1 hour' limit 100 for update skip locked)`,
  );
}
