/** Many requests that wait at the same time: what they cost, and how soon one among them is acted on. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { now } from '../lib/clock.ts';
import type { Memory } from '../lib/memory.ts';
import { times } from '../lib/stage.ts';
import { Series, type Summary } from '../lib/statistics.ts';
import { untilWaiting } from './closed.ts';
import type { ReviewsBenchOptions } from './options.ts';
import { measureSweeps, type SweepResult } from './sweeps.ts';
import {
  connection,
  cpuOfParts,
  entries,
  memoryOfParts,
  stage,
  type OnStop,
  type Part,
  type ReviewsBench,
} from './stage.ts';

export const listNames = ['minimal cli', 'reviews of admin', 'reviews of reviewer', 'review list'] as const;
export type ListName = (typeof listNames)[number];
export type ActedName = 'rejected' | 'approved' | 'minimal' | 'minimal evicted' | 'rejected after restart';

export interface PendingResult {
  pending: number;
  /** Seconds in which all were asked, and until all workflows waited; a second, of the first and last tenth. */
  asked: { seconds: number; waitingSeconds: number; firstRate: number; lastRate: number };
  before: AtRest;
  with: AtRest;
  /** After everything that is measured here. */
  after: Partial<Record<Part, Memory>>;
  /** Milliseconds from the decision to the end of the session, one after the other, among all that wait. */
  acted: Partial<Record<ActedName, Summary>>;
  /** Milliseconds from the SIGKILL of the worker to the end of a session that is decided at that moment. */
  restart: Summary;
  sweeps: { before: SweepResult; with: SweepResult };
}

export interface AtRest {
  memory: Partial<Record<Part, Memory>>;
  /** Of one processor, in hundredths. */
  cpu: Partial<Record<Part, number>>;
  /** Milliseconds. */
  lists: Partial<Record<ListName, Summary>>;
}

const askedInFlight = 32;
const listed = 20;
const cliRuns = 7;
/** A killed worker starts again after half a second, unless it was killed within its first minute. */
const betweenKillsMs = 61_000;
/** As many as hoop's worker keeps in memory, and as the minimal one does. */
const cached = 200;

export function measurePending(onStop: OnStop, options: ReviewsBenchOptions): Promise<PendingResult> {
  return stage(onStop, async (bench) => {
    const { pending, decisions, kills, restSeconds } = options;
    // the gateway, the worker and the runner have done each thing once
    for (let turn = 0; turn < 5; turn += 1)
      for (const one of await ask(bench, 2)) await acted(bench, one, turn % 2 === 0);
    const sweepsBefore = await measureSweeps(bench);
    const before = await atRest(bench, restSeconds);

    const began = now();
    const moments: number[] = [];
    const waiting = await ask(bench, pending, () => moments.push(now()));
    const seconds = (now() - began) / 1000;
    await untilWaiting(bench, pending);
    const waitingSeconds = (now() - began) / 1000;
    console.error(`${pending} asked in ${seconds.toFixed(0)} s, waiting after ${waitingSeconds.toFixed(0)} s`);
    const tenth = Math.floor(pending / 10);
    const rateOf = (from: number, to: number) =>
      ((to - from) * 1000) / ((moments[to - 1] ?? 0) - (from === 0 ? began : (moments[from - 1] ?? 0)));
    const asked = { seconds, waitingSeconds, firstRate: rateOf(0, tenth), lastRate: rateOf(pending - tenth, pending) };

    const withAll = await atRest(bench, restSeconds);
    console.error('Deciding...');
    const series = new Series<ActedName>();
    for (let turn = 0; turn < decisions; turn += 1) {
      series.add('rejected', await acted(bench, take(waiting), false));
      series.add('approved', await acted(bench, take(waiting), true));
    }
    await minimal(bench, series, decisions);
    const sweeps = { before: sweepsBefore, with: await measureSweeps(bench) };
    const restart = new Series<'restart'>();
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill > 0) await wait(betweenKillsMs);
      restart.add('restart', await killWorker(bench, take(waiting)));
      for (let turn = 0; turn < Math.ceil(decisions / kills); turn += 1) {
        series.add('rejected after restart', await acted(bench, take(waiting), false));
      }
    }
    return {
      ...{ pending, asked, before, with: withAll, sweeps },
      acted: series.summaries(),
      restart: restart.summary('restart'),
      after: await memoryOfParts(bench.hoop),
    };
  });
}

interface Waiting {
  id: string;
  digest: string;
}

async function ask({ requester }: ReviewsBench, count: number, onAsked?: () => unknown): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  await times(count, askedInFlight, async () => {
    const { id, digest } = await requester.createSession(randomUUID(), connection, 'for the bench');
    waiting.push({ id, digest });
    onAsked?.();
    if (waiting.length % 2_000 === 0) console.error(`${waiting.length} of ${count} asked`);
  });
  return waiting;
}

/** Any of them, which is gone from the list then. */
function take(waiting: Waiting[]): Waiting {
  const [one] = waiting.splice(Math.floor(Math.random() * waiting.length), 1);
  if (!one) throw new Error('there are fewer requests than decisions');
  return one;
}

/** Milliseconds from the decision to the end of its session. */
async function acted({ ends, reviewer }: ReviewsBench, { id, digest }: Waiting, approve: boolean): Promise<number> {
  const ended = ends.of(id);
  const { sent } = await (approve ? reviewer.approve(id, digest) : reviewer.reject(id, digest));
  return (await ended).at - sent;
}

/** Minimal workflows on the same Temporal: one that its worker still holds, and one that it has to replay. */
async function minimal({ baseline }: ReviewsBench, series: Series<ActedName>, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) series.add('minimal', (await baseline.signal()).toResult);
  const evicted: (() => Promise<number>)[] = [];
  for (let turn = 0; turn < cached + count; turn += 1) evicted.push(await baseline.ask('signalThenActivity'));
  for (const one of evicted.slice(0, count)) series.add('minimal evicted', await one());
}

async function killWorker(bench: ReviewsBench, one: Waiting): Promise<number> {
  const { worker } = await bench.hoop.pids();
  if (worker === undefined) throw new Error('there is no worker');
  process.kill(worker, 'SIGKILL');
  const took = await acted(bench, one, false);
  console.error(`Acted on ${(took / 1000).toFixed(2)} s after the worker was killed`);
  return took;
}

async function atRest(bench: ReviewsBench, seconds: number): Promise<AtRest> {
  const { hoop, admin, reviewer } = bench;
  const series = new Series<ListName>();
  const timed = async (name: ListName, count: number, work: () => Promise<unknown>) => {
    for (let turn = 0; turn < count; turn += 1) {
      const began = now();
      await work();
      series.add(name, now() - began);
    }
  };
  await timed('reviews of admin', listed, () => admin.reviews(50));
  await timed('reviews of reviewer', listed, () => reviewer.reviews(50));
  await timed('minimal cli', cliRuns, () => hoop.cli(['version']).ended);
  await timed('review list', cliRuns, () => hoop.cli(['review', 'list']).ended);
  const began = now();
  const earlier = await cpuOfParts(hoop);
  await wait(seconds * 1000);
  const later = await cpuOfParts(hoop);
  const elapsed = now() - began;
  const cpu: AtRest['cpu'] = {};
  for (const [part, value] of entries(later)) cpu[part] = ((value - (earlier[part] ?? 0)) / elapsed) * 100;
  return { memory: await memoryOfParts(hoop), cpu, lists: series.summaries() };
}
