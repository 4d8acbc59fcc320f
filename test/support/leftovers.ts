import { readFileSync, readdirSync } from 'node:fs';

export interface Leftover {
  pid: number;
  command: string;
}

const graceMs = 3_000;

/**
 * Processes that a test of this run started and that are still there after a moment's grace; they are killed.
 * They are known by HOOP_TEST_RUN in the environment they were started with. Elsewhere than on Linux nothing is found.
 */
export function endLeftovers(runId: string): Leftover[] {
  const deadline = Date.now() + graceMs;
  let found = findTagged(runId);
  while (found.length > 0 && Date.now() < deadline) {
    pause(50);
    found = findTagged(runId);
  }
  for (const { pid } of found) kill(pid);
  return found;
}

export function findTagged(runId: string): Leftover[] {
  const pids = readdirSync('/proc', { encoding: 'utf8' }).filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => {
    const environment = read(`/proc/${pid}/environ`).split('\0');
    if (pid === process.pid || !environment.includes(`HOOP_TEST_RUN=${runId}`)) return [];
    const command = read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
    // vitest's own workers end with vitest.
    const isWorker = parentOf(pid) === process.pid && command.includes('vitest');
    return isWorker || command === '' ? [] : [{ pid, command }];
  });
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // The process ended meanwhile, or belongs to another user.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Blocks: at the exit of a process nothing asynchronous runs any more. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
