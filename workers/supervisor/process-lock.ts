import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
      const found = await readText(path);
      if (found === undefined) continue; // Released meanwhile.
      const holder = holderIn(found);
      if (holder && isRunning(holder)) return { heldBy: holder };
      await removeStale(path, found);
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

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function holderIn(text: string): ProcessIdentity | undefined {
  try {
    return processMarkSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // Nothing that a lock of ours could hold.
  }
}

/** What is done under the guard takes milliseconds: an older one was left by a process that was killed there. */
const guardLimitMs = 10_000;

/**
 * Many starters may find the same stale lock, and one may be long asleep between its look and its act. So a lock is
 * removed only under a guard named after its content, and only while it still has that content.
 */
async function removeStale(path: string, stale: string): Promise<void> {
  const guard = `${path}.${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`;
  try {
    await (await open(guard, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = await stat(guard).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > guardLimitMs) await rm(guard, { force: true });
    return wait(10);
  }
  try {
    if ((await readText(path)) === stale) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}
