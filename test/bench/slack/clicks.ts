/** A click until it is acknowledged, and until the message shows it: hoop's, and a minimal app's in turn. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Series, type Summary } from '../lib/statistics.ts';
import { CallLog, reviewPosted, succeeded, type Call } from '../lib/workspace.ts';
import type { SlackBenchOptions } from './options.ts';
import { addChannels, addReviewer, each, stage, type OnStop, type StageBench } from './stage.ts';

/** Who is clicked for: hoop; Bolt that only acknowledges; Bolt that rewrites; Bolt with a workflow that rewrites. */
const apps = ['hoop', 'bolt ack', 'bolt update', 'bolt workflow'] as const;
type ClickedApp = (typeof apps)[number];
type What = 'acknowledged' | 'answered' | 'rewritten';
type Way = 'alone' | 'together';
export type ClickMeasure = `${ClickedApp} ${What} ${Way}`;
export type FlowMeasure = 'command ended' | 'first rewritten' | 'outcome in the thread' | 'last rewritten';

export interface ClicksResult {
  concurrent: number;
  /** Milliseconds from the click. */
  clicks: Partial<Record<ClickMeasure, Summary>>;
  /** Of an approval that completes the review: the command runs and its outcome is told. */
  flow: Partial<Record<FlowMeasure, Summary>>;
}

/** In `sre` alone, with a Slack identity: the one in whose name is clicked. */
const clicker = 'carol';
const withinMs = 20_000;
const restMs = 1_500;
/** hoop rewrites 50 messages a minute, and ten at once after a rest: clicks are measured that do not wait for others. */
const updateEveryMs = 1_250;
const restAtMostMs = 30_000;

interface Target {
  channel: string;
  ts: string;
}

export function measureClicks(onStop: OnStop, options: SlackBenchOptions): Promise<ClicksResult> {
  return stage(onStop, async (bench) => {
    const { admin, workspace } = bench;
    await addReviewer(bench, 'bench-second');
    const channels = await addChannels(workspace, options.concurrent);
    const common = { agent: 'default', command: ['sh'] };
    for (const { name } of channels) {
      const plugins = [{ name: 'slack', channels: [name] }];
      await admin.saveConnection({ ...common, name, reviewers: ['sre', 'bench-second'], plugins });
    }
    const plugins = [{ name: 'slack', channels: [channels[0]?.name ?? ''] }];
    await admin.saveConnection({ ...common, name: 'flow', reviewers: ['sre'], plugins });
    const baselines: Target[] = [];
    for (const { id } of channels) baselines.push({ channel: id, ts: await bench.baseline.post(id) });

    const clicks = new Series<ClickMeasure>();
    for (const way of ['alone', 'together'] as const) {
      for (let left = options.clicks; left > 0; left -= channels.length) {
        const names = channels.slice(0, left).map(({ name }) => name);
        await round(bench, { names, baselines, way, clicks });
        await wait(updateEveryMs * names.length);
        console.error(`Clicks ${way}: ${options.clicks - left + names.length} of ${options.clicks}`);
      }
    }
    const flow = new Series<FlowMeasure>();
    for (let turn = 1; turn <= options.flows; turn += 1) {
      await approveToEnd(bench, flow);
      await wait(updateEveryMs);
      console.error(`Approved and run: ${turn} of ${options.flows}`);
    }
    return { concurrent: options.concurrent, clicks: clicks.summaries(), flow: flow.summaries() };
  });
}

interface Round {
  names: string[];
  baselines: Target[];
  way: Way;
  clicks: Series<ClickMeasure>;
}

/** A request on each of the connections, one click on each, and as many on each of the minimal app's buttons. */
async function round(bench: StageBench, { names, baselines, way, clicks }: Round): Promise<void> {
  const targets = await ask(bench, names);
  const click = (app: ClickedApp, at: Target[]) =>
    clicked(bench, at, app === 'hoop' ? 'approve' : app.replace('bolt ', ''), app !== 'bolt ack').then((all) => {
      for (const { acknowledged, answered, rewritten } of all) {
        clicks.add(`${app} acknowledged ${way}`, acknowledged);
        clicks.add(`${app} answered ${way}`, answered);
        if (rewritten !== undefined) clicks.add(`${app} rewritten ${way}`, rewritten);
      }
    });
  const places = way === 'together' ? [undefined] : [...targets.keys()];
  for (const place of places) {
    const some = (all: Target[]) => (place === undefined ? all.slice(0, targets.length) : all.slice(place, place + 1));
    // each turn begins with another one, so that none always follows the same
    for (let turn = 0; turn < apps.length; turn += 1) {
      const app = apps[(turn + (place ?? 0)) % apps.length] ?? 'hoop';
      await click(app, some(app === 'hoop' ? targets : baselines));
    }
  }
}

