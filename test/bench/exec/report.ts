/** The numbers beside what they should be: reached or not, and never a failure of the run. */
import type { Machine } from '../lib/machine.ts';
import type { MeasureName } from './measures.ts';
import type { Step } from './trace.ts';
import { sumOf, type Memory } from '../lib/memory.ts';
import type { Summary } from '../lib/statistics.ts';
import { ms, table } from '../lib/table.ts';

export interface Result {
  subject: 'exec';
  at: string;
  machine: Machine;
  samples: number;
  /** Milliseconds. */
  measures: Record<MeasureName, Summary>;
  targets: Target[];
  /** Megabytes, after the run and a rest. */
  memory: Record<string, Memory>;
  steps: { exec: Step[]; decision: Step[] };
}

export interface Target {
  what: string;
  measured: number;
  limit: number;
  unit: 'ms' | 'MB';
  reached: boolean;
}

const titles: Record<MeasureName, string> = {
  sh: "the bare command: sh -c 'echo hi'",
  node: 'node -e 0',
  version: 'CLI start-up: hoop version',
  'minimal start': 'minimal workflow: start, activity, result',
  'minimal signal': 'minimal workflow: signal, activity, result',
  'minimal signal to activity': '  signal to activity begins',
  exec: 'exec without review: start to exit',
  'exec first byte': '  start to first output byte',
  waiting: 'waiting message after start of the CLI',
  decision: 'decision (REST) to first output byte at the CLI',
  'decision answered': '  decision to its own answer',
  'decision stream': 'decision (REST) to first output byte at a stream',
  click: 'click in Slack (sandbox) to first output byte',
};

/** What idles with nobody asking anything, as the target counts it. */
const counted = ['gateway', 'worker', 'agent'];

/** Medians: with other work on the machine the tail says more about that than about hoop. */
export function targetsOf(measures: Result['measures'], memory: Result['memory']): Target[] {
  const median = (name: MeasureName) => measures[name].median;
  const target = (what: string, measured: number, limit: number, unit: Target['unit'] = 'ms'): Target => ({
    what,
    measured,
    limit,
    unit,
    reached: measured <= limit,
  });
  const idle = sumOf(counted.flatMap((name) => memory[name] ?? []));
  return [
    target(
      'decision to first byte at the CLI <= 1.5 x minimal signal',
      median('decision'),
      1.5 * median('minimal signal'),
    ),
    target(
      'decision to first byte at a stream <= 1.5 x the same',
      median('decision stream'),
      1.5 * median('minimal signal'),
    ),
    target(
      'exec <= CLI start-up + minimal start + 60 ms',
      median('exec'),
      median('version') + median('minimal start') + 60,
    ),
    target('CLI start-up <= node -e 0 + 40 ms', median('version'), median('node') + 40),
    target('idle gateway + worker + agent < 400 MB (RSS)', idle.rss, 400, 'MB'),
    target('mark: exec without review 76 ms', median('exec'), 76),
    target('mark: approval to first output 42 ms', median('decision'), 42),
    target('mark: waiting message 127 ms', median('waiting'), 127),
  ];
}

export function textOf({ samples, measures, targets, memory, steps, machine }: Result): string {
  const load = (numbers: number[]) => numbers.map((value) => value.toFixed(1)).join(' ');
  return [
    `hoop exec, ${samples} samples, ${machine.cpus} CPUs (${machine.model}), ${machine.node}; ` +
      `load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}. Milliseconds.`,
    measuresTable(measures),
    table(
      ['target', 'measured', 'limit', 'ratio', ''],
      targets.map(({ what, measured, limit, unit, reached }) => [
        what,
        `${ms(measured)} ${unit}`,
        `${ms(limit)} ${unit}`,
        (measured / limit).toFixed(2),
        reached ? 'reached' : 'NOT reached',
      ]),
    ),
    memoryTable(memory),
    stepsTable('exec without review: where the time goes', steps.exec),
    stepsTable('decision to first byte at the CLI: where the time goes', steps.decision),
  ].join('\n\n');
}

function measuresTable(measures: Result['measures']): string {
  const beside: Partial<Record<MeasureName, MeasureName>> = {
    version: 'node',
    exec: 'minimal start',
    decision: 'minimal signal',
    'decision stream': 'minimal signal',
    click: 'minimal signal',
  };
  const rows = (Object.keys(titles) as MeasureName[]).map((name) => {
    const { median, p90, min } = measures[name];
    const other = beside[name];
    const ratio = other ? `${(median / measures[other].median).toFixed(2)} x ${other}` : '';
    return [titles[name], ms(median), ms(p90), ms(min), ratio];
  });
  return table(['', 'median', 'p90', 'least', 'beside'], rows);
}

function memoryTable(memory: Result['memory']): string {
  const row = (name: string, { rss, pss }: Memory) => [name, ms(rss), ms(pss)];
  const isCounted = (name: string) => counted.includes(name);
  const parts = Object.entries(memory).sort(([a], [b]) => Number(isCounted(b)) - Number(isCounted(a)));
  const rows = parts.flatMap(([name, of]) => (isCounted(name) ? [row(name, of)] : []));
  const others = parts.flatMap(([name, of]) => (isCounted(name) ? [] : [row(`(${name})`, of)]));
  const sum = sumOf(parts.flatMap(([name, of]) => (isCounted(name) ? [of] : [])));
  return table(['memory at rest, MB', 'RSS', 'PSS'], [...rows, row('together', sum), ...others]);
}

function stepsTable(title: string, steps: Step[]): string {
  const total = steps.reduce((sum, { ms: { median } }) => sum + median, 0);
  const rows = steps.map(({ step, ms: { median, p90 } }) => [step, ms(median), ms(p90)]);
  return table([title, 'median', 'p90'], [...rows, ['sum of the medians', ms(total), '']]);
}
