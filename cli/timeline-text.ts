/** What happened to a session, a line each, for people. */
import type { TimelineEntry } from '#shared/session-timeline.ts';
import { oneLine } from '#shared/safe-text.ts';
import { localStamp } from './times.ts';

export function timelineText(entries: TimelineEntry[]): string {
  const width = Math.max(0, ...entries.map(({ what }) => what.length));
  return entries
    .map((entry) => `${localStamp(entry.at)}  ${entry.what.padEnd(width)}  ${oneLine(detailText(entry))}`.trimEnd())
    .join('\n');
}

function detailText({ what, by, via, details = {} }: TimelineEntry): string {
  const { group, force, reason, channel, to, event, version, changed, agent, host, state, exitCode, message, action } =
    details;
  const why = reason === undefined || what === 'asked' ? '' : `: ${reason}`;
  switch (what) {
    case 'posted':
      return `in ${channel}`;
    case 'notified':
      return `${to} in Slack: ${event}`;
    case 'changed':
      return `${changed ? `connection (${changed})` : 'connection'}${by ? ` by ${by}` : ''}: the request is version ${version} now`;
    case 'reopened':
      return 'approvals do not count any more; it waits again';
    case 'reminded':
      return 'reviewers who have still to decide';
    case 'started':
      return agent === undefined ? '' : `by agent ${agent}${host ? ` on ${host}` : ''}`;
    case 'ended':
      return `${state}${exitCode === undefined ? '' : `, exit status ${exitCode}`}${message ? `: ${message}` : ''}`;
    case 'noted':
      return grantText(details) ?? `${action}${by === undefined ? '' : ` by ${by}`}${restText(details)}`;
    default: {
      const how = [via, group && `for ${group}`, force && 'forced'].filter(Boolean).join(', ');
      return `by ${by ?? 'somebody'}${how === '' ? '' : ` (${how})`}${why}`;
    }
  }
}

/** The steps of a grant, which the audit log alone has. */
function grantText({ action, until, by, why }: NonNullable<TimelineEntry['details']>): string | null {
  const lasts = typeof until === 'string' ? ` until ${localStamp(until)}` : '';
  if (action === 'grant.activate') return `granted${lasts}`;
  if (action === 'grant.extend') return `extended${lasts}, by ${String(by).slice(0, 8)}`;
  if (action === 'grant.close') return `closed (${why}): what runs under it is stopped`;
  return null;
}

function restText({ action: _, ...rest }: NonNullable<TimelineEntry['details']>): string {
  const parts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
