import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { tellInSlack } from '#activities/slack/tell-in-slack.ts';

const later = (ms: number) => ApplicationFailure.create({ message: 'later', nextRetryDelay: ms });

/** What is called, in order; `fails`: with what a channel or an event is answered. */
function step(fails: Record<string, unknown> = {}) {
  const called: string[] = [];
  const call = async (what: string): Promise<void> => {
    called.push(what);
    if (fails[what] !== undefined) throw fails[what];
  };
  const tell = tellInSlack({
    syncSlackMessage: ({ channel }) => call(channel).then(() => ({ revision: 1, settled: true })),
    sendDirectMessages: ({ event }) => call(event),
  });
  const run = () => tell({ sessionId: 's', channels: ['C1', 'C2'], events: ['approved', 'finished', 'asked'] });
  return { called, run };
}

test('people are told in order, and reviewers who were asked after everything else', async () => {
  const { called, run } = step();
  await run();
  expect(called.at(-1)).toBe('asked');
  expect(called.filter((what) => !what.startsWith('C'))).toEqual(['approved', 'finished', 'asked']);
  expect(called.toSorted()).toEqual(['C1', 'C2', 'approved', 'asked', 'finished']);
});

test('a channel that refuses for long holds nobody up', async () => {
  const { called, run } = step({ C1: later(300_000) });
  await expect(run()).rejects.toMatchObject({ nextRetryDelay: 300_000 });
  expect(called.toSorted()).toEqual(['C1', 'C2', 'approved', 'asked', 'finished']);
});

test('it is tried again when the first part wants to be, and reviewers who were asked give way to that', async () => {
  const { called, run } = step({ C1: later(300_000), C2: later(1_000) });
  await expect(run()).rejects.toMatchObject({ nextRetryDelay: 1_000 });
  expect(called).not.toContain('asked');
});

test('nobody reads that it finished before that it was approved', async () => {
  const { called, run } = step({ approved: later(60_000) });
  await expect(run()).rejects.toMatchObject({ nextRetryDelay: 60_000 });
  expect(called).not.toContain('finished');
});
