import { readlinkSync } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess, identify, type ProcessIdentity } from '../process-identity.ts';

/**
 * Ends whatever an earlier PostgreSQL left running on this data folder, and removes its pid file. The caller holds
 * the home's lock, so nobody starts one meanwhile.
 *
 * PostgreSQL refuses to start while the pid in that file exists, be it a foreign process with a reused pid, or the
 * zombie of a killed server that nobody has reaped. What must not happen is a second server beside processes of the
 * first: they are found by their working directory, which is the data folder.
 */
export async function freeDataFolder(data: string): Promise<void> {
  if (process.platform !== 'linux') return; // Elsewhere PostgreSQL's own check has to do.
  const folder = await realpath(data);
  const left = await processesIn(folder);
  // The first one is the server itself; the others end with it.
  for (const identity of left) await endProcess(identity, 'SIGINT', 4_000);
  for (const identity of await processesIn(folder)) await endProcess(identity, 'SIGKILL', 1_000);
  await rm(join(folder, 'postmaster.pid'), { force: true });
}

/** In the order of their pids. */
async function processesIn(folder: string): Promise<ProcessIdentity[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids
    .filter((pid) => workingDirectory(pid) === folder)
    .sort((a, b) => a - b)
    .flatMap((pid) => identify(pid) ?? []);
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // It ended, or belongs to another user.
  }
}