/** Requests whose messages are in Slack, with everything at rest that they set off. */
async function ask({ admin, workspace }: StageBench, connections: string[]): Promise<(Target & { id: string })[]> {
  const log = await CallLog.from(workspace);
  const ids = connections.map(() => randomUUID());
  await each([...ids.keys()], connections.length, (at) =>
    admin.createSession(ids[at] ?? '', connections[at] ?? '', 'echo hi'),
  );
  const posted = new Map<string, Target & { id: string }>();
  const all = await log.until((calls) => {
    for (const call of calls) {
      const post = reviewPosted(call);
      if (post) posted.set(post.id, post);
    }
    return ids.every((id) => posted.has(id));
  }, withinMs);
  if (!all) throw new Error(`${posted.size} of ${ids.length} requests are in Slack after ${withinMs / 1000} s`);
  await workspace.quiet(restMs, restAtMostMs);
  return ids.flatMap((id) => posted.get(id) ?? []);
}

interface Clicked {
  /** As the sandbox measures it: from the payload's departure to its acknowledgement, in whole milliseconds. */
  acknowledged: number;
  /** As who clicks sees it, over the control API. */
  answered: number;
  rewritten: number | undefined;
}

/** Clicks on all of `targets` at once; with `rewrites` until Slack has stored the change of each. */
async function clicked(
  { workspace }: StageBench,
  targets: Target[],
  actionId: string,
  rewrites: boolean,
): Promise<Clicked[]> {
  const log = await CallLog.from(workspace);
  const began = Date.now();
  const clicks = Promise.all(
    targets.map(async ({ channel, ts }) => {
      const from = performance.now();
      const { ackMs } = await workspace.click(clicker, channel, ts, actionId);
      return { acknowledged: ackMs, answered: performance.now() - from };
    }),
  );
  const rewritten = new Map<string, number>();
  const seen = (calls: Call[]) => {
    for (const call of calls) {
      const ts = succeeded(call, 'chat.update') ? call.args.ts : undefined;
      if (ts !== undefined && !rewritten.has(ts)) rewritten.set(ts, call.at - began);
    }
    return targets.every(({ ts }) => rewritten.has(ts));
  };
  if (rewrites && !(await log.until(seen, withinMs, targets.length))) {
    const found = `${rewritten.size} of ${targets.length} messages are rewritten ${withinMs / 1000} s after`;
    throw new Error(`${found} a click on "${actionId}"`);
  }
  return (await clicks).map((click, at) => ({ ...click, rewritten: rewritten.get(targets[at]?.ts ?? '') }));
}

/** The one approval that is needed: the command runs, its outcome comes into the thread, the message says the end. */
async function approveToEnd(bench: StageBench, flow: Series<FlowMeasure>): Promise<void> {
  const { workspace, admin } = bench;
  const [target] = await ask(bench, ['flow']);
  if (!target) throw new Error('nothing was asked');
  const log = await CallLog.from(workspace);
  const began = Date.now();
  await workspace.click(clicker, target.channel, target.ts, 'approve');
  const updates: number[] = [];
  let outcome: number | undefined;
  const told = await log.until((calls) => {
    for (const call of calls) {
      if (succeeded(call, 'chat.update') && call.args.ts === target.ts) updates.push(call.at - began);
      const isOutcome = succeeded(call, 'chat.postMessage') && call.args.thread_ts === target.ts;
      if (isOutcome) outcome = call.at - began;
    }
    return outcome !== undefined && updates.length > 0;
  }, withinMs);
  if (!told) throw new Error(`the outcome of ${target.id} is not in its thread after ${withinMs / 1000} s`);
  await workspace.quiet(restMs, restAtMostMs);
  for (const call of await log.more()) {
    if (succeeded(call, 'chat.update') && call.args.ts === target.ts) updates.push(call.at - began);
    if (succeeded(call, 'chat.postMessage') && call.args.thread_ts === target.ts) outcome = call.at - began;
  }
  const { endedAt } = await admin.session(target.id);
  if (endedAt !== null) flow.add('command ended', Date.parse(endedAt) - began);
  flow.add('first rewritten', updates[0] ?? Number.NaN);
  flow.add('outcome in the thread', outcome ?? Number.NaN);
  flow.add('last rewritten', updates.at(-1) ?? Number.NaN);
}
