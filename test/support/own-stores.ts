/** Postgres and Temporal of one test file alone, as `hoop start` runs them: they can be killed and come back. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '#workers/supervisor/ports.ts';
import { preparePlace, removePostgresData } from '#workers/supervisor/postgres/place.ts';
import { startPostgres } from '#workers/supervisor/postgres/server.ts';
import { startTemporal } from '#workers/supervisor/temporal/dev-server.ts';
import { findTemporal } from '#workers/supervisor/temporal/find-temporal.ts';

export type StoreName = 'postgres' | 'temporal';

export interface OwnStores {
  databaseUrl: string;
  temporalAddress: string;
  start(store: StoreName): Promise<void>;
  /** SIGKILL. */
  kill(store: StoreName): Promise<void>;
  close(): Promise<void>;
}

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hoop');

export async function startOwnStores(): Promise<OwnStores> {
  const folder = await mkdtemp(join(tmpdir(), 'hoop-stores-'));
  const postgresPort = await choosePort('PostgreSQL', 'HOOP_POSTGRES_PORT', 0);
  const temporalPort = await choosePort('Temporal', 'HOOP_TEMPORAL_PORT', 0);
  const log = (name: string) => openSync(join(folder, `${name}.log`), 'a');
  const program = await findTemporal({ env: process.env, cacheFolder, say: (line) => console.log(line) });
  const tag = { HOOP_TEST_RUN: process.env.HOOP_TEST_RUN ?? '' };
  const running = new Map<StoreName, { child: ChildProcess; stop(): Promise<void> }>();
  let databaseUrl = '';

  const starts: Record<StoreName, () => Promise<void>> = {
    async postgres() {
      const server = await startPostgres({
        place: await preparePlace(folder),
        port: postgresPort,
        password: 'test',
        log: log('postgres'),
        initdbFlags: ['--no-sync'],
        // what a process has written survives its death; only a crash of the machine needs more
        settings: ['fsync=off'],
        env: tag,
      });
      databaseUrl = server.url;
      running.set('postgres', server);
    },
    async temporal() {
      const server = await startTemporal({
        program,
        port: temporalPort,
        databaseFile: join(folder, 'temporal.db'),
        log: log('temporal'),
        env: process.env,
      });
      running.set('temporal', server);
    },
  };
  await Promise.all([starts.postgres(), starts.temporal()]);
  return {
    databaseUrl,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    start: (store) => starts[store](),
    async kill(store) {
      const child = running.get(store)?.child;
      running.delete(store);
      if (!child) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      await Promise.all([...running.values()].map((server) => server.stop()));
      await removePostgresData(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
