/** Table `workers`: those that run, and those that went without stopping. */
import type { Queryable } from './pool.ts';

export interface WorkerLease {
  id: string;
  host: string;
  pid: number;
  version: string;
  build: string;
}

/** Takes or renews a lease, and drops those long over. */
export async function renewWorkerLease(db: Queryable, worker: WorkerLease, seconds: number): Promise<void> {
  await db.query(
    `insert into workers (id, host, pid, version, build, lease_until)
     values ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')
     on conflict (id) do update set lease_until = excluded.lease_until`,
    [worker.id, worker.host, worker.pid, worker.version, worker.build, seconds],
  );
  await db.query(`delete from workers where lease_until < now() - interval '1 hour'`);
}

export async function dropWorkerLease(db: Queryable, id: string): Promise<void> {
  await db.query('delete from workers where id = $1', [id]);
}

export interface WorkerRow extends WorkerLease {
  startedAt: Date;
  leaseUntil: Date;
  /** Its lease holds. */
  alive: boolean;
}

/** The longest running first. */
export async function listWorkers(db: Queryable): Promise<WorkerRow[]> {
  const found = await db.query<WorkerRow>(
    `select id, host, pid, version, build, started_at as "startedAt", lease_until as "leaseUntil",
       lease_until > now() as alive from workers order by started_at, id`,
  );
  return found.rows;
}
