/** Applies the numbered SQL files that the database does not have yet, each in a transaction, one migrator at a time. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const lockKey = 7_266_011;

/**
 * Brings the database at `url` to the newest schema; gives the names of the files it applied. Refuses a database
 * whose applied files differ from those in `folder`: somebody changed history.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'hoop-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await client.query(
      'create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const rows = await client.query<{ name: string; checksum: string }>('select name, checksum from schema_migrations');
    const known = new Map(rows.rows.map((row) => [row.name, row.checksum]));
    const applied: string[] = [];
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()) {
      const sql = await readFile(join(folder, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const before = known.get(file);
      if (before !== undefined && before !== checksum) {
        throw new Error(`migration ${file} differs from the one this database was made with; restore the file`);
      }
      if (before !== undefined) continue;
      await apply(client, file, sql, checksum);
      applied.push(file);
    }
    return applied;
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, file: string, sql: string, checksum: string): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [file, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new Error(`migration ${file} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
