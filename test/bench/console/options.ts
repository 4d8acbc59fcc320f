/** The command line of `npm run bench -- console`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count } from '../lib/options.ts';

export interface ConsoleBenchOptions {
  /** Sessions in all, and how many of them wait for who looks. */
  sessions: number;
  pending: number;
  users: number;
  connections: number;
  /** How often each page is opened. */
  samples: number;
  /** Where the JSON goes. */
  out: string;
}

export function parseConsoleOptions(argv: string[] = process.argv.slice(2)): ConsoleBenchOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      sessions: { type: 'string', default: '10000' },
      pending: { type: 'string', default: '100' },
      users: { type: 'string', default: '5000' },
      connections: { type: 'string', default: '200' },
      samples: { type: 'string', default: '15' },
      out: { type: 'string', default: join(tmpdir(), 'hoop-bench-console.json') },
    },
  });
  return {
    sessions: count('--sessions', values.sessions, 1, 1_000_000),
    pending: count('--pending', values.pending, 1, 1_000),
    users: count('--users', values.users, 1, 100_000),
    connections: count('--connections', values.connections, 1, 10_000),
    samples: count('--samples', values.samples, 1),
    out: values.out,
  };
}
