/** Files that only their owner reads, and that are there whole or not at all. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { usageError } from './terminal.ts';

/**
 * What stood at `path` before stays until all has come. `what` is named to who gave a path that cannot be written:
 * a usage error.
 */
export async function writePrivateFile(path: string, source: Readable, what: string): Promise<void> {
  const target = await realpath(path).catch(() => path); // through links, as shells write
  const isSpecial = await stat(target).then(
    (found) => !found.isFile(),
    () => false,
  ); // a pipe, a device
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}`);
  const file = isSpecial ? createWriteStream(target) : createWriteStream(beside, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch((error: Error) => {
    source.destroy();
    throw usageError(`cannot write ${what}: ${error.message}`);
  });
  try {
    await pipeline(source, file);
    if (!isSpecial) await rename(beside, target);
  } catch (error) {
    if (!isSpecial) await rm(beside, { force: true });
    throw error;
  }
}
