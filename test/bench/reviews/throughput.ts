/** Reviews that are asked, decided and over, per second, in turn with minimal workflows of the same shape. */
import { randomUUID } from 'node:crypto';
import { now } from '../lib/clock.ts';
import { Series, type Summary } from '../lib/statistics.ts';
import { cpuOfTree } from '../lib/memory.ts';
import { times } from '../lib/stage.ts';
import type { Shape } from '../lib/baseline.ts';
import { untilClosed } from './closed.ts';
import type { ReviewsBenchOptions } from './options.ts';
import { connection, cpuOfParts, entries, stage, type OnStop, type Part, type ReviewsBench } from './stage.ts';

export type Kind = 'approved' | 'rejected' | Shape;
export const kinds: Kind[] = ['signalThenActivity', 'approved', 'signalOnly', 'rejected'];

export interface ThroughputResult {
  rounds: number;
  reviews: number;
  inFlight: number;
  /** Per second, a value a round. */
  rate: Partial<Record<Kind, Summary>>;
  /** As `rate`, until the last workflow has closed too: it still tells people of the end when the session has it. */
  closedRate: Partial<Record<'approved' | 'rejected', Summary>>;
  /** From a decision to its end, milliseconds, with so many in flight. */
  latency: Partial<Record<Kind, Summary>>;
  /** Milliseconds of processor time a review, by part of hoop; the bench itself is not counted. */
  cpu: Partial<Record<Kind, Summary>>;
  cpuOf: Partial<Record<Kind, Partial<Record<Part | 'minimal worker', number>>>>;
}

/** One that waits, and how it is decided: gives the milliseconds from the decision to the end. */
type Decide = () => Promise<number>;

export function measureThroughput(onStop: OnStop, options: ReviewsBenchOptions): Promise<ThroughputResult> {
  return stage(onStop, async (bench) => {
    const { rounds, reviews, inFlight } = options;
    const [rate, closedRate, latency, cpu] = [
      new Series<Kind>(),
      new Series<'approved' | 'rejected'>(),
      new Series<Kind>(),
      new Series<Kind>(),
    ];
    const cpuOf: ThroughputResult['cpuOf'] = {};
    const run = async (kind: Kind, count: number) => {
      const before = await cpuNow(bench);
      const began = now();
      const took = await together(count, inFlight, () => ask(bench, kind));
      const seconds = (now() - began) / 1000;
      if (kind === 'approved' || kind === 'rejected') {
        await untilClosed(bench);
        closedRate.add(kind, (count * 1000) / (now() - began));
      }
      const after = await cpuNow(bench);
      rate.add(kind, count / seconds);
      for (const one of took) latency.add(kind, one);
      const parts = after.map(([part, value]) => {
        const earlier = before.find(([name]) => name === part)?.[1] ?? 0;
        return [part, (value - earlier) / count] as const;
      });
      cpuOf[kind] = Object.fromEntries(parts);
      cpu.add(
        kind,
        parts.reduce((sum, [, value]) => sum + value, 0),
      );
      console.error(`${kind}: ${(count / seconds).toFixed(1)}/s`);
    };
    // the first ones are slower: code is compiled, and the runner starts
    for (const kind of kinds) await run(kind, Math.min(50, reviews));
    for (const series of [rate, closedRate, latency, cpu]) series.clear();
    for (let round = 0; round < rounds; round += 1) for (const kind of kinds) await run(kind, reviews);
    return {
      ...{ rounds, reviews, inFlight },
      ...{ rate: rate.summaries(), closedRate: closedRate.summaries(), latency: latency.summaries() },
      ...{ cpu: cpu.summaries(), cpuOf },
    };
  });
}

/** Half of those in flight wait, and half are decided: each lane asks for the next one before it decides the last. */
async function together(count: number, inFlight: number, next: () => Promise<Decide>): Promise<number[]> {
  const lanes = Math.max(1, Math.floor(inFlight / 2));
  const took: number[] = [];
  let asked = 0;
  await times(lanes, lanes, async () => {
    let waiting: Decide | undefined;
    while (asked < count || waiting) {
      const last = waiting;
      waiting = undefined;
      if (asked < count) {
        asked += 1;
        waiting = await next();
      }
      if (last) took.push(await last());
    }
  });
  return took;
}

async function ask({ baseline, requester, reviewer, ends }: ReviewsBench, kind: Kind): Promise<Decide> {
  if (kind === 'signalThenActivity' || kind === 'signalOnly') return baseline.ask(kind);
  const { id, digest } = await requester.createSession(randomUUID(), connection, 'for the bench');
  return async () => {
    const ended = ends.of(id);
    const { sent } = await (kind === 'approved' ? reviewer.approve(id, digest) : reviewer.reject(id, digest));
    const { at, state } = await ended;
    const wanted = kind === 'approved' ? 'finished' : 'rejected';
    if (state !== wanted) throw new Error(`session ${id} is ${state}, not ${wanted}`);
    return at - sent;
  };
}

async function cpuNow({ hoop, baseline }: ReviewsBench): Promise<[Part | 'minimal worker', number][]> {
  return [...entries(await cpuOfParts(hoop)), ['minimal worker', await cpuOfTree(baseline.pid)]];
}
