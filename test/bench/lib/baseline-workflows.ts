/** The least that a review on Temporal can be: a signal and one activity; and the least that a run can be. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BaselineActivities } from './baseline-worker.ts';

const { begin } = proxyActivities<BaselineActivities>({ startToCloseTimeout: '1m' });

export const go = defineSignal('go');

/** Gives the moment at which the activity began. */
export async function signalThenActivity(): Promise<number> {
  let told = false;
  setHandler(go, () => void (told = true));
  await condition(() => told);
  return begin();
}

/** The least that a review without a run can be. */
export async function signalOnly(): Promise<void> {
  let told = false;
  setHandler(go, () => void (told = true));
  await condition(() => told);
}

export async function oneActivity(): Promise<number> {
  return begin();
}

export interface UpdateActivities {
  update(message: { channel: string; ts: string }): Promise<void>;
}

/** The least that a click which goes through Temporal can be: each signal is one activity that rewrites the message. */
export async function updateAtSignals(message: { channel: string; ts: string }): Promise<void> {
  const { update } = proxyActivities<UpdateActivities>({ startToCloseTimeout: '1m' });
  let told = 0;
  let done = 0;
  setHandler(go, () => void (told += 1));
  for (;;) {
    await condition(() => told > done);
    done = told;
    await update(message);
  }
}
