/** The command line of `npm run bench -- stream`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count } from '../lib/options.ts';

export const stages = ['throughput', 'keys', 'memory', 'approval'] as const;
export type Stage = (typeof stages)[number];

export interface StreamBenchOptions {
  /** All of them, or those named by `--only`. */
  stages: Stage[];
  /** Bytes of output of one command, and how often each way to carry them is taken. */
  bytes: number;
  rounds: number;
  /** Keystrokes on each kind of terminal, and the pause before each. */
  keys: number;
  keyPauseMs: number;
  /** Commands that run at the same time, and requests that wait at the same time. */
  runs: number;
  /** How long processes are left alone before memory is looked at. */
  restSeconds: number;
  /** Approvals. */
  samples: number;
  /** The program of an SSH server; without it one is looked for where systems keep it. */
  sshd: string | undefined;
  /** Where the JSON goes. */
  out: string;
}

/** What is typed stands in one line, and terminals take no more than 4096 bytes in one. */
const mostKeys = 4_000;
const mostBytes = 64 * 1024 ** 3;

export function parseStreamOptions(argv: string[] = process.argv.slice(2)): StreamBenchOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string', default: stages.join(',') },
      bytes: { type: 'string', default: '1G' },
      rounds: { type: 'string', default: '3' },
      keys: { type: 'string', default: '500' },
      'key-pause-ms': { type: 'string', default: '30' },
      runs: { type: 'string', default: '200' },
      'rest-seconds': { type: 'string', default: '10' },
      samples: { type: 'string', default: '20' },
      sshd: { type: 'string' },
      out: { type: 'string', default: join(tmpdir(), 'hoop-bench-stream.json') },
    },
  });
  const only = values.only.split(',').map((name) => name.trim());
  const unknown = only.find((name) => !stages.some((stage) => stage === name));
  if (unknown !== undefined) throw new Error(`--only takes ${stages.join(', ')}, not ${JSON.stringify(unknown)}.`);
  return {
    stages: stages.filter((stage) => only.includes(stage)),
    bytes: size('--bytes', values.bytes),
    rounds: count('--rounds', values.rounds, 1, 100),
    keys: count('--keys', values.keys, 1, mostKeys),
    keyPauseMs: count('--key-pause-ms', values['key-pause-ms'], 1, 1_000),
    runs: count('--runs', values.runs, 1, 250),
    restSeconds: count('--rest-seconds', values['rest-seconds'], 1, 600),
    samples: count('--samples', values.samples, 1),
    sshd: values.sshd,
    out: values.out,
  };
}

/** As `head -c` has it: K, M and G are powers of 1024. */
function size(flag: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  const bytes = digits === '' ? Number.NaN : Number(digits) * 1024 ** ' KMG'.indexOf(unit || ' ');
  if (bytes >= 1024 && bytes <= mostBytes) return bytes;
  throw new Error(`${flag} takes a size from 1K to 64G, as in 256M, not ${JSON.stringify(text)}.`);
}
