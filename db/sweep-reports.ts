/** Table `sweep_reports`: the last round of each sweep. */
import type { Queryable } from './pool.ts';

export interface SweepReportRow {
  name: string;
  /** Null: none came to its end yet. */
  endedAt: Date | null;
  tookMs: number | null;
  found: Record<string, number>;
  foundAt: Date | null;
  lastFound: Record<string, number>;
  failedAt: Date | null;
  /** Of the last round; null when it came to its end. */
  failure: string | null;
  /** Since its last round came to its end, by the clock of Postgres. */
  agoMs: number | null;
}

/** A round came to its end. */
export async function saveSweepReport(
  db: Queryable,
  { name, tookMs, found }: { name: string; tookMs: number; found: Record<string, number> },
): Promise<void> {
  const isNews = Object.values(found).some((count) => count > 0);
  await db.query(
    `insert into sweep_reports as r (name, ended_at, took_ms, found, found_at, last_found)
     values ($1, now(), $2, $3, case when $4 then now() end, case when $4 then $3::jsonb else '{}' end)
     on conflict (name) do update set ended_at = now(), took_ms = $2, found = $3, failure = null,
       found_at = case when $4 then now() else r.found_at end,
       last_found = case when $4 then $3::jsonb else r.last_found end`,
    [name, Math.round(tookMs), JSON.stringify(found), isNews],
  );
}

export async function saveSweepFailure(db: Queryable, name: string, failure: string): Promise<void> {
  await db.query(
    `insert into sweep_reports (name, failed_at, failure) values ($1, now(), $2)
     on conflict (name) do update set failed_at = now(), failure = $2`,
    [name, failure],
  );
}

export async function listSweepReports(db: Queryable): Promise<SweepReportRow[]> {
  const found = await db.query<SweepReportRow>(
    `select name, ended_at as "endedAt", took_ms as "tookMs", found, found_at as "foundAt", last_found as "lastFound",
       failed_at as "failedAt", failure, extract(epoch from now() - ended_at)::float8 * 1000 as "agoMs"
     from sweep_reports order by name`,
  );
  return found.rows;
}
