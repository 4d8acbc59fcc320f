/** Health of what hoop does: sessions, messages to Slack, sweeps, recordings, the audit log. */
import { endStates } from '#shared/session-states.ts';
import { auditProblemText } from '#shared/audit-schemas.ts';
import { workflowType } from '#shared/task-queues.ts';
import {
  countCutRecordings,
  countQueuedForAbsent,
  countSessions,
  recordingFacts,
  slackTurnFacts,
  type StateCount,
} from '#db/health.ts';
import { findPlugin } from '#db/plugins.ts';
import { listSweepReports, type SweepReportRow } from '#db/sweep-reports.ts';
import type { HealthThing } from '#shared/health-schemas.ts';
import { bytes, counted, text, time, worst, type Finding, type Measuring } from './health-part.ts';
import { pluginViewOf } from './plugin-views.ts';
import { slackPlugin } from './slack-tokens.ts';
import { lastAuditCheck } from './verify-audit.ts';

const endedWithinHours = 24;
const stuckAfterMinutes = 10;
const cutWithinDays = 7;
/** As `api/relay/run-on-line.ts` begins the message of such a session. */
const cutMessage = 'Postgres did not take the output (its disk is full)';

const listed = (counts: StateCount[]): string =>
  counts.map(({ state, count }) => `${count} ${state}`).join(', ') || 'none';

export async function sessionHealth({ core }: Measuring): Promise<Finding> {
  const { open, ended } = await countSessions(core.db, endedWithinHours);
  const stuck = await countQueuedForAbsent(core.db, stuckAfterMinutes);
  const total = open.reduce((sum, { count }) => sum + count, 0);
  const waiting = stuck.reduce((sum, { count }) => sum + count, 0);
  return {
    state: waiting > 0 ? 'warning' : 'ok',
    summary:
      waiting > 0
        ? `${total} open; ${waiting} have waited for ${stuckAfterMinutes} minutes or longer for an agent that is away.`
        : `${total} open.`,
    advice: waiting > 0 ? ['sessions_stuck'] : [],
    facts: [text('Open', listed(open)), text(`Ended in ${endedWithinHours} hours`, listed(ended))],
    things: stuck.map(({ agent, count, since }) => ({
      name: agent,
      state: 'warning',
      summary: `${counted(count, 'command waits', 'commands wait')}`,
      facts: time('The oldest since', since),
    })),
  };
}

export async function slackHealth({ core }: Measuring): Promise<Finding> {
  const plugin = await findPlugin(core.db, slackPlugin);
  if (!plugin) return { summary: 'Not set up; requests are reviewed in the console and on the command line.' };
  const { state, lastError, lastErrorAt, team, sockets } = await pluginViewOf(core.db, plugin);
  const facts = [
    ...(team ? [text('Workspace', team.name)] : []),
    text('Sockets', `${sockets.open} open, at most ${sockets.limit}`),
    ...time('Last trouble', lastErrorAt === null ? null : new Date(lastErrorAt)),
  ];
  if (state === 'off') return { summary: 'Without tokens; nobody is asked there.', facts };
  const trouble = lastError === null ? '' : ` ${lastError}`;
  if (state === 'error') return { state: 'bad', summary: `Does not work.${trouble}`, advice: ['slack_error'], facts };
  if (state === 'connecting')
    return { state: 'warning', summary: `Connecting.${trouble}`, advice: ['slack_error'], facts };
  return { summary: 'Connected.', facts };
}

/** What Slack does not show yet: workflows complete once it does. */
export async function messageHealth({ core, withinMs }: Measuring): Promise<Finding> {
  const states = endStates.map((state) => `'${state}'`).join(', ');
  const query =
    `WorkflowType = '${workflowType}' AND TaskQueue = '${core.queues.control}' ` +
    `AND ExecutionStatus = 'Running' AND HoopState IN (${states})`;
  const [{ count }, turns, plugin] = await Promise.all([
    core.temporal.withDeadline(Date.now() + withinMs, () => core.temporal.workflow.count(query)),
    slackTurnFacts(core.db),
    findPlugin(core.db, slackPlugin),
  ]);
  const refusing = plugin
    ? (await pluginViewOf(core.db, plugin)).channels.filter(({ failure }) => failure !== null)
    : [];
  const things = refusing.slice(0, 50).map(({ name, failure }): HealthThing => ({
    name,
    state: 'warning',
    summary: failure?.message ?? 'refuses messages',
    facts: time('Since', failure && new Date(failure.since)),
  }));
  const parts = [
    count > 0 && `${counted(count, 'session has', 'sessions have')} ended, and Slack does not show it yet`,
    refusing.length > 0 && counted(refusing.length, 'channel refuses messages', 'channels refuse messages'),
  ].filter((part) => part !== false);
  return {
    state: parts.length > 0 ? 'warning' : 'ok',
    summary: parts.length > 0 ? `${parts.join('; ')}.` : 'Slack shows how every session ended.',
    advice: [
      ...(count > 0 ? (['messages_waiting'] as const) : []),
      ...(refusing.length > 0 ? (['channel_refuses'] as const) : []),
    ],
    facts: [text('Calls that wait for their turn', turns.waiting)],
    things,
  };
}

