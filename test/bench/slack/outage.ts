/** Many pending reviews, decided while Slack is away: how soon every message says so when it is back. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Api } from '../lib/api.ts';
import { memoryOf, type Memory } from '../lib/memory.ts';
import { summarize, type Summary } from '../lib/statistics.ts';
import { CallLog, reviewPosted, succeeded, type Call } from '../lib/workspace.ts';
import type { SlackBenchOptions } from './options.ts';
import { addChannels, addReviewer, apiSockets, each, stage, type OnStop, type StageBench } from './stage.ts';

export interface OutageResult {
  pending: number;
  channels: number;
  /** Seconds until all of them were in Slack. */
  posted: { seconds: number; doubled: number };
  /** So many bare chat.update calls of the same content, 20 at a time, in seconds. */
  bare: number;
  /** Without Slack's limits and without hoop's own pace. */
  free: Rewriting;
  /** With both; `allowed` is what Slack's 50 a minute make in the time that was watched. */
  limited: Rewriting & { allowed: number };
  /** MB, while all are pending, and the most in each of the outages until its messages are rewritten. */
  memory: Record<'pending' | 'free' | 'limited', Record<Watched, Memory>>;
  /** Activity attempts of one review from its request to both rewrites, sampled in the histories. */
  attempts: Summary | null;
}

export interface Rewriting {
  /** Seconds in which all decisions were taken, Slack being away. */
  deciding: number;
  /** Calls that met the outage. */
  met: number;
  /** Seconds that were watched after it, or until everything was rewritten. */
  watched: number;
  rewritten: number;
  /** Seconds after the outage of each message's change. */
  after: Summary | null;
  /** Answers 429. */
  refused: number;
}

const watched = ['gateway', 'worker'] as const;
type Watched = (typeof watched)[number];

const groups = ['bench-first', 'bench-second', 'bench-third'] as const;
const bareInFlight = 20;
const postWithinMs = 30 * 60_000;
/** chat.update is of tier 3: https://docs.slack.dev/apis/web-api/rate-limits */
const perMinute = 50;
const sampled = 50;

interface Pending {
  id: string;
  channel: string;
  ts: string;
}

export function measureOutage(onStop: OnStop, options: SlackBenchOptions): Promise<OutageResult> {
  return stage(onStop, async (bench) => {
    const { workspace, admin } = bench;
    const [first, second] = [
      await addReviewer(bench, groups[0]),
      await addReviewer(bench, groups[1]),
      // asked and never heard: no run begins
      await addReviewer(bench, groups[2]),
    ];
    const channels = await addChannels(workspace, options.channels);
    for (const { name } of channels) {
      const plugins = [{ name: 'slack', channels: [name] }];
      await admin.saveConnection({ name, agent: 'default', command: ['sh'], reviewers: [...groups], plugins });
    }
    await workspace.quiet(3_000, 20_000);

    // 1,000 posts and as many changes would take hoop's pace an hour
    const restorePace = await withoutPace(bench);
    const names = channels.map(({ name }) => name);
    const { pending, message, ...posted } = await post(bench, names, options.pending);
    const memory = await watchMemory(bench);
    bench.onStop(async () => memory.stop());
    const atRest = await memory.most();
    const free = await rewriting(bench, { ...options, pending, reviewer: first });
    console.error(`Rewritten without limits: ${free.rewritten} of ${pending.length} in ${free.watched.toFixed(1)} s`);
    const withoutLimits = await memory.most();
    const targets = await bareTargets(bench, channels);
    const bare = await bench.baseline.updates({ targets, times: pending.length, inFlight: bareInFlight, message });
    await restorePace();
    await workspace.limits(true);
    const limited = await rewriting(bench, { ...options, pending, reviewer: second });
    const watchedMinutes = limited.watched / 60;
    return {
      pending: pending.length,
      channels: channels.length,
      posted,
      bare: bare / 1000,
      free,
      limited: { ...limited, allowed: Math.min(pending.length, Math.floor(perMinute * watchedMinutes)) },
      memory: { pending: atRest, free: withoutLimits, limited: await memory.most() },
      attempts: await attemptsOf(bench, pending.slice(0, sampled)),
    };
  });
}

/** hoop counts its calls in a function of Postgres: for a while every call may be made at once. Gives what undoes it. */
async function withoutPace({ hoop: { db } }: StageBench): Promise<() => Promise<unknown>> {
  const signature = 'slack_turn(caller text, buckets text[], interval_ms int[], bursts int[])';
  const found = await db.query<{ text: string }>(
    "select pg_get_functiondef('slack_turn(text, text[], int[], int[])'::regprocedure) as text",
  );
  const original = found.rows[0]?.text ?? '';
  await db.query(`create or replace function ${signature} returns int language sql as 'select 0'`);
  return () => db.query(original);
}

