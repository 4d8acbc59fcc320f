/** The machine of a bench, for its result. */
import { cpus, loadavg } from 'node:os';

export interface Machine {
  cpus: number;
  model: string;
  loadBefore: number[];
  loadAfter: number[];
  node: string;
}

/** `loadBefore`, `loadAfter`: of `loadavg()` when the bench began, and ended. */
export function machineOf(loadBefore: number[], loadAfter = loadavg()): Machine {
  const [first] = cpus();
  return {
    cpus: cpus().length,
    model: first?.model.trim() ?? '',
    loadBefore,
    loadAfter,
    node: process.version,
  };
}
