/** Table `sign_in_attempts`: how often somebody tried lately. */
import type { Queryable } from './pool.ts';

/** Counts one attempt under each key, and drops windows that are over. Gives the counts, in the order of the keys. */
export async function countAttempts(db: Queryable, keys: string[], windowSeconds: number): Promise<number[]> {
  await db.query("delete from sign_in_attempts where since < now() - $1 * interval '1 second'", [windowSeconds]);
  const counts: number[] = [];
  for (const key of keys) {
    const counted = await db.query<{ attempts: number }>(
      `insert into sign_in_attempts (key) values ($1)
       on conflict (key) do update set attempts = sign_in_attempts.attempts + 1 returning attempts`,
      [key],
    );
    counts.push(counted.rows[0]?.attempts ?? 0);
  }
  return counts;
}

/** A sign-in that went well was no attempt. */
export async function forgetAttempt(db: Queryable, accountKey: string, addressKey: string): Promise<void> {
  await db.query('delete from sign_in_attempts where key = $1', [accountKey]);
  await uncountAttempt(db, addressKey);
}

/** The attempt that was just counted went well; those before it still count. */
export async function uncountAttempt(db: Queryable, key: string): Promise<void> {
  await db.query('update sign_in_attempts set attempts = attempts - 1 where key = $1 and attempts > 0', [key]);
}
