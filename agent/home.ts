/** The agent's directory, `$HOOP_HOME/agent`, and the lock that keeps a second agent out of it. */
import { linkSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HoopError } from '#shared/errors.ts';
import { isErrno, makePrivateDirectory, readFileIfThere } from './files.ts';
import { isAlive, markOf, processMarkSchema, type ProcessMark } from './process-mark.ts';

export interface AgentHome {
  directory: string;
  key: string;
  enrolment: string;
  journal: string;
  lock: string;
  /** One file a runner: who it is and where it answers. */
  runners: string;
  runnerLog: string;
  spool: string;
}

export function openHome(directory: string): AgentHome {
  const home = homeAt(directory);
  for (const path of [directory, home.runners, home.spool]) makePrivateDirectory(path);
  return home;
}

export function homeAt(directory: string): AgentHome {
  return {
    directory,
    key: join(directory, 'key.pem'),
    enrolment: join(directory, 'enrolment.json'),
    journal: join(directory, 'journal.jsonl'),
    lock: join(directory, 'lock'),
    runners: join(directory, 'runners'),
    runnerLog: join(directory, 'runner.log'),
    spool: join(directory, 'spool'),
  };
}

const spoolSuffix = '.spool';

export function spoolPath(home: AgentHome, sessionId: string): string {
  return join(home.spool, `${sessionId}${spoolSuffix}`);
}

/**
 * Takes the lock; an agent that is just going away gets `patienceMs` to do so. Gives the function that releases it.
 * Throws `HoopError` when another agent keeps it.
 */
export async function lockHome(home: AgentHome, patienceMs = 5_000): Promise<() => void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const holder = tryLock(home);
    if (holder === null) return () => rmSync(home.lock, { force: true });
    if (performance.now() > deadline) {
      throw new HoopError(
        'unavailable',
        `An agent (process ${holder.pid}) already uses ${home.directory}. Stop it, or give this one another HOOP_HOME.`,
      );
    }
    await delay(50);
  }
}

/** Null when the lock was taken, else who has it. */
function tryLock(home: AgentHome): ProcessMark | null {
  const draft = `${home.lock}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(markOf(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(draft, home.lock); // fails when somebody has it: the one step that decides
        return null;
      } catch (error) {
        if (!isErrno(error, 'EEXIST')) throw error;
      }
      const holder = readHolder(home.lock);
      if (holder !== null && isAlive(holder)) return holder;
      setAside(home.lock);
    }
  } finally {
    unlinkSync(draft);
  }
}

function readHolder(lock: string): ProcessMark | null {
  const text = readFileIfThere(lock);
  if (text === undefined) return null;
  try {
    return processMarkSchema.parse(JSON.parse(text));
  } catch {
    return null; // cut off by a crash of the machine: nobody's
  }
}

/** Removes a lock whose holder is gone. Another agent may have done the same and locked since: its lock is put back. */
function setAside(lock: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
    const holder = readHolder(aside);
    if (holder !== null && isAlive(holder)) linkSync(aside, lock);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Spools of sessions that are not in the journal: forgotten, and then the agent ended before it could remove them. */
export function removeStraySpools(home: AgentHome, isKnown: (sessionId: string) => boolean): void {
  for (const name of readdirSync(home.spool)) {
    if (!isKnown(basename(name, spoolSuffix))) rmSync(join(home.spool, name), { force: true });
  }
}
