/** A process whose standard output is the source's: how fast it comes, and what it took. */
import { spawn } from 'node:child_process';
import { now } from '../lib/clock.ts';
import { cpuOf, peakOf } from '../lib/memory.ts';
import { Checker, type Source } from './source.ts';

export interface Carried {
  /** From the start of the process to its first byte, and to its exit with everything read; milliseconds. */
  firstByte: number;
  total: number;
  /** Of the process itself: the most memory (MB) and the processor time (ms) that were seen. */
  peak: number;
  cpu: number;
}

/** How often the process is looked at: what it does in its last moments is missed. */
const lookEveryMs = 50;

export interface CarryOptions {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  source: Source;
}

/** Rejects unless the process writes exactly the source's bytes and exits with 0. */
export async function carry({ command, args, env, source }: CarryOptions): Promise<Carried> {
  const checker = new Checker(source);
  const began = now();
  const carried: Carried = { firstByte: Number.NaN, total: Number.NaN, peak: 0, cpu: 0 };
  const child = spawn(command, args, { env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const look = async () => {
    if (child.pid === undefined) return;
    const [peak, cpu] = await Promise.all([peakOf(child.pid).catch(() => 0), cpuOf(child.pid)]);
    carried.peak = Math.max(carried.peak, peak);
    carried.cpu = Math.max(carried.cpu, cpu ?? 0);
  };
  const looking = setInterval(() => void look(), lookEveryMs);
  let errors = '';
  let wrong: unknown;
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  child.stdout.on('data', (data: Buffer) => {
    if (checker.count === 0) carried.firstByte = now() - began;
    try {
      checker.take(data);
    } catch (error) {
      wrong ??= error;
      child.kill('SIGKILL');
    }
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        carried.total = now() - began;
        if (wrong !== undefined || code === 0) resolve();
        else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${errors}`));
      });
    });
  } finally {
    clearInterval(looking);
  }
  if (wrong !== undefined) throw wrong as Error;
  checker.end();
  return carried;
}