/** The names of the sweeps, what each does, and how long after its last round it is late. */
const sweeps: Record<string, { title: string; lateMs: number }> = {
  rows: { title: 'Steps that a crash left, and expiry', lateMs: 60_000 },
  closed: { title: 'Workflows ended in Temporal', lateMs: 60_000 },
  running: { title: 'Sessions compared with workflows', lateMs: 15 * 60_000 },
  recordings: { title: 'Recordings past their time', lateMs: 60_000 },
};

const foundText = (found: Record<string, number>): string => {
  const counts = Object.entries(found).filter(([, count]) => count > 0);
  return counts.map(([what, count]) => `${count} ${what}`).join(', ') || 'nothing';
};

export async function sweepHealth({ core }: Measuring): Promise<Finding> {
  const rows = await listSweepReports(core.db);
  const things = Object.keys(sweeps).map((name) =>
    sweepThing(
      name,
      rows.find((row) => row.name === name),
    ),
  );
  const isLate = things.some(({ state }) => state === 'bad');
  const isFailing = rows.some(({ failure }) => failure !== null);
  const newest = rows.reduce<Date | null>(
    (last, { endedAt }) => (endedAt && (!last || endedAt > last) ? endedAt : last),
    null,
  );
  return {
    state: worst(things.map(({ state }) => state)),
    summary: isLate
      ? 'Late.'
      : isFailing
        ? 'The last round of a sweep failed.'
        : 'Every sweep came to its end in time.',
    advice: [...(isLate ? (['sweep_late'] as const) : []), ...(isFailing ? (['sweep_failed'] as const) : [])],
    facts: time('Last round', newest),
    things,
  };
}

function sweepThing(name: string, row: SweepReportRow | undefined): HealthThing {
  const { title, lateMs } = sweeps[name] ?? { title: name, lateMs: 60_000 };
  if (!row?.endedAt) {
    // the first round after an installation comes within seconds
    return { name: title, state: 'warning', summary: row?.failure ?? 'has not come to its end yet', facts: [] };
  }
  const facts = [
    ...time('Last round', row.endedAt),
    text('Took', `${row.tookMs ?? 0} ms`),
    ...time('Last found something', row.foundAt),
    ...(row.foundAt ? [text('Found then', foundText(row.lastFound))] : []),
  ];
  if ((row.agoMs ?? 0) > lateMs) return { name: title, state: 'bad', summary: 'late', facts };
  if (row.failure !== null) return { name: title, state: 'warning', summary: `failed: ${row.failure}`, facts };
  return { name: title, state: 'ok', summary: `found ${foundText(row.found)}`, facts };
}

export async function recordingHealth({ core }: Measuring): Promise<Finding> {
  const [kept, cut] = await Promise.all([
    recordingFacts(core.db),
    countCutRecordings(core.db, cutWithinDays, cutMessage),
  ]);
  const retention = [
    kept.keptForDays > 0 && `${counted(kept.keptForDays, 'connection')}: ${kept.shortestDays} days or longer`,
    kept.keptForEver > 0 && `${counted(kept.keptForEver, 'connection')}: for ever`,
  ].filter((part) => part !== false);
  return {
    state: cut.count > 0 ? 'warning' : 'ok',
    summary:
      cut.count > 0
        ? `${counted(cut.count, 'command was', 'commands were')} stopped in ${cutWithinDays} days, as the disk of Postgres was full.`
        : 'All output was taken down.',
    advice: cut.count > 0 ? ['postgres_full'] : [],
    facts: [
      bytes('Size', kept.bytes),
      text('Kept', retention.join('; ') || 'no connection yet'),
      ...(kept.leaving > 0 ? [text('Being removed', counted(kept.leaving, 'recording'))] : []),
      ...time('Disk full last', cut.last),
    ],
  };
}

export async function auditHealth({ core }: Measuring): Promise<Finding> {
  const { last } = await lastAuditCheck({ core, actor: { kind: 'system', name: 'health' } });
  if (!last) return { summary: 'Nobody has verified it yet.' };
  const facts = [...time('Verified', new Date(last.at)), text('By', last.by), text('Rows read', last.rows)];
  if (last.ok) return { summary: 'Unbroken when it was verified last.', facts };
  const row = last.firstBroken ?? 0;
  const summary = `Broken at row ${row}. ${auditProblemText(row, last.problem)}`;
  return { state: 'bad', summary, advice: ['audit_broken'], facts };
}
