import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from '#agent/process-mark.ts';

/** A process beyond doubt: pids are reused, a pid with its start time is not. */
export type ProcessIdentity = ProcessMark;

/** The identity of a process that runs now, or undefined when there is none (or only its zombie). */
export function identify(pid: number): ProcessIdentity | undefined {
  return markOf(pid) ?? undefined;
}

export const isRunning = isAlive;

/**
 * Ends a process, and its process group when it leads one: `signal` first, SIGKILL after `graceMs`.
 * Resolves once it is gone.
 */
export async function endProcess(target: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!send(target, signal)) return;
  if (await isGoneWithin(target, graceMs)) return;
  sendToGroup(target, 'SIGKILL');
  await isGoneWithin(target, 5_000);
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch {
    return false; // It ended between the look and the signal.
  }
}

/** The supervisor's children lead groups of their own, so that what they started goes with them. */
function sendToGroup(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(target)) return;
  try {
    process.kill(-target.pid, signal);
  } catch {
    send(target, signal);
  }
}

async function isGoneWithin(target: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isRunning(target)) {
    if (Date.now() > deadline) return false;
    await wait(20);
  }
  return true;
}
