/** The command line of `npm run bench -- reviews`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count } from '../lib/options.ts';

export const stages = ['throughput', 'pending', 'history'] as const;
export type Stage = (typeof stages)[number];

export interface ReviewsBenchOptions {
  /** All of them, or those named by `--only`. */
  stages: Stage[];
  /** Rounds of `reviews` of each kind, `inFlight` at a time. */
  rounds: number;
  reviews: number;
  inFlight: number;
  /** Requests that wait at the same time. */
  pending: number;
  /** Decisions of each kind among them. */
  decisions: number;
  /** How often the worker is killed. */
  kills: number;
  /** How long processes are left alone before memory is looked at, and how long their processor time is counted. */
  restSeconds: number;
  /** Where the JSON goes. */
  out: string;
}

export function parseReviewsOptions(argv: string[] = process.argv.slice(2)): ReviewsBenchOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string', default: stages.join(',') },
      rounds: { type: 'string', default: '3' },
      reviews: { type: 'string', default: '600' },
      'in-flight': { type: 'string', default: '200' },
      pending: { type: 'string', default: '20000' },
      decisions: { type: 'string', default: '50' },
      kills: { type: 'string', default: '3' },
      'rest-seconds': { type: 'string', default: '30' },
      out: { type: 'string', default: join(tmpdir(), 'hoop-bench-reviews.json') },
    },
  });
  const only = values.only.split(',').map((name) => name.trim());
  const unknown = only.find((name) => !stages.some((stage) => stage === name));
  if (unknown !== undefined) throw new Error(`--only takes ${stages.join(', ')}, not ${JSON.stringify(unknown)}.`);
  return {
    stages: stages.filter((stage) => only.includes(stage)),
    rounds: count('--rounds', values.rounds, 1),
    reviews: count('--reviews', values.reviews, 1),
    inFlight: count('--in-flight', values['in-flight'], 2, 1_000),
    pending: count('--pending', values.pending, 10, 100_000),
    decisions: count('--decisions', values.decisions, 1),
    kills: count('--kills', values.kills, 1, 20),
    restSeconds: count('--rest-seconds', values['rest-seconds'], 1, 600),
    out: values.out,
  };
}
