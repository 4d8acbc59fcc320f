/** What happened to a session, in order: asked, posted, seen, decided, started, ended; by whom, and from where. */
import { timelineSteps, type TimelineEntry, type TimelineStep } from '#shared/session-timeline.ts';
import type { DecisionRow, DecisionVia } from '#db/decisions.ts';
import type { Queryable } from '#db/pool.ts';
import { listTimelineRows, type TimelineRow } from '#db/session-timeline.ts';
import type { SessionRow } from '#db/sessions.ts';

export async function sessionTimeline(
  db: Queryable,
  session: SessionRow,
  decisions: DecisionRow[],
): Promise<TimelineEntry[]> {
  return timelineOf(session, decisions, await listTimelineRows(db, session.id));
}

/** Pure. Slack's clock is not ours: nothing is told before the request itself. */
export function timelineOf(session: SessionRow, decisions: DecisionRow[], rows: TimelineRow[]): TimelineEntry[] {
  const entries = [
    asked(session, rows),
    ...decisions.map(decided),
    ...rows.flatMap((row) => entryOf(session, row) ?? []),
    ...(session.remindedAt ? [{ when: session.remindedAt, what: 'reminded' as const }] : []),
    ...(session.endedAt ? [ended(session, session.endedAt)] : []),
  ];
  const from = session.createdAt.getTime();
  const order = (entry: Entry) => Math.max(from, entry.when.getTime());
  const rank = (entry: Entry) => timelineSteps.indexOf(entry.what);
  return entries
    .sort((a, b) => order(a) - order(b) || rank(a) - rank(b))
    .map(({ when, details, ...entry }) => ({
      at: when.toISOString(),
      ...entry,
      ...(details && Object.keys(details).length > 0 ? { details } : {}),
    }));
}

type Entry = Omit<TimelineEntry, 'at'> & { when: Date };
type Details = NonNullable<TimelineEntry['details']>;

const verdicts: Record<DecisionRow['verdict'], TimelineStep> = {
  approve: 'approved',
  reject: 'rejected',
  cancel: 'withdrawn',
  revoke: 'revoked',
};

function asked(session: SessionRow, rows: TimelineRow[]): Entry {
  const created = rows.find(({ source, details }) => source === 'audit' && details['action'] === 'session.create');
  const via = viaOf(created?.details['via']);
  const details = only({ reason: session.reason });
  return { when: session.createdAt, what: 'asked', by: session.requesterEmail, ...(via && { via }), details };
}

function decided(decision: DecisionRow): Entry {
  const { createdAt: when, verdict, userEmail: by, via, group, reason, force } = decision;
  return { when, what: verdicts[verdict], by, via, details: only({ group, reason, force: force || null }) };
}

function ended({ state, exitCode, exitSignal, endMessage: message }: SessionRow, when: Date): Entry {
  return { when, what: 'ended', details: only({ state, exitCode, exitSignal, message }) };
}

/** Rows of the audit log that other entries tell better. */
const toldElsewhere =
  /^(session\.(create|approve|reject|cancel|revoke|finished|rejected|expired|cancelled|revoked|failed|lost)|run\.consume)$/;

function entryOf(session: SessionRow, { at: when, source, who, via, details }: TimelineRow): Entry | undefined {
  switch (source) {
    case 'seen':
      return { when, what: 'seen', ...(who !== null && { by: who }), ...(via && { via }) };
    case 'posted': {
      const channel = String(details['channel']);
      const name = session.askedIn[session.channelIds.indexOf(channel)] ?? channel;
      return { when, what: 'posted', via: 'slack', details: { channel: name } };
    }
    case 'notified':
      return { when, what: 'notified', via: 'slack', details: only({ to: who, event: details['event'] }) };
    case 'started':
      return { when, what: 'started', details: only(details) };
    case 'audit':
      return audited(when, who ?? '', details);
  }
}

function audited(when: Date, actor: string, { action, ...details }: Record<string, unknown>): Entry | undefined {
  if (typeof action !== 'string' || toldElsewhere.test(action)) return undefined;
  const by = actor.startsWith('user:') ? { by: actor.slice('user:'.length) } : {};
  if (action === 'session.interrupt') return { when, what: 'interrupted', ...by };
  if (action === 'session.renew') {
    const { version, changed } = details;
    return { when, what: 'changed', ...by, details: only({ version, changed }) };
  }
  if (action === 'session.reopen') return { when, what: 'reopened', ...by };
  return { when, what: 'noted', ...by, details: only({ ...details, action }) };
}

/** What can be shown as it is, without what is empty. */
function only(details: Record<string, unknown>): Details {
  const shown = Object.entries(details).filter(
    (entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]) && entry[1] !== '',
  );
  return Object.fromEntries(shown);
}

function viaOf(text: unknown): DecisionVia | undefined {
  return (['slack', 'console', 'cli', 'api'] as const).find((via) => via === text);
}
