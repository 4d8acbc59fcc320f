/** What one review leaves in Temporal: events of its history, and actions as Temporal Cloud counts them. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from '#test/support/eventually.ts';
import { BenchWorkspace } from '../lib/workspace.ts';
import { untilWaiting } from './closed.ts';
import { connection, group, stage, type OnStop, type ReviewsBench } from './stage.ts';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

interface Closed {
  events: HistoryEvent[];
  bytes: number;
}

export const actionKinds = [
  'workflow started',
  'signals',
  'timers',
  'activity attempts',
  'local activities, a workflow task',
  'search attributes',
] as const;
export type ActionKind = (typeof actionKinds)[number];

export interface HistoryCount {
  what: string;
  events: number;
  bytes: number;
  actions: number;
  byType: Record<string, number>;
  byAction: Record<ActionKind, number>;
}

export type HistoryResult = HistoryCount[];

const channels = ['approved', 'approved-for-admin', 'rejected-for-admin'];

export const target = { actions: 10, events: 40 } as const;

export function measureHistory(onStop: OnStop): Promise<HistoryResult> {
  return stage(onStop, async (bench) => {
    const { admin, hoop, requester, reviewer } = bench;
    const workspace = await BenchWorkspace.open(hoop.run.sandboxUrl ?? '');
    // a channel for each: what waits for its turn in a busy one, at Slack's message a second, is tried once more
    for (const name of ['first', ...channels]) {
      await workspace.addChannel(name);
      const plugins = [{ name: 'slack', channels: [name] }];
      await admin.saveConnection({ name, agent: 'default', command: ['true'], reviewers: [group], plugins });
    }
    // the first of all has a runner to start, and an app to meet its channel
    for (const on of [connection, 'first']) await closedReview(bench, requester, on, reviewer.approve);
    const counts = [
      countOf('approved, no Slack', await closedReview(bench, requester, connection, reviewer.approve)),
      countOf('rejected, no Slack', await closedReview(bench, requester, connection, reviewer.reject)),
      countOf('approved, one channel', await closedReview(bench, requester, 'approved', reviewer.approve)),
      countOf(
        'approved, one channel, requester in Slack',
        await closedReview(bench, admin, 'approved-for-admin', reviewer.approve),
      ),
      countOf(
        'rejected, one channel, requester in Slack',
        await closedReview(bench, admin, 'rejected-for-admin', reviewer.reject),
      ),
    ];
    workspace.close();
    return counts;
  });
}

/** The history of a review that has waited and was decided, once its workflow has closed. */
async function closedReview(
  bench: ReviewsBench,
  asking: ReviewsBench['requester'],
  on: string,
  decide: ReviewsBench['reviewer']['approve'],
): Promise<Closed> {
  const { id, digest } = await asking.createSession(randomUUID(), on, 'for the bench');
  await untilWaiting(bench, 1);
  const handle = bench.baseline.client.workflow.getHandle(`session-${id}`);
  await eventually(async () => isIdle((await handle.describe()).raw), {
    describe: `the request ${id} is told in Slack`,
  });
  await decide(id, digest);
  await handle.result();
  const { historySize = 0 } = await handle.describe();
  return { events: (await handle.fetchHistory()).events ?? [], bytes: historySize };
}

type Described = Awaited<ReturnType<WorkflowHandle['describe']>>['raw'];

/** Nothing is on its way; the review waits. */
function isIdle({ pendingActivities, pendingWorkflowTask }: Described): boolean {
  return (pendingActivities?.length ?? 0) === 0 && pendingWorkflowTask == null;
}

/** By the rules of https://docs.temporal.io/cloud/actions; heartbeats leave no event and are not counted. */
function countOf(what: string, { events, bytes }: Closed): HistoryCount {
  const byType: Record<string, number> = {};
  for (const event of events) byType[typeOf(event)] = (byType[typeOf(event)] ?? 0) + 1;
  const local = events.filter((event) => event.markerRecordedEventAttributes?.markerName === 'core_local_activity');
  const tasks = new Set(
    local.map((event) => String(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId)),
  );
  const byAction: Record<ActionKind, number> = {
    'workflow started': 1,
    signals: byType['workflowExecutionSignaled'] ?? 0,
    timers: byType['timerStarted'] ?? 0,
    'activity attempts': sum(events.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0)),
    'local activities, a workflow task': tasks.size,
    'search attributes': events.filter(isCountedUpsert).length,
  };
  return { what, events: events.length, bytes, actions: sum(Object.values(byAction)), byType, byAction };
}

/** As its attributes are called, e.g. `timerStarted`. */
function typeOf(event: HistoryEvent): string {
  const suffix = 'EventAttributes';
  return (Object.keys(event).find((name) => name.endsWith(suffix)) ?? 'unknown').replace(suffix, '');
}

/** The one that names patches is free. */
function isCountedUpsert(event: HistoryEvent): boolean {
  const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  return upserted != null && Object.keys(upserted).some((name) => name !== 'TemporalChangeVersion');
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
