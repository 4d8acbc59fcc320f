/**
 * Every process of a session (`setsid(2)`): job control of a shell in a terminal puts each job into a process group of
 * its own, and only the session still holds them together. What calls `setsid` itself has left it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { isErrno } from './files.ts';

/** Processes that appear while others are signalled are looked for so often. */
const maxPasses = 10;

/**
 * Sends `signals` to every process in the session of `leader`, where that cannot be seen to the process group of that
 * number; gives how many heard them. Throws once all were tried when one may not be signalled (`sudo`, and the agent is
 * not root).
 */
export function signalSession(leader: number, ...signals: NodeJS.Signals[]): number {
  const tried = new Set<number>();
  const problems: unknown[] = [];
  let heard = 0;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const found = (process.platform === 'linux' ? membersOf(leader) : [-leader]).filter((pid) => !tried.has(pid));
    if (found.length === 0) break;
    for (const pid of found) {
      tried.add(pid);
      try {
        const answers = signals.map((signal) => signalOne(pid, signal));
        if (answers.includes(true)) heard += 1;
      } catch (error) {
        problems.push(error);
      }
    }
  }
  if (problems.length > 0) throw problems[0];
  return heard;
}

/** The process group that a key like Ctrl-C reaches in the terminal of `leader`; its own group without a terminal. */
export function signalForeground(leader: number, signal: NodeJS.Signals): void {
  const group = process.platform === 'linux' ? Number(statOf(leader)?.[5] ?? leader) : leader;
  signalOne(-(group > 0 ? group : leader), signal);
}

function membersOf(leader: number): number[] {
  const session = String(leader);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => statOf(pid)?.[3] === session);
}

/** The fields of `proc_pid_stat(5)` behind the name: state, ppid, pgrp, session, tty_nr, tpgid... */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null; // it has ended
  }
}

function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false; // it has ended
    throw error;
  }
}
