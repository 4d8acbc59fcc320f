/** Pages of an installation that is full beside the same pages of an empty one. */
import type { Machine } from '../lib/machine.ts';
import { ms, table } from '../lib/table.ts';
import type { ConsoleBenchOptions } from './options.ts';
import type { PageName, PageResult } from './pages.ts';

export interface Result {
  subject: 'console';
  at: string;
  machine: Machine;
  sizes: Omit<ConsoleBenchOptions, 'out'>;
  empty: Record<PageName, PageResult>;
  full: Record<PageName, PageResult>;
}

export function textOf(result: Result): string {
  const { machine, sizes } = result;
  const load = (numbers: number[]) => numbers.map((value) => value.toFixed(1)).join(' ');
  return [
    `The console with ${sizes.sessions} sessions (${sizes.pending} pending for who looks), ${sizes.users} users and ` +
      `${sizes.connections} connections, beside an empty installation; ${machine.cpus} CPUs (${machine.model}), ` +
      `${machine.node}; load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}.`,
    pageTable(result),
    requestTable(result),
  ].join('\n\n');
}

function pageTable({ empty, full }: Result): string {
  const rows = names(full).map((name) => {
    const [before, after] = [empty[name].shown, full[name].shown];
    const ratio = `${(after.median / before.median).toFixed(2)}x`;
    return [name, ms(before.median), ms(after.median), ratio, ms(after.p95)];
  });
  return `From the address to the list, ms:\n${table(['page', 'empty, median', 'full, median', 'ratio', 'full, p95'], rows)}`;
}

function requestTable({ empty, full }: Result): string {
  const rows = names(full).flatMap((name) =>
    Object.entries(full[name].requests).map(([path, after]) => {
      const before = empty[name].requests[path];
      return [`${name}: ${path}`, before ? ms(before.median) : '-', ms(after.median), ms(after.p95)];
    }),
  );
  return `Requests of the pages, as the browser sees them, ms:\n${table(['request', 'empty, median', 'full, median', 'full, p95'], rows)}`;
}

const names = (results: Record<PageName, PageResult>) => Object.keys(results) as PageName[];
