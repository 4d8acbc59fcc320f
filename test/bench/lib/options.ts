/** The command line of every subject. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Measured rounds. */
  samples: number;
  /** Rounds before them that do not count. */
  warmUp: number;
  /** Where the JSON goes. */
  out: string;
}

export function parseOptions(subject: string, argv: string[] = process.argv.slice(2)): BenchOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      samples: { type: 'string', default: '30' },
      'warm-up': { type: 'string', default: '5' },
      out: { type: 'string', default: join(tmpdir(), `hoop-bench-${subject}.json`) },
    },
  });
  return {
    samples: count('--samples', values.samples, 1),
    warmUp: count('--warm-up', values['warm-up'], 0),
    out: values.out,
  };
}

export function count(flag: string, text: string, least: number, most = 10_000): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${flag} takes a number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}
