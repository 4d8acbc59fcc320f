/** What each part of the bench starts anew: a hoop, its workspace, its admin. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn, type Api } from '../lib/api.ts';
import { startHoop, type BenchHoop } from '../lib/hoop.ts';
import { startSlackBaseline, type SlackBaseline } from '../lib/slack-baseline.ts';
import { BenchWorkspace, type Installed } from '../lib/workspace.ts';

type Stop = () => Promise<void>;
export type OnStop = (stop: Stop) => void;

export interface StageBench {
  hoop: BenchHoop;
  workspace: BenchWorkspace;
  /** Who asks. */
  admin: Api;
  baseline: SlackBaseline;
  baselineApp: Installed;
  onStop: OnStop;
}

export const password = 'bench-reviewer-password';
/** Requests and decisions that are made at the same time. */
export const apiSockets = 8;

/** A hoop of its own for `work`, stopped after it, or with everything else when the bench is. */
export async function stage<T>(onStop: OnStop, work: (bench: StageBench) => Promise<T>): Promise<T> {
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll(stops));
  onStop(stop);
  const later: OnStop = (one) => stops.push(one);
  try {
    const hoop = await startHoop(later);
    const { run, home } = hoop;
    const workspace = await BenchWorkspace.open(run.sandboxUrl ?? '');
    later(async () => workspace.close());
    const baselineApp = await workspace.install('baseline');
    const baseline = await startSlackBaseline({
      slackApiUrl: `${run.sandboxUrl}/api/`,
      temporalAddress: run.temporalAddress,
      ...baselineApp,
    });
    later(baseline.stop);
    const { token } = JSON.parse(await readFile(join(home, 'config.json'), 'utf8')) as { token: string };
    const admin = await signIn(run.apiUrl, { token }, apiSockets);
    return await work({ hoop, workspace, admin, baseline, baselineApp, onStop: later });
  } finally {
    await stop();
  }
}

async function stopAll(stops: Stop[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop().catch((error: unknown) => console.error(error));
}

/** Somebody in a group of their own, whom Slack does not know: no direct messages go out to them. */
export async function addReviewer({ admin, hoop }: StageBench, group: string): Promise<Api> {
  const email = `${group}@bench.example`;
  await admin.saveUser({ email, password, groups: [group] });
  return signIn(hoop.run.apiUrl, { email, password }, apiSockets);
}

/** Channels `#bench-01`, `#bench-02`...: their names and ids. */
export async function addChannels(workspace: BenchWorkspace, count: number): Promise<{ name: string; id: string }[]> {
  const channels: { name: string; id: string }[] = [];
  for (let number = 1; number <= count; number += 1) {
    const name = `bench-${String(number).padStart(2, '0')}`;
    channels.push({ name, id: await workspace.addChannel(name) });
  }
  return channels;
}

/** `work` for each item, `inFlight` at a time. */
export async function each<T>(items: readonly T[], inFlight: number, work: (item: T) => Promise<unknown>) {
  let next = 0;
  const worker = async () => {
    for (let turn = next++; turn < items.length; turn = next++) await work(items[turn] as T);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
