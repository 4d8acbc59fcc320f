import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** The secret kept in `path`; made on the first call, readable by its owner alone. */
export async function keptSecret(path: string, encoding: 'base64' | 'base64url'): Promise<string> {
  const known = await readSecret(path);
  if (known) return known;
  const secret = randomBytes(32).toString(encoding);
  // Renamed into place: a file that is there is a whole one.
  await writeFile(`${path}.tmp`, `${secret}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
  return secret;
}

/** The secret in `path`, or undefined when there is none. */
export async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
