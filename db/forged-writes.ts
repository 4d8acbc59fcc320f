/** Table `forged_writes`: how often somebody other than hoop wrote something to Temporal. */
import type { Queryable } from './pool.ts';

/** Counts one more and gives the number so far. */
export async function countForgedWrite(db: Queryable, kind: string, subject: string): Promise<number> {
  const counted = await db.query<{ attempts: number }>(
    `insert into forged_writes as f (kind, subject) values ($1, $2)
     on conflict (kind, subject) do update set attempts = f.attempts + 1, last_at = now()
     returning attempts`,
    [kind, subject],
  );
  return counted.rows[0]?.attempts ?? 1;
}
