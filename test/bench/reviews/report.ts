/** The numbers beside what they can be compared with; nothing is a failure of the run. */
import type { Machine } from '../lib/machine.ts';
import type { Memory } from '../lib/memory.ts';
import type { Summary } from '../lib/statistics.ts';
import { ms, table } from '../lib/table.ts';
import { actionKinds, target, type HistoryResult } from './history.ts';
import type { ActedName, ListName, PendingResult } from './pending.ts';
import { parts, type Part } from './stage.ts';
import { sweepNames } from './sweeps.ts';
import type { Kind, ThroughputResult } from './throughput.ts';

export interface Result {
  subject: 'reviews';
  at: string;
  machine: Machine;
  throughput?: ThroughputResult;
  pending?: PendingResult;
  history?: HistoryResult;
}

export function textOf({ machine, throughput, pending, history }: Result): string {
  const load = (numbers: number[]) => numbers.map((value) => value.toFixed(1)).join(' ');
  return [
    `Reviews of hoop, ${machine.cpus} CPUs (${machine.model}), ${machine.node}; ` +
      `load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}.`,
    ...(throughput ? [rateTable(throughput), cpuTable(throughput)] : []),
    ...(pending ? [pendingTable(pending), actedTable(pending), listsTable(pending)] : []),
    ...(pending ? [sweepTable(pending), memoryTable(pending)] : []),
    ...(history ? [historyTable(history), actionsTable(history), eventsTable(history)] : []),
  ].join('\n\n');
}

const titles: Record<Kind, string> = {
  signalThenActivity: 'minimal workflow: signal, activity',
  approved: 'hoop: asked, approved, run (true)',
  signalOnly: 'minimal workflow: signal',
  rejected: 'hoop: asked, rejected',
};
const beside: Partial<Record<Kind, Kind>> = { approved: 'signalThenActivity', rejected: 'signalOnly' };

function rateTable({ rounds, reviews, inFlight, rate, closedRate, latency, cpu }: ThroughputResult): string {
  const rows = (Object.keys(titles) as Kind[]).map((kind) => {
    const other = beside[kind];
    const of = (values: Partial<Record<Kind, Summary>>) => values[kind]?.median ?? Number.NaN;
    const ratio = (values: Partial<Record<Kind, Summary>>) =>
      other ? `${(of(values) / (values[other]?.median ?? Number.NaN)).toFixed(2)} x` : '';
    const closed = kind === 'approved' || kind === 'rejected' ? closedRate[kind] : undefined;
    return [
      titles[kind],
      ms(of(rate)),
      ratio(rate),
      closed ? ms(closed.median) : '',
      ms(of(latency)),
      ms(latency[kind]?.p95 ?? Number.NaN),
      ms(of(cpu)),
      ratio(cpu),
    ];
  });
  return table(
    [
      `${rounds} rounds of ${reviews}, ${inFlight} in flight`,
      ...['ended/s', 'beside', 'closed/s', 'decision to end, ms', 'p95', 'CPU ms each', 'beside'],
    ],
    rows,
  );
}

function cpuTable({ cpuOf }: ThroughputResult): string {
  const names = [...parts, 'minimal worker'] as const;
  const rows = (Object.keys(titles) as Kind[]).map((kind) => [
    titles[kind],
    ...names.map((name) => ms(cpuOf[kind]?.[name] ?? 0)),
  ]);
  return table(['CPU of the last round, ms each', ...names], rows);
}

function pendingTable({ pending, asked, restart }: PendingResult): string {
  const s = (value: number) => `${value.toFixed(1)} s`;
  return table(
    [`${pending} pending reviews`, ''],
    [
      ['all asked within', s(asked.seconds)],
      ['  a second', (pending / asked.seconds).toFixed(1)],
      ['  a second, the first tenth', asked.firstRate.toFixed(1)],
      ['  a second, the last tenth', asked.lastRate.toFixed(1)],
      ['all workflows wait after', s(asked.waitingSeconds)],
      ['SIGKILL of the worker until a decision of that moment is acted on, median', s(restart.median / 1000)],
      ['  the longest', s(restart.max / 1000)],
    ],
  );
}

