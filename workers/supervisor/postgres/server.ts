import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { HoopError } from '#shared/errors.ts';
import { endProcess, identify, type ProcessIdentity } from '../process-identity.ts';
import { freeDataFolder } from './data-folder.ts';
import type { PostgresPlace } from './place.ts';

export interface PostgresOptions {
  place: PostgresPlace;
  port: number;
  password: string;
  /** Descriptor of the file that takes what the server says. */
  log: number;
  /** More `name=value` settings of the server. */
  settings?: string[];
  /** More flags of initdb, for the first run. */
  initdbFlags?: string[];
  /** The server's environment, beyond what it needs. */
  env?: Record<string, string>;
  /** Called with the server's process as soon as it exists. */
  onSpawn?: (process: ProcessIdentity) => void;
}

export interface PostgresServer {
  /** Connection string of the database `hoop`. */
  url: string;
  child: ChildProcess;
  stop(): Promise<void>;
}

const role = 'hoop';
const startLimitMs = 60_000;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const wrongPassword = '28P01';
const passwordHelp =
  "PostgreSQL refuses the password in the home's postgres-password file: the file or the data folder was replaced. " +
  'Put the right one back, or move the whole home away to start fresh.';

/** Starts PostgreSQL on 127.0.0.1, making the cluster and the database `hoop` on the first run. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { place, port, password } = options;
  if (!existsSync(join(place.data, 'PG_VERSION'))) await makeCluster(options);
  await freeDataFolder(place.data);
  const child = spawnServer(options);
  const url = `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/hoop`;
  const stop = () => stopServer(child);
  try {
    await waitUntilReady(child, url.replace(/hoop$/, 'postgres'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, child, stop };
}

async function makeCluster(options: PostgresOptions): Promise<void> {
  const { place, password } = options;
  const secrets = mkdtempSync(join(tmpdir(), 'hoop-initdb-'));
  const passwordFile = join(secrets, 'password');
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    for (const path of [passwordFile, secrets]) {
      if (place.user) await chown(path, place.user.uid, place.user.gid);
    }
    await runInitdb(options, passwordFile);
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

/** Made beside and renamed, so that a data folder is a whole one even when a first start was interrupted. */
async function runInitdb({ place, log, env, initdbFlags = [] }: PostgresOptions, passwordFile: string): Promise<void> {
  const draft = `${place.data}.new`;
  await rm(draft, { recursive: true, force: true });
  // The built-in provider sorts the same on every system, whatever locales that has.
  const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = ['-U', role, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const child = spawn(join(place.binaries, 'bin/initdb'), ['-D', draft, ...access, ...locale, ...initdbFlags], {
    ...asServiceUser(place, env),
    stdio: ['ignore', log, log],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new HoopError('start_failed', `PostgreSQL's data folder could not be made (initdb: ${code}).`);
  await rename(draft, place.data);
}

function spawnServer({ place, port, log, env, settings = [], onSpawn }: PostgresOptions): ChildProcess {
  const all = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'log_line_prefix=%m [%p] ',
    ...settings,
  ];
  const child = spawn(join(place.binaries, 'bin/postgres'), ['-D', place.data, ...all.flatMap((one) => ['-c', one])], {
    ...asServiceUser(place, env),
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C in the terminal is for the supervisor, which stops the database last.
    detached: true,
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity) onSpawn?.(identity);
  return child;
}

/** The caller's folder may be closed to the service user, and its environment is none of PostgreSQL's business. */
function asServiceUser({ user, data }: PostgresPlace, env: Record<string, string> = {}) {
  const own = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env };
  return { cwd: user ? '/' : dirname(data), env: own, ...(user ? { uid: user.uid, gid: user.gid } : {}) };
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `ended with ${signal ?? code}`));
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    if (ended !== undefined) throw new HoopError('start_failed', `PostgreSQL did not start: ${ended}.`);
    const problem = await createDatabase(url);
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new HoopError('start_failed', `PostgreSQL is not ready after 60 s: ${problem}.`);
    await wait(25);
  }
}

/** Makes the database unless it is there; gives what stands in the way while the server starts or recovers. */
async function createDatabase(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // The query below fails with the same error.
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [role]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${role}`);
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code === wrongPassword) {
      throw new HoopError('start_failed', passwordHelp, { cause: error });
    }
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, nothing needs recovery. */
async function stopServer(child: ChildProcess): Promise<void> {
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity) await endProcess(identity, 'SIGINT', 5_000);
}
