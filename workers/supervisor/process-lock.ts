import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { processMarkSchema } from '#agent/process-mark.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

export interface ProcessLock {
  release(): Promise<void>;
}

/**
 * Takes the lock file for this process, or says who holds it. The holder is named by pid and start time,
 * so a lock left by a killed process is taken over, and a reused pid is not mistaken for it.
 */
export async function takeLock(path: string): Promise<ProcessLock | { heldBy: ProcessIdentity }> {
  await mkdir(dirname(path), { recursive: true });
  const self = identify(process.pid);
  if (!self) throw new Error('the start time of this very process cannot be read');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      if (await linkIfAbsent(draft, path)) return { release: () => rm(path, { force: true }) };
      const holder = await readHolder(path);
      if (holder && isRunning(holder)) return { heldBy: holder };
      await removeStale(path, holder);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** As `takeLock`, but waits until the holder lets go or dies. */
export async function waitForLock(path: string, onWait: () => void): Promise<ProcessLock> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await takeLock(path);
    if ('release' in answer) return answer;
    if (attempt === 0) onWait();
    await wait(200);
  }
}

/** link(2) gives the lock its content and its name in one step. */
async function linkIfAbsent(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return processMarkSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // Gone meanwhile, or nothing that a lock of ours could hold.
  }
}

/** Two starters may find the same stale lock: what was moved away is checked, and put back when it was a fresh one. */
async function removeStale(path: string, stale: ProcessIdentity | undefined): Promise<void> {
  const aside = `${path}.stale.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return; // Somebody else was faster.
  }
  const moved = await readHolder(aside);
  if (moved && moved.started !== stale?.started && isRunning(moved)) await linkIfAbsent(aside, path);
  await rm(aside, { force: true });
}
