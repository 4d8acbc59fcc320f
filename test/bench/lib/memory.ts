/** Memory of processes as the kernel counts it. */
import { readFile } from 'node:fs/promises';

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

export function sumOf(all: Memory[]): Memory {
  return { rss: all.reduce((sum, { rss }) => sum + rss, 0), pss: all.reduce((sum, { pss }) => sum + pss, 0) };
}
