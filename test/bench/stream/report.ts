/** The numbers beside what they can be compared with: reached or not, and never a failure of the run. */
import type { Machine } from '../lib/machine.ts';
import { sumOf, type Memory } from '../lib/memory.ts';
import { ms, table } from '../lib/table.ts';
import type { ApprovalResult } from './approval.ts';
import { terminalKinds, type KeysResult, type TerminalKind } from './keys.ts';
import { holders, type MemoryResult } from './memory.ts';
import { carriers, ways, type ThroughputResult, type Way } from './throughput.ts';

export interface Result {
  subject: 'stream';
  at: string;
  machine: Machine;
  throughput?: ThroughputResult;
  keys?: KeysResult;
  memory?: MemoryResult;
  approval?: ApprovalResult;
  targets: Target[];
}

export interface Target {
  what: string;
  measured: number;
  limit: number;
  unit: 'MB/s' | 'MB' | 'ms' | 'kB';
  reached: boolean;
}

export function targetsOf({ throughput, keys, memory, approval }: Omit<Result, 'targets'>): Target[] {
  const atMost = (what: string, measured: number, limit: number, unit: Target['unit']): Target => ({
    ...{ what, measured, limit, unit },
    reached: measured <= limit,
  });
  const atLeast = (what: string, measured: number, limit: number): Target => ({
    ...{ what, measured, limit, unit: 'MB/s' },
    reached: measured >= limit,
  });
  const rate = throughput?.rate.exec?.median ?? Number.NaN;
  const grown = growthOf(throughput?.memory.gateway) ?? Number.NaN;
  const key = (kind: TerminalKind) => keys?.roundTrip[kind]?.median ?? Number.NaN;
  const waitingEach = memory ? eachOf(memory, 'waiting').rss : Number.NaN;
  // hidden by garbage, it was not measured
  const waiting = waitingEach > 0 ? waitingEach : Number.NaN;
  const decided = (name: 'minimal signal' | 'decision stream') => approval?.measures[name]?.median ?? Number.NaN;
  const all = [
    atLeast('exec, recorded in full: at least 100 MB/s', rate, 100),
    atMost('gateway meanwhile: at most 50 MB more', grown, 50, 'MB'),
    atLeast('mark: 25 MB/s', rate, 25),
    atMost('keystroke over the stream: at most 1 ms', key('stream'), 1, 'ms'),
    atMost('keystroke over hoop connect: at most 1 ms', key('CLI'), 1, 'ms'),
    atMost('mark: keystroke 1.7 ms', key('CLI'), 1.7, 'ms'),
    atMost('mark: 178 kB a waiting session', waiting, 178, 'kB'),
    atMost(
      'decision to first byte at a stream: at most 1.5 x the minimal signal',
      decided('decision stream'),
      1.5 * decided('minimal signal'),
      'ms',
    ),
  ];
  // what was not measured is neither reached nor missed
  return all.filter(({ measured }) => !Number.isNaN(measured));
}

export function textOf({ machine, throughput, keys, memory, approval, targets }: Result): string {
  const load = (numbers: number[]) => numbers.map((value) => value.toFixed(1)).join(' ');
  return [
    `Streams of hoop, ${machine.cpus} CPUs (${machine.model}), ${machine.node}; ` +
      `load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}.`,
    ...(throughput ? [throughputTable(throughput), carriersTable(throughput)] : []),
    ...(keys ? [keysTable(keys)] : []),
    ...(memory ? [memoryTable(memory)] : []),
    ...(approval ? [approvalTable(approval)] : []),
    targetsTable(targets),
  ].join('\n\n');
}

const wayTitles: Record<Way, string> = {
  pipe: 'the bare command into a pipe',
  ssh: 'ssh 127.0.0.1',
  Postgres: 'Postgres alone: the same bytes in rows of the same size, one connection',
  exec: 'hoop exec, recorded in full',
};

function throughputTable({ bytes, rounds, rate, firstByte, ssh, recording }: ThroughputResult): string {
  const exec = rate.exec?.median ?? Number.NaN;
  const rows = ways.map((way) => {
    const of = rate[way];
    const title = way === 'ssh' && 'cipher' in ssh ? `${wayTitles.ssh} (${ssh.cipher})` : wayTitles[way];
    if (!of) return [title, 'missing' in ssh ? ssh.missing : ''];
    const first = firstByte[way];
    const ratio = way === 'exec' ? '' : `${(exec / of.median).toFixed(2)} x`;
    return [title, of.median.toFixed(1), of.min.toFixed(1), of.max.toFixed(1), first ? ms(first.median) : '', ratio];
  });
  const head = `${(bytes / 1e6).toFixed(0)} MB of random bytes, ${rounds} rounds`;
  const recorded = `Recorded and compared byte for byte: ${recording.rows} rows, ${recording.median} bytes in the middle.`;
  return `${table([head, 'MB/s', 'least', 'most', 'first byte, ms', 'exec beside it'], rows)}\n  ${recorded}`;
}

