/** Memory and time of processes as the kernel counts them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';

export interface Memory {
  /** MB (10^6 bytes) that are resident. */
  rss: number;
  /** MB, shared pages divided among those who share them. */
  pss: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (field: string): number => {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
    if (!found) throw new Error(`/proc/${pid}/smaps_rollup has no ${field}`);
    return (Number(found[1]) * 1024) / 1e6;
  };
  return { rss: megabytes('Rss'), pss: megabytes('Pss') };
}

/** MB: the most that has been resident since the process began, or since `forgetPeak`. */
export async function peakOf(pid: number): Promise<number> {
  return fromStatus(pid, 'VmHWM');
}

/** MB that are resident. */
export async function residentOf(pid: number): Promise<number> {
  return fromStatus(pid, 'VmRSS');
}

/** From now on the peak is counted anew: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

async function fromStatus(pid: number, field: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (!found) throw new Error(`/proc/${pid}/status has no ${field}`);
  return (Number(found[1]) * 1024) / 1e6;
}

export function sumOf(all: Memory[]): Memory {
  return { rss: all.reduce((sum, { rss }) => sum + rss, 0), pss: all.reduce((sum, { pss }) => sum + pss, 0) };
}

/** A process with all that descend from it. Pages that they share count for each of them in `rss`, and once in `pss`. */
export async function memoryOfTree(pid: number): Promise<Memory> {
  const all = await Promise.all((await treeOf(pid)).map((one) => memoryOf(one).catch(() => ({ rss: 0, pss: 0 }))));
  return sumOf(all);
}

/** Milliseconds of processor time that a process, its descendants and those it has waited for have had so far. */
export async function cpuOfTree(pid: number): Promise<number> {
  const stats = await Promise.all((await treeOf(pid)).map(statOf));
  return stats.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0);
}

/** The same of the process alone; undefined once it is gone. */
export async function cpuOf(pid: number): Promise<number | undefined> {
  return (await statOf(pid))?.ownMs;
}

interface Stat {
  pid: number;
  parent: number;
  cpuMs: number;
  /** Without the children that were waited for. */
  ownMs: number;
}

/** What `/proc` counts in: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100;

async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // the name before it may hold anything, brackets too
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (!fields) return undefined;
  const millis = (ticks: number[]) => (ticks.reduce((sum, value) => sum + value, 0) * 1000) / ticksPerSecond;
  const [own, all] = [fields.slice(11, 13), fields.slice(11, 15)];
  return { pid, parent: fields[1] ?? 0, cpuMs: millis(all), ownMs: millis(own) };
}

async function treeOf(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = (await Promise.all(pids.map(statOf))).filter((stat) => stat !== undefined);
  const tree = [root];
  for (const pid of tree) tree.push(...stats.filter(({ parent }) => parent === pid).map((child) => child.pid));
  return tree;
}
