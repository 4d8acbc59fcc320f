/** hoop's own words about a grant of connect: what is asked for, for how long, until when. */
import type { types } from '@slack/bolt';
import { formatDuration } from '#shared/duration-text.ts';
import type { SlackGrant, SlackSessionView } from '#shared/slack-view.ts';
import { bold, code, line, link, short, utc, when, words } from './text.ts';

type Kind = Pick<SlackSessionView, 'grant'>;

/** "a command", "a grant": what a request is of. */
export function aRequest({ grant }: Kind): string {
  if (grant === null) return 'a command';
  return grant.extends === null ? 'a grant' : 'an extension of a grant';
}

/** "your command": as `aRequest`, for who asked. */
export const yourRequest = (view: Kind): string => aRequest(view).replace(/^an? /, 'your ');

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "1 hour 30 minutes": for sentences; lists and buttons have `formatDuration`. */
export function spokenDuration(seconds: number): string {
  let rest = seconds;
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const amount = Math.floor(rest / size);
    rest %= size;
    if (amount > 0) parts.push(`${amount} ${unit}${amount === 1 ? '' : 's'}`);
  }
  return parts.join(' ');
}

/** What an approval allows: the grant, or that another one lasts longer. Nothing for a command. */
export function grantLines({ grant, url, window }: SlackSessionView): types.RichTextSection[] {
  if (grant === null) return [];
  const length = spokenDuration(grant.askedSeconds);
  if (grant.extends !== null) return [extensionLine(grant.extends, length, url)];
  return [
    line(
      bold('What: '),
      words(`connect for ${length}, from ${window === null ? 'the approval' : 'when it is approved and may begin'} on`),
    ),
    line(words('While it lasts, commands and scripts that are not shown here run under it without another review.')),
  ];
}

function extensionLine({ url, until, isOver }: NonNullable<SlackGrant['extends']>, length: string, own: string) {
  const what = [bold('What: '), words(`connect for ${length} more: extends `), link(url || own, 'a grant')];
  if (isOver) return line(...what, words(' that is over by now'));
  return until === null ? line(...what) : line(...what, words(' that lasts until '), when(until));
}

/** ", shortened to 10m": where reviewers allow less than was asked for. */
export function shortenedText({ askedSeconds, grantedSeconds }: SlackGrant): string {
  return grantedSeconds < askedSeconds ? `, shortened to ${formatDuration(grantedSeconds)}` : '';
}

/** As `shortenedText`, of a grant that is active: it may have been made longer since. */
export function lengthText({ grant, startedAt }: SlackSessionView): string {
  if (grant === null) return '';
  const lasts = startedAt && grant.activeUntil ? grant.activeUntil.getTime() - startedAt.getTime() : 0;
  return lasts > grant.grantedSeconds * 1000 ? ', extended' : shortenedText(grant);
}

/** For who asked: until when a grant lasts that was approved, and what it is good for. */
export function grantUntilLines({ grant, state, connection }: SlackSessionView): types.RichTextSection[] {
  if (grant === null || grant.extends !== null) return [];
  const until =
    state === 'active' && grant.activeUntil !== null
      ? line(bold('Active until: '), when(grant.activeUntil))
      : line(bold('For: '), words(spokenDuration(grant.grantedSeconds)));
  return [
    until,
    line(words('Commands on it run without another review: '), code(`hoop connect ${short(connection, 100)}`)),
  ];
}

/** How an approved grant stands, or how it ended. Times are in UTC; null: as the state of a command is told. */
export function grantStateText(view: SlackSessionView, after: string): string | null {
  const { grant, state, decisions } = view;
  if (grant === null) return null;
  const has = (verdict: string) => decisions.some((decision) => decision.verdict === verdict);
  switch (state) {
    case 'approved':
      return `Approved${shortenedText(grant)}${view.runsAt === null ? '' : `; ${view.runsAt}`}`;
    case 'active':
      return `Active until ${grant.activeUntil === null ? 'its end' : utc(grant.activeUntil)}${lengthText(view)}`;
    case 'closing':
      if (has('revoke')) return 'Revoked; what runs under it is being stopped';
      return `${has('cancel') ? 'Given back' : 'Over'}; what runs under it is being stopped`;
    case 'ended':
      if (grant.extends !== null) return `Approved${shortenedText(grant)}; the grant was extended`;
      return `${has('cancel') ? 'Given back' : 'Ended'}${after}`;
    case 'lost':
      return 'Lost: nobody can tell whether all that ran under it was stopped';
    case 'expired':
      return 'Expired, nothing was granted';
    default:
      return null;
  }
}
