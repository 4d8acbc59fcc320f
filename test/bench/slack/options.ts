/** The command line of `npm run bench -- slack`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count } from '../lib/options.ts';

export const stages = ['clicks', 'posting', 'outage'] as const;
export type Stage = (typeof stages)[number];

export interface SlackBenchOptions {
  /** All of them, or those named by `--only`. */
  stages: Stage[];
  /** Clicks of each kind, one after the other and again `concurrent` at a time. */
  clicks: number;
  concurrent: number;
  /** Approved requests that run to their end. */
  flows: number;
  channels: number;
  /** How long reviews are posted at the limit. */
  postSeconds: number;
  /** Reviews that wait when Slack goes away. */
  pending: number;
  /** How long Slack stays away after the last decision, and how long rewriting is watched when Slack limits it. */
  outageSeconds: number;
  rewriteSeconds: number;
  /** Where the JSON goes. */
  out: string;
}

export function parseSlackOptions(argv: string[] = process.argv.slice(2)): SlackBenchOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string', default: stages.join(',') },
      clicks: { type: 'string', default: '100' },
      concurrent: { type: 'string', default: '10' },
      flows: { type: 'string', default: '20' },
      channels: { type: 'string', default: '50' },
      'post-seconds': { type: 'string', default: '90' },
      pending: { type: 'string', default: '1000' },
      'outage-seconds': { type: 'string', default: '60' },
      'rewrite-seconds': { type: 'string', default: '180' },
      out: { type: 'string', default: join(tmpdir(), 'hoop-bench-slack.json') },
    },
  });
  const only = values.only.split(',').map((name) => name.trim());
  const unknown = only.find((name) => !stages.some((stage) => stage === name));
  if (unknown !== undefined) throw new Error(`--only takes ${stages.join(', ')}, not ${JSON.stringify(unknown)}.`);
  return {
    stages: stages.filter((stage) => only.includes(stage)),
    clicks: count('--clicks', values.clicks, 1),
    concurrent: count('--concurrent', values.concurrent, 1, 25),
    flows: count('--flows', values.flows, 1),
    channels: count('--channels', values.channels, 1, 50),
    postSeconds: count('--post-seconds', values['post-seconds'], 5),
    pending: count('--pending', values.pending, 1),
    outageSeconds: count('--outage-seconds', values['outage-seconds'], 0),
    rewriteSeconds: count('--rewrite-seconds', values['rewrite-seconds'], 10),
    out: values.out,
  };
}
