/**
 * Every process of a session (`setsid(2)`): job control of a shell in a terminal puts each job into a process group of
 * its own, and only the session still holds them together. What calls `setsid` itself has left it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { isErrno } from './files.ts';

/**
 * Signals every process in the session of `leader`, where that cannot be seen the process group of that number; gives
 * how many. Throws when one of them may not be signalled.
 */
export function signalSession(leader: number, signal: NodeJS.Signals): number {
  const targets = process.platform === 'linux' ? membersOf(leader) : [-leader];
  return targets.filter((pid) => signalOne(pid, signal)).length;
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
