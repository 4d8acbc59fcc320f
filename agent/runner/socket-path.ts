/** Where a runner listens: in a directory that only the agent's user can enter, under a name short enough for a socket. */
import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { isErrno } from '../files.ts';
import type { AgentHome } from '../home.ts';

/** `sun_path` holds 108 bytes on Linux and 104 elsewhere, the closing zero included; some room for the pipes' names. */
const maxDirectoryBytes = 80;

/** The home itself where its path is short, else a directory of its own in the system's place for temporary files. */
export function socketDirectory(home: AgentHome, temporary = tmpdir()): string {
  if (Buffer.byteLength(home.runners) <= maxDirectoryBytes) return home.runners;
  const { uid } = userInfo();
  const path = join(temporary, `hoop-${uid}-${sha256Hex(home.directory).slice(0, 16)}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
  // the place is open to everybody: somebody may have been there first
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new HoopError(
      'start_failed',
      `${path} does not belong to this user alone. Remove it, or give the agent a HOOP_HOME with a shorter path.`,
    );
  }
  return path;
}

/** Removes a directory outside the home once no runner uses it. */
export function leaveSocketDirectory(home: AgentHome, directory: string): void {
  if (directory === home.runners) return;
  try {
    rmdirSync(directory);
  } catch {
    // another runner is there still
  }
}
