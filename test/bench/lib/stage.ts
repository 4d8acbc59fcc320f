/** A hoop of its own for a part of a bench, stopped after it, or with everything else when the bench is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn, type Api } from './api.ts';
import { startHoop, type BenchHoop } from './hoop.ts';

type Stop = () => Promise<void>;
export type OnStop = (stop: Stop) => void;

/** `work` hands what it starts to `later`: that is stopped before its hoop is. */
export async function hoopStage<T>(onStop: OnStop, work: (hoop: BenchHoop, later: OnStop) => Promise<T>): Promise<T> {
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll(stops));
  onStop(stop);
  const later: OnStop = (one) => stops.push(one);
  try {
    console.error('Starting hoop...');
    return await work(await startHoop(later), later);
  } finally {
    await stop();
  }
}

/** The admin of the first run, with their own token. */
export async function signInAdmin({ home, run }: BenchHoop, maxSockets = 1): Promise<Api> {
  const { token } = JSON.parse(await readFile(join(home, 'config.json'), 'utf8')) as { token: string };
  return signIn(run.apiUrl, { token }, maxSockets);
}

async function stopAll(stops: Stop[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop().catch((error: unknown) => console.error(error));
}

/** `work` for each number below `count`, `inFlight` at a time. */
export async function times(count: number, inFlight: number, work: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let turn = next++; turn < count; turn = next++) await work(turn);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane));
}
