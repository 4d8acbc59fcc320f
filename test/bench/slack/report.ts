/** The numbers beside what they can be compared with; nothing is a failure of the run. */
import type { Machine } from '../lib/machine.ts';
import type { Summary } from '../lib/statistics.ts';
import { ms, table } from '../lib/table.ts';
import type { ClickMeasure, ClicksResult, FlowMeasure } from './clicks.ts';
import type { OutageResult, Rewriting } from './outage.ts';
import type { PostingResult } from './posting.ts';

export interface Result {
  subject: 'slack';
  at: string;
  machine: Machine;
  clicks?: ClicksResult;
  posting?: PostingResult;
  outage?: OutageResult;
}

export function textOf({ machine, clicks, posting, outage }: Result): string {
  const load = (numbers: number[]) => numbers.map((value) => value.toFixed(1)).join(' ');
  return [
    `hoop in Slack (sandbox), ${machine.cpus} CPUs (${machine.model}), ${machine.node}; ` +
      `load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}.`,
    ...(clicks ? [clicksTable(clicks), flowTable(clicks)] : []),
    ...(posting ? [postingTable(posting)] : []),
    ...(outage ? [outageTable(outage), memoryTable(outage)] : []),
  ].join('\n\n');
}

function clicksTable({ clicks, concurrent }: ClicksResult): string {
  const row = (title: string, name: ClickMeasure, beside?: ClickMeasure): string[][] => {
    const measured = clicks[name];
    const other = beside && clicks[beside];
    if (!measured) return [];
    const ratio = other ? `${(measured.median / Math.max(other.median, 0.5)).toFixed(2)} x ${shortOf(beside)}` : '';
    return [[title, String(measured.n), ms(measured.median), ms(measured.p95), ms(measured.max), ratio]];
  };
  const rows = (['alone', 'together'] as const).flatMap((way) => {
    const how = way === 'alone' ? 'one after the other' : `${concurrent} at a time`;
    return [
      [`${how}:`, '', '', '', '', ''],
      ...row('  hoop: payload to acknowledgement', `hoop acknowledged ${way}`, `bolt ack acknowledged ${way}`),
      ...row('  Bolt that only acknowledges', `bolt ack acknowledged ${way}`),
      ...row('  hoop: click to answer, as who clicks sees it', `hoop answered ${way}`, `bolt ack answered ${way}`),
      ...row('  Bolt that only acknowledges', `bolt ack answered ${way}`),
      ...row('  hoop: click to message rewritten', `hoop rewritten ${way}`, `bolt workflow rewritten ${way}`),
      ...row('  Bolt that rewrites in its handler', `bolt update rewritten ${way}`),
      ...row('  Bolt, a minimal workflow rewrites', `bolt workflow rewritten ${way}`),
    ];
  });
  return table(['clicks, milliseconds', 'n', 'median', 'p95', 'max', 'beside'], rows);
}

function shortOf(name: ClickMeasure): string {
  return name.replace(/ (acknowledged|answered|rewritten) (alone|together)$/, '');
}

function flowTable({ flow }: ClicksResult): string {
  const row = (title: string, name: FlowMeasure): string[][] => {
    const measured = flow[name];
    return measured ? [[title, String(measured.n), ms(measured.median), ms(measured.p95), ms(measured.max)]] : [];
  };
  return table(
    ['approved and run, milliseconds after the click', 'n', 'median', 'p95', 'max'],
    [
      ...row('the command has ended', 'command ended'),
      ...row('message rewritten first', 'first rewritten'),
      ...row('outcome in the thread', 'outcome in the thread'),
      ...row('message rewritten last', 'last rewritten'),
    ],
  );
}

function postingTable(posting: PostingResult): string {
  const { channels, seconds, posted, byChannels, byWorkspace, perMinute, allowedPerMinute, refused } = posting;
  const { expected, lost, doubled, drained } = posting;
  return table(
    [`reviews into ${channels} channels, limits on, ${seconds} s`, ''],
    [
      ['posted', `${posted}`],
      ['by the channels, 3 at once and then 1/s in each', `${byChannels}`],
      ["by hoop's pace for a workspace, 30 at once and then 5/s", `${byWorkspace}`],
      ['posted a minute', perMinute.toFixed(0)],
      ['limit a minute', allowedPerMinute.toFixed(0)],
      ['of the limit', (perMinute / allowedPerMinute).toFixed(2)],
      ['answers 429', `${refused}`],
      ['seconds until what waited at the end was posted', drained.toFixed(1)],
      ['posts asked for', `${expected}`],
      ['lost', `${lost}`],
      ['doubled', `${doubled}`],
    ],
  );
}

function outageTable(outage: OutageResult): string {
  const { pending, channels, posted, bare, free, limited, attempts } = outage;
  const s = (value: number) => `${value.toFixed(1)} s`;
  const spread = (summary: Summary | null) =>
    summary ? `${s(summary.min)} / ${s(summary.median)} / ${s(summary.p95)}` : '-';
  const common = (title: string, of: Rewriting) => [
    [`${title}: deciding all by the API, Slack away`, s(of.deciding)],
    ['  calls that met the outage', `${of.met}`],
    ['  rewritten after it', `${of.rewritten} of ${pending} in ${s(of.watched)}`],
    ['  first / median / p95 message', spread(of.after)],
    ['  answers 429', `${of.refused}`],
  ];
  const rate = (limited.rewritten / limited.watched) * 60;
  const left = limited.rewritten === 0 ? Number.POSITIVE_INFINITY : (pending - limited.rewritten) / rate;
  return table(
    [`${pending} pending reviews in ${channels} channels`, ''],
    [
      ['all posted within', s(posted.seconds)],
      ['doubled posts', `${posted.doubled}`],
      ['as many bare chat.update calls, 20 at a time', s(bare)],
      ...common('no limits, no pace', free),
      ['  beside the bare calls', `${(free.watched / bare).toFixed(1)} x`],
      ...common('limits and pace', limited),
      ['  in that time by 50 a minute', `${limited.allowed}`],
      ['  of the limit', (limited.rewritten / Math.max(1, limited.allowed)).toFixed(2)],
      ['  all of them, extrapolated', `${(limited.watched / 60 + left).toFixed(1)} min`],
      ['  all of them, by the limit', `${(pending / 50).toFixed(1)} min`],
      ['activity attempts a review, median / most', attempts ? `${attempts.median} / ${attempts.max}` : '-'],
    ],
  );
}

function memoryTable({ memory: { pending, free, limited } }: OutageResult): string {
  const rows = (['gateway', 'worker'] as const).map((name) => [
    name,
    ...[pending, free, limited].flatMap((at) => [ms(at[name].rss), ms(at[name].pss)]),
  ]);
  return table(['memory, MB', 'pending: RSS', 'PSS', 'no limits: RSS', 'PSS', 'limits: RSS', 'PSS'], rows);
}