/** The requests, spread over the connections, until each is in its channel; and what such a message is made of. */
async function post(
  { workspace, admin }: StageBench,
  connections: string[],
  count: number,
): Promise<{ pending: Pending[]; message: object; seconds: number; doubled: number }> {
  const log = await CallLog.from(workspace);
  const began = Date.now();
  const posted = new Map<string, Pending>();
  let doubled = 0;
  let sample: Call | undefined;
  const take = (calls: Call[]) => {
    for (const call of calls) {
      const found = reviewPosted(call);
      if (!found) continue;
      if (posted.has(found.id)) doubled += 1;
      posted.set(found.id, found);
      sample = call;
    }
    return posted.size >= count;
  };
  const ids = Array.from({ length: count }, () => randomUUID());
  const asking = each([...ids.keys()], apiSockets, (at) =>
    admin.createSession(ids[at] ?? '', connections[at % connections.length] ?? '', 'echo hi'),
  );
  const all = await log.until(take, postWithinMs, 100);
  await asking;
  if (!all) throw new Error(`${posted.size} of ${count} reviews are in Slack after ${postWithinMs / 60_000} min`);
  const seconds = (Date.now() - began) / 1000;
  await workspace.quiet(3_000, 20_000);
  take(await log.more());
  console.error(`${count} reviews are pending, posted in ${seconds.toFixed(1)} s`);
  const message = { text: sample?.args.text ?? '', blocks: JSON.parse(sample?.args.blocks ?? '[]') as unknown[] };
  return { pending: [...posted.values()], message, seconds, doubled };
}

interface Round extends Pick<SlackBenchOptions, 'outageSeconds' | 'rewriteSeconds'> {
  pending: Pending[];
  reviewer: Api;
}

/** Slack goes away, everything is decided, Slack comes back. */
async function rewriting(
  { workspace }: StageBench,
  { pending, reviewer, outageSeconds, rewriteSeconds }: Round,
): Promise<Rewriting> {
  let met = 0;
  let refused = 0;
  const log = await CallLog.from(workspace);
  await workspace.fault({ kind: 'outage', count: 0 });
  const began = Date.now();
  let done = false;
  const countMet = (calls: Call[]) => {
    met += calls.filter(({ fault, method }) => fault === 'outage' && method === 'chat.update').length;
    return done;
  };
  // read as it goes: the sandbox keeps a limited number of calls
  const watching = log.until(countMet, 30 * 60_000);
  await each(pending, apiSockets, async ({ id }) => reviewer.approve(id, (await reviewer.session(id)).digest));
  const deciding = (Date.now() - began) / 1000;
  setTimeout(() => (done = true), outageSeconds * 1000);
  await watching;
  countMet(await log.more());
  await workspace.clearFaults();

  const back = Date.now();
  const wanted = new Set(pending.map(({ ts }) => ts));
  const rewritten = new Map<string, number>();
  const all = await log.until(
    (calls) => {
      for (const call of calls) {
        if (call.status === 429) refused += 1;
        if (!succeeded(call, 'chat.update') || call.at < back) continue;
        const { ts = '' } = call.args;
        if (wanted.has(ts) && !rewritten.has(ts)) rewritten.set(ts, (call.at - back) / 1000);
      }
      return rewritten.size === wanted.size;
    },
    rewriteSeconds * 1000,
    pending.length,
  );
  const moments = [...rewritten.values()];
  const watched = all ? Math.max(...moments) : (Date.now() - back) / 1000;
  const after = moments.length > 0 ? summarize(moments) : null;
  return { deciding, met, watched, rewritten: rewritten.size, after, refused };
}

async function bareTargets({ baseline }: StageBench, channels: { id: string }[]) {
  const targets: { channel: string; ts: string }[] = [];
  for (const { id } of channels) targets.push({ channel: id, ts: await baseline.post(id) });
  return targets;
}

async function watchMemory({ hoop }: StageBench) {
  const pids = await hoop.pids();
  const none = (): Record<Watched, Memory> => ({ gateway: { rss: 0, pss: 0 }, worker: { rss: 0, pss: 0 } });
  let most = none();
  const look = async () => {
    for (const name of watched) {
      const now = await memoryOf(pids[name] ?? 0);
      const { rss, pss } = most[name];
      most[name] = { rss: Math.max(rss, now.rss), pss: Math.max(pss, now.pss) };
    }
  };
  const timer = setInterval(() => void look().catch(() => clearInterval(timer)), 2_000);
  return {
    /** Since it was asked last. */
    async most(): Promise<Record<Watched, Memory>> {
      await look();
      const seen = most;
      most = none();
      return seen;
    },
    stop: () => clearInterval(timer),
  };
}

/** Attempts of the Slack activities, by session; an activity that is still tried counts with what it has had. */
async function attemptsOf({ hoop }: StageBench, sessions: Pending[]): Promise<Summary | null> {
  const connection = await Connection.connect({ address: hoop.run.temporalAddress });
  const { workflow } = new Client({ connection });
  const counts: number[] = [];
  for (const { id } of sessions) {
    const handle = workflow.getHandle(`session-${id}`);
    const [{ events }, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    const over = (events ?? []).map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0);
    const waiting = (raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 0);
    counts.push([...over, ...waiting].reduce((sum, attempt) => sum + attempt, 0));
  }
  await connection.close();
  return counts.length > 0 ? summarize(counts) : null;
}
