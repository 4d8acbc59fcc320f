/** Tables `slack_pace` and `slack_turns`: when Slack may be called next, for all workers, on Postgres' clock. */
import type { Queryable } from './pool.ts';

/** A limit of Slack: one call each `everyMs` in the long run, up to `burst` at once. */
export interface Bucket {
  name: string;
  everyMs: number;
  burst: number;
}

/**
 * Asks to make a call that counts in these buckets, in this order. Gives 0 when it may be made now, and is counted;
 * else the milliseconds until the caller's turn, which is kept under the name of `holder`. `fresh`: before all who
 * wait and are not.
 */
export async function takeTurn(db: Queryable, holder: string, buckets: Bucket[], fresh = false): Promise<number> {
  const taken = await db.query<{ ms: number }>('select slack_turn($1, $2, $3, $4, $5) as ms', [
    holder,
    buckets.map((bucket) => bucket.name),
    buckets.map((bucket) => bucket.everyMs),
    buckets.map((bucket) => bucket.burst),
    fresh,
  ]);
  return taken.rows[0]?.ms ?? 0;
}

/**
 * Slack asked to wait: nobody makes a call of this bucket before, and then one at a time. Gives whether another
 * bucket of the same `family` (a prefix of names) is closed too.
 */
export async function closeBucket(db: Queryable, bucket: Bucket, ms: number, family: string | null): Promise<boolean> {
  const closed = await db.query<{ others: boolean }>(
    `with closed as (
       insert into slack_pace as p (bucket, closed_until, departed_to, promised_to)
       select $1, t, t + $3 * interval '1 millisecond', t + $3 * interval '1 millisecond'
         from (select clock_timestamp() + $2 * interval '1 millisecond' as t) c
       on conflict (bucket) do update set closed_until = greatest(p.closed_until, excluded.closed_until),
         departed_to = greatest(p.departed_to, excluded.departed_to), promised_to = greatest(p.promised_to, excluded.promised_to))
     select exists (select 1 from slack_pace where starts_with(bucket, $4) and bucket <> $1 and closed_until > clock_timestamp()) as others`,
    [bucket.name, ms, bucket.everyMs * (bucket.burst - 1), family ?? ''],
  );
  return family !== null && closed.rows[0]?.others === true;
}

/** Whether somebody holds a turn in this bucket that has not come yet. */
export async function isAwaited(db: Queryable, bucket: string): Promise<boolean> {
  const found = await db.query('select 1 from slack_turns where bucket = $1 and at > clock_timestamp() limit 1', [
    bucket,
  ]);
  return found.rowCount === 1;
}