function carriersTable({ cpu, memory }: ThroughputResult): string {
  const rows = carriers.map((name) => {
    const of = name === 'postgres' ? undefined : memory[name];
    const cells = of
      ? [name === 'CLI' ? '' : ms(of.before), ms(of.peak), name === 'CLI' ? '' : ms(of.peak - of.before)]
      : [];
    return [name, cpu[name] ? cpu[name].median.toFixed(2) : '', ...cells];
  });
  return table(['exec: who carries it', 'CPU ms a MB', 'MB before', 'most', 'grown by'], rows);
}

const terminalTitles: Record<TerminalKind, string> = {
  pty: 'a terminal of this machine',
  ssh: 'ssh 127.0.0.1',
  stream: "hoop, a client of the session's stream",
  CLI: 'hoop connect, in a terminal',
};

function keysTable({ keys, pauseMs, roundTrip, missing }: KeysResult): string {
  const fine = (value: number) => value.toFixed(2);
  const rows = terminalKinds.map((kind) => {
    const of = roundTrip[kind];
    if (!of) return [terminalTitles[kind], missing[kind] ?? ''];
    const ratio = roundTrip.ssh && kind !== 'ssh' ? `${(of.median / roundTrip.ssh.median).toFixed(2)} x` : '';
    return [terminalTitles[kind], fine(of.median), fine(of.p95), fine(of.min), fine(of.max), ratio];
  });
  const head = `${keys} keystrokes, one each ${pauseMs} ms, to their echo, ms`;
  return table([head, 'median', 'p95', 'least', 'most', 'beside ssh'], rows);
}

/**
 * kB that gateway, worker, agent and runner take for one. What they have to collect goes up and down by tens of MB
 * meanwhile: below nothing, it hides what there is.
 */
function eachOf(result: MemoryResult, what: 'running' | 'waiting'): Memory {
  const own = ['gateway', 'worker', 'agent', 'runner'] as const;
  const sum = (when: 'before' | 'with') => sumOf(own.flatMap((name) => result[what][when][name] ?? []));
  const [before, after] = [sum('before'), sum('with')];
  const each = (field: keyof Memory) => ((after[field] - before[field]) * 1000) / result.count;
  return { rss: each('rss'), pss: each('pss') };
}

function memoryTable(result: MemoryResult): string {
  const { count } = result;
  const titles = { waiting: `${count} requests that wait, MB`, running: `${count} commands that run, MB` };
  return (['waiting', 'running'] as const)
    .map((what) => {
      const { before, with: withAll, after } = result[what];
      const rows = holders.map((name) => {
        const cells = [before, withAll, after].flatMap((held) => {
          const of = held[name];
          return of ? [ms(of.rss), ms(of.pss)] : ['-', '-'];
        });
        const more = ((withAll[name]?.pss ?? Number.NaN) - (before[name]?.pss ?? Number.NaN)) * 1000;
        return [name, ...cells, (more / count).toFixed(0)];
      });
      const { rss, pss } = eachOf(result, what);
      const head = [titles[what], 'none: RSS', 'PSS', 'all: RSS', 'PSS', 'after: RSS', 'PSS', 'kB each (PSS)'];
      const hidden = rss > 0 ? '' : ' Below nothing: garbage collected meanwhile hides it.';
      const sum = `Gateway, worker, agent and runner together, for each: ${rss.toFixed(0)} kB (RSS), ${pss.toFixed(0)} kB (PSS).${hidden}`;
      return `${table(head, rows)}\n  ${sum}`;
    })
    .join('\n\n');
}

function approvalTable({ samples, measures }: ApprovalResult): string {
  const titles = {
    'minimal signal': 'minimal workflow: signal, activity, result',
    'decision stream': 'decision (REST) to first output byte at a stream',
    decision: 'decision (REST) to first output byte at the CLI',
  } as const;
  const minimal = measures['minimal signal']?.median ?? Number.NaN;
  const rows = (Object.keys(titles) as (keyof typeof titles)[]).flatMap((name) => {
    const of = measures[name];
    if (!of) return [];
    const ratio = name === 'minimal signal' ? '' : `${(of.median / minimal).toFixed(2)} x`;
    return [[titles[name], ms(of.median), ms(of.p95), ms(of.min), ratio]];
  });
  return table([`${samples} approvals, ms`, 'median', 'p95', 'least', 'beside minimal'], rows);
}

function targetsTable(targets: Target[]): string {
  const number = (value: number, unit: string) => `${value.toFixed(unit === 'ms' ? 2 : 1)} ${unit}`;
  return table(
    ['target', 'measured', 'limit', ''],
    targets.map(({ what, measured, limit, unit, reached }) => [
      what,
      number(measured, unit),
      number(limit, unit),
      reached ? 'reached' : 'NOT reached',
    ]),
  );
}

function growthOf(of: { before: number; peak: number } | undefined): number | undefined {
  return of && of.peak - of.before;
}