const actedTitles: Record<ActedName, string> = {
  rejected: 'rejected',
  approved: 'approved and run (true)',
  'rejected after restart': 'rejected, after a restart of the worker',
  minimal: 'minimal workflow, in memory: signal, activity, result',
  'minimal evicted': 'minimal workflow, to be replayed: the same',
};

function actedTable({ acted }: PendingResult): string {
  const rows = (Object.keys(actedTitles) as ActedName[]).flatMap((name) => {
    const one = acted[name];
    return one ? [[actedTitles[name], String(one.n), ms(one.median), ms(one.p95), ms(one.max)]] : [];
  });
  return table(['decision among all that wait to end of the session, ms', 'n', 'median', 'p95', 'max'], rows);
}

const listTitles: Record<ListName, string> = {
  'reviews of admin': 'GET /api/reviews, an admin',
  'reviews of reviewer': 'GET /api/reviews, the reviewer of all',
  'minimal cli': 'hoop version',
  'review list': 'hoop review list',
};

function listsTable({ before, with: withAll, pending }: PendingResult): string {
  const rows = (Object.keys(listTitles) as ListName[]).map((name) => [
    listTitles[name],
    ...[before, withAll].flatMap(({ lists }) => [
      ms(lists[name]?.median ?? Number.NaN),
      ms(lists[name]?.p95 ?? Number.NaN),
    ]),
  ]);
  return table(['lists, ms', 'none pending', 'p95', `${pending} pending`, 'p95'], rows);
}

function sweepTable({ sweeps, pending }: PendingResult): string {
  const rows = sweepNames.flatMap((name) =>
    (['before', 'with'] as const).map((when) => {
      const { round, temporalCalls, queries, postgres } = sweeps[when][name];
      const title = `${name}, ${when === 'before' ? 'none' : pending} pending`;
      return [title, ms(round.median), ms(round.max), String(temporalCalls), String(queries), ms(postgres.median)];
    }),
  );
  return table(['a round of a sweep', 'ms', 'max', 'Temporal calls', 'queries', 'ms in Postgres'], rows);
}

function memoryTable({ before, with: withAll, after, pending }: PendingResult): string {
  const cells = (memory: Partial<Record<Part, Memory>>, part: Part) => {
    const of = memory[part];
    return of ? [ms(of.rss), ms(of.pss)] : ['-', '-'];
  };
  const rows = parts.map((part) => [
    part,
    ...[before.memory, withAll.memory, after].flatMap((memory) => cells(memory, part)),
    ...[before, withAll].map(({ cpu }) => ms(cpu[part] ?? Number.NaN)),
  ]);
  const head = ['MB; and % of a CPU at rest', 'none: RSS', 'PSS', `${pending}: RSS`, 'PSS', 'at the end: RSS', 'PSS'];
  return table([...head, 'CPU none', `CPU ${pending}`], rows);
}

function historyTable(history: HistoryResult): string {
  const reached = (value: number, most: number) => (value <= most ? 'reached' : 'NOT reached');
  const rows = history.map(({ what, events, bytes, actions }) => [
    what,
    String(actions),
    reached(actions, target.actions),
    String(events),
    reached(events, target.events),
    String(bytes),
  ]);
  return table(
    ['a review in Temporal', 'actions', `<= ${target.actions}`, 'events', `<= ${target.events}`, 'bytes'],
    rows,
  );
}

function actionsTable(history: HistoryResult): string {
  const rows = history.map(({ what, byAction }) => [what, ...actionKinds.map((kind) => String(byAction[kind]))]);
  return table(['actions', ...actionKinds], rows);
}

function eventsTable(history: HistoryResult): string {
  const types = [...new Set(history.flatMap(({ byType }) => Object.keys(byType)))];
  const rows = types.map((type) => [type, ...history.map(({ byType }) => String(byType[type] ?? 0))]);
  return table(['events', ...history.map(({ what }) => what)], rows);
}
