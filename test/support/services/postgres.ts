import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '#db/migrate.ts';
import { preparePlace } from '#workers/supervisor/postgres/place.ts';
import { startPostgres } from '#workers/supervisor/postgres/server.ts';
import { choosePort } from '#workers/supervisor/ports.ts';
import type { RunFolder } from './run-folder.ts';

export interface TestPostgres {
  /** Connection string of a superuser, on the database `postgres`. */
  adminUrl: string;
  /** A migrated database to clone. */
  template: string;
}

const template = 'hoop_template';

export async function startTestPostgres(
  folder: RunFolder,
  onStop: (stop: () => Promise<void>) => void,
): Promise<TestPostgres> {
  const server = await startPostgres({
    place: await preparePlace(folder.path),
    port: await choosePort('PostgreSQL', 'HOOP_POSTGRES_PORT', 0),
    password: 'test',
    log: openSync(join(folder.path, 'postgres.log'), 'a'),
    // Nothing here must survive a crash of the machine.
    initdbFlags: ['--no-sync'],
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
    onSpawn: folder.remember,
  });
  onStop(server.stop);
  const adminUrl = server.url.replace(/hoop$/, 'postgres');
  await makeTemplate(adminUrl);
  return { adminUrl, template };
}

async function makeTemplate(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${template}`);
  await admin.end();
  const migrations = fileURLToPath(new URL('../../../db/migrations', import.meta.url));
  await migrate(adminUrl.replace(/postgres$/, template), migrations);
}
