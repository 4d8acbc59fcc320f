import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoopError } from '#shared/errors.ts';
import { copyPostgres, findPostgresPackage, hasItsLinks } from './binaries.ts';
import { findOrCreateServiceUser, type ServiceUser } from './service-user.ts';

/** Where PostgreSQL's programs and data are, and as whom it runs. */
export interface PostgresPlace {
  binaries: string;
  /** The data directory; made by initdb. */
  data: string;
  /** Set when hoop runs as root, which PostgreSQL refuses. */
  user?: ServiceUser;
}

/** Folder of a root's hoop: data and programs must be where the service user gets in, and a home may be closed. */
const sharedFolder = '/var/lib/hoop';

/**
 * As an ordinary user everything is inside `home`. As root the home may lie in a folder closed to other users, so
 * programs and data go to /var/lib/hoop; a random id in the home names them, so that an emptied home starts fresh.
 */
export async function preparePlace(home: string): Promise<PostgresPlace> {
  const { native, version } = findPostgresPackage();
  if (process.getuid?.() !== 0) return placeInHome(home, native, version);
  try {
    return await placeForServiceUser(home, native, version);
  } catch (cause) {
    if (cause instanceof HoopError) throw cause;
    throw new HoopError(
      'start_failed',
      `PostgreSQL does not run as root, and its files cannot be put into ${sharedFolder} for another user ` +
        `(${cause instanceof Error ? cause.message : String(cause)}). Start hoop as an ordinary user, or set DATABASE_URL.`,
      { cause },
    );
  }
}

async function placeInHome(home: string, native: string, version: string): Promise<PostgresPlace> {
  const folder = join(home, 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const copy = join(home, `postgres-${version}`);
  if (!hasItsLinks(native)) await copyPostgres(native, copy);
  return { binaries: hasItsLinks(native) ? native : copy, data: join(folder, 'data') };
}

async function placeForServiceUser(home: string, native: string, version: string): Promise<PostgresPlace> {
  const user = findOrCreateServiceUser();
  await mkdir(sharedFolder, { recursive: true });
  await chmod(sharedFolder, 0o755); // Everybody may pass; each data folder below is closed.
  const binaries = join(sharedFolder, `postgres-${version}-${process.arch}`);
  await copyPostgres(native, binaries);
  const folder = join(sharedFolder, await homeId(home));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, user.uid, user.gid);
  return { binaries, data: join(folder, 'data'), user };
}

/** The name under which this home's data is kept elsewhere; made on the first start. */
async function homeId(home: string): Promise<string> {
  const path = join(home, 'postgres-id');
  const known = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  if (/^[0-9a-f]{32}$/.test(known)) return known;
  const id = randomBytes(16).toString('hex');
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(path, `${id}\n`, { mode: 0o600 });
  return id;
}

/** Removes what PostgreSQL keeps for this home, outside of it too. For homes that are thrown away. */
export async function removePostgresData(home: string): Promise<void> {
  const id = await readFile(join(home, 'postgres-id'), 'utf8').catch(() => '');
  if (/^[0-9a-f]{32}$/.test(id.trim())) await rm(join(sharedFolder, id.trim()), { recursive: true, force: true });
  await rm(join(home, 'postgres'), { recursive: true, force: true });
}
