/** What is measured, one function a measure; each gives the milliseconds of one sample, by name. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '#test/support/eventually.ts';
import type { Api } from '../lib/api.ts';
import type { Baseline } from '../lib/baseline.ts';
import { now } from '../lib/clock.ts';
import type { BenchHoop } from '../lib/hoop.ts';
import type { Series } from '../lib/statistics.ts';
import { timeOf, type TimedProcess } from '../lib/timed-process.ts';
import { traceOfDecision, traceOfRun, type Trace } from './trace.ts';

export type MeasureName =
  | 'sh'
  | 'node'
  | 'version'
  | 'minimal start'
  | 'minimal signal'
  | 'minimal signal to activity'
  | 'exec'
  | 'exec first byte'
  | 'waiting'
  | 'decision'
  | 'decision answered'
  | 'decision stream'
  | 'click';

export interface Bench {
  hoop: BenchHoop;
  baseline: Baseline;
  /** The admin of the first run, as who asks. */
  requester: Api;
  /** Somebody in both groups that are asked. */
  reviewer: Api;
  series: Series<MeasureName>;
  traces: { exec: Trace[]; decision: Trace[] };
}

/** Nobody has to approve what runs on it. */
export const freeConnection = 'bench-free';
/** The first run's, with its Slack channel. */
const reviewedConnection = 'bash';
const channel = 'ops';
/** Of the first run's sandbox people, the one in both groups. */
const slackReviewer = 'bob';

/** Slack may be told of much at once. */
const settledWithinMs = 60_000;

const script = 'echo hi';
const output = 'hi\n';

export const measures: ((bench: Bench) => Promise<void>)[] = [
  async ({ series }) => series.add('sh', await timeOf('sh', ['-c', script], { expect: output })),
  async ({ series }) => series.add('node', await timeOf(process.execPath, ['-e', '0'])),
  async ({ series, hoop }) => series.add('version', await timeOf(process.execPath, [hoop.program, 'version'])),
  async ({ series, baseline }) => series.add('minimal start', await baseline.startToResult()),
  minimalSignal,
  execWithoutReview,
  decisionToCli,
  decisionToStream,
  clickToCli,
];

export async function minimalSignal({ series, baseline }: Bench): Promise<void> {
  const { toActivity, toResult } = await baseline.signal();
  series.add('minimal signal to activity', toActivity);
  series.add('minimal signal', toResult);
}

async function execWithoutReview({ hoop, baseline, series, traces }: Bench): Promise<void> {
  const label = randomUUID();
  const args = ['exec', freeConnection, '-i', script, '--correlation-id', label];
  const marks = await hoop.cli(args, { expect: output }).ended;
  series.add('exec', marks.ended - marks.spawned);
  series.add('exec first byte', marks.firstStdout - marks.spawned);
  const id = await sessionOf(hoop, label);
  await settled(baseline, id);
  traces.exec.push(await traceOfRun(hoop, baseline.client, id, marks));
}

export async function decisionToCli(bench: Bench): Promise<void> {
  const { hoop, baseline, reviewer, series, traces } = bench;
  const { cli, id } = await waitingCli(bench);
  const { digest } = await reviewer.session(id);
  const { sent, answered } = await reviewer.approve(id, digest);
  const { firstStdout } = await cli.ended;
  series.add('decision', firstStdout - sent);
  series.add('decision answered', answered - sent);
  await settled(baseline, id);
  traces.decision.push(await traceOfDecision(hoop, baseline.client, id, { sent, firstOutput: firstStdout }));
}

/** Without a process of the CLI: a stream that waits, on a connection kept open. */
export async function decisionToStream({ baseline, requester, reviewer, series }: Bench): Promise<void> {
  const id = randomUUID();
  const { digest } = await requester.createSession(id, reviewedConnection, script);
  const watched = await requester.watch(id);
  await asked(baseline, id);
  const { sent } = await reviewer.approve(id, digest);
  series.add('decision stream', (await watched.firstOutput) - sent);
  await watched.ended;
  await settled(baseline, id);
}

async function clickToCli(bench: Bench): Promise<void> {
  const { hoop, baseline, series } = bench;
  const { cli, id } = await waitingCli(bench);
  const message = await hoop.sandbox.message(channel, slackReviewer, id);
  const clicked = now();
  await hoop.sandbox.click(slackReviewer, channel, message.ts, 'approve');
  series.add('click', (await cli.ended).firstStdout - clicked);
  await settled(baseline, id);
}

/** A `hoop exec` that has said that it waits, with everything at rest that its request set off. */
async function waitingCli({ hoop, baseline, series }: Bench): Promise<{ cli: TimedProcess; id: string }> {
  const label = randomUUID();
  const cli = hoop.cli(['exec', reviewedConnection, '-i', script, '--correlation-id', label], { expect: output });
  await cli.spoke;
  if (!cli.stderr().startsWith('Waiting for approval')) throw new Error(`hoop exec said: ${cli.stderr()}`);
  series.add('waiting', cli.marks.firstStderr - cli.marks.spawned);
  const id = await sessionOf(hoop, label);
  await asked(baseline, id);
  return { cli, id };
}

async function sessionOf({ db }: BenchHoop, correlationId: string): Promise<string> {
  const found = await db.query<{ id: string }>('select id from sessions where correlation_id = $1', [correlationId]);
  const id = found.rows[0]?.id;
  if (id === undefined) throw new Error(`no session with correlation id ${correlationId}`);
  return id;
}

/** The message is in Slack, and the workflow does nothing but wait. */
async function asked({ client }: Baseline, id: string): Promise<void> {
  const handle = client.workflow.getHandle(`session-${id}`);
  await eventually(
    async () => {
      const events = (await handle.fetchHistory()).events ?? [];
      const isPosted = events.some((event) => event.activityTaskCompletedEventAttributes);
      return isPosted && events.at(-1)?.workflowTaskCompletedEventAttributes;
    },
    { deadlineMs: 30_000, describe: `session ${id} is asked for in Slack` },
  );
}

/** Slack has been told everything; nothing of this sample is left to disturb the next one. */
async function settled({ client }: Baseline, id: string): Promise<void> {
  const handle = client.workflow.getHandle(`session-${id}`);
  const late = wait(settledWithinMs, 'late' as const, { ref: false });
  if ((await Promise.race([handle.result(), late])) !== 'late') return;
  const events = (await handle.fetchHistory()).events ?? [];
  const names = events.map((event) => Object.keys(event).find((key) => key.endsWith('Attributes')));
  throw new Error(`The workflow of session ${id} has not ended after ${settledWithinMs / 1000} s: ${names.join(', ')}`);
}
