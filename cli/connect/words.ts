/** What `hoop connect` says of a grant: pure functions from what is known to text. */
import type { SessionView } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { oneLine } from '#shared/safe-text.ts';
import type { StateEvent } from '#shared/stream-events.ts';
import { localTime, timeLeft } from '../times.ts';

type Grant = Pick<SessionView, 'id' | 'connection' | 'duration' | 'activeUntil' | 'createdAt' | 'state' | 'grant'>;

const until = (iso: string): string => `until ${localTime(iso)} (${timeLeft(iso)})`;
const forHow = ({ duration }: Grant): string => (duration === null ? '' : `for ${formatDuration(duration)}`);

/** A moment of rounding is no less time. */
const slackSeconds = 2;

export function grantedText({ connection, duration }: Grant, { activeUntil, since }: StateEvent): string {
  if (activeUntil === undefined) return `${oneLine(connection)} is granted.`;
  const granted = `${oneLine(connection)} is granted ${until(activeUntil)}.`;
  return granted + lessText(duration, since, activeUntil);
}

/** Reviewers may approve for less than was asked for. */
function lessText(duration: number | null, from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  if (duration === null || seconds >= duration - slackSeconds) return '';
  return ` That is ${formatDuration(seconds)} of the ${formatDuration(duration)} asked for.`;
}

/** An active grant is used again. */
export function againText({ connection, activeUntil }: Grant, durationGiven: boolean, names: string[]): string {
  const lasts = activeUntil === null ? '' : ` ${until(activeUntil)}`;
  const more = `; more time is asked for with: ${extendCommand({ connection })} -d <duration>`;
  return `${oneLine(connection)} is granted to you${lasts} without a new review${durationGiven ? more : ''}.${variablesText(names)}`;
}

/** A grant that sets variables sets them for whoever names none, too. */
function variablesText(names: string[]): string {
  if (names.length === 0) return '';
  return ` It sets ${names.map(oneLine).join(', ')}, as was asked for with -e.`;
}

export function extendedText({ connection }: Pick<Grant, 'connection'>, activeUntil: string | null): string {
  return `${oneLine(connection)} is granted ${activeUntil === null ? 'for longer' : until(activeUntil)} now.`;
}

/** For who asked for more time: whether it is all of it. */
export function moreText(grant: Grant, activeUntil: string | null, { duration }: Grant): string {
  const before = grant.activeUntil;
  const less = before !== null && activeUntil !== null ? lessText(duration, before, activeUntil) : '';
  return extendedText(grant, activeUntil) + less;
}

export function earlierText(view: Grant, names: string[] = []): string {
  const what = view.grant === null ? 'request' : 'request for more time';
  return `Your earlier ${what} of ${localTime(view.createdAt)} (${forHow(view)}) is waited for again.${variablesText(names)}`;
}

export function envDiffersText({ state, id }: Grant): string {
  const what = state === 'active' ? 'Your grant' : 'Your earlier request';
  return `${what} ${id.slice(0, 8)} has other variables than -e names; a new one is asked for.`;
}

/** `why`: what the gateway said. */
export function outdatedText({ id }: Pick<Grant, 'id'>, why: string): string {
  return `Your grant ${id.slice(0, 8)} serves no more: ${oneLine(why)}`;
}

export function durationDiffersText(view: Grant): string {
  return `Your earlier request ${view.id.slice(0, 8)} is ${forHow(view)}; a new one is asked for.`;
}

export function lastMinuteText({ connection }: Grant, activeUntil: string): string {
  return `The grant ends in a minute, at ${localTime(activeUntil)}. For more time: ${extendCommand({ connection })}`;
}

/** `~?` */
export const escapeHelp =
  'At the beginning of a line: ~. leaves, the terminal goes on; ~~ is one tilde; ~? shows this.';

/** A terminal that goes on alone. */
export function leftText({ id }: Pick<Grant, 'id'>, activeUntil: string | null): string {
  const lasts = activeUntil === null ? '' : `, ${until(activeUntil)}`;
  return `The terminal goes on${lasts}. To take it up again: hoop connect --terminal ${id.slice(0, 8)}`;
}

/** Those left behind, where a new one is opened. */
export function leftBehindText(terminals: Pick<SessionView, 'id' | 'createdAt'>[]): string {
  const [first, ...others] = terminals.map(({ id, createdAt }) => `${id.slice(0, 8)} (of ${localTime(createdAt)})`);
  const which = others.length > 0 ? '<id>' : terminals[0]?.id.slice(0, 8);
  const what = others.length > 0 ? 'Terminals of yours go on' : 'A terminal of yours goes on';
  return `${what}: ${[first, ...others].join(', ')}; this is a new one. To take up that: hoop connect --terminal ${which}`;
}

export function leaveText({ connection, id }: Grant, activeUntil: string | null): string {
  const lasts = activeUntil === null ? 'The grant goes on' : `The grant lasts ${until(activeUntil)}`;
  return (
    `${lasts}: hoop connect ${oneLine(connection)} comes back without a review, ` +
    `hoop sessions cancel ${id.slice(0, 8)} gives it back.`
  );
}

function extendCommand({ connection }: Pick<Grant, 'connection'>): string {
  return `hoop connect ${oneLine(connection)} --extend`;
}
