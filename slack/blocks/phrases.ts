/** hoop's own words about a session, shared by channel messages, threads and direct messages. */
import type { types } from '@slack/bolt';
import { formatDuration } from '#shared/duration-text.ts';
import { lapseText, renewalText } from '#shared/renewal-text.ts';
import type { EnvelopeText, SlackDecision, SlackPerson, SlackSessionView } from '#shared/slack-view.ts';
import { commandLine } from './envelope-parts.ts';
import { grantStateText, lengthText } from './grant-words.ts';
import { bold, clean, cleanLine, cut, line, short, when, words, type Inline } from './text.ts';

export function personText(person: SlackPerson): string {
  const name = cleanLine(person.name).trim();
  const email = short(person.email, 254);
  return name === '' ? email : `${cut(name, 60).text} (${email})`;
}

const verdicts = { approve: 'approved', reject: 'rejected', cancel: 'withdrew', revoke: 'revoked' } as const;

/** `countsFor`: the groups of an approval that names none. */
export function decisionText(decision: SlackDecision, countsFor = ''): string {
  const { by, verdict, group, force, outdated, shortenedTo, gaveBack } = decision;
  const forced = force ? ', forced' : '';
  const before = outdated ? ' what the request was before it changed' : '';
  const how = gaveBack ? 'gave it back' : verdicts[verdict];
  const shorter = shortenedTo ? `, at most ${formatDuration(shortenedTo)}` : '';
  const groups = group === null ? countsFor : short(group, 100);
  return `${personText(by)} ${how}${before}${groups === '' ? '' : ` for ${groups}`}${forced}${shorter}`;
}

/** `exit status 3`, `signal SIGTERM`; empty when there was none. The name comes from the agent: only a real one is shown. */
function exitText(view: SlackSessionView): string {
  if (view.exitSignal !== null)
    return /^SIG[A-Z0-9]{1,10}$/.test(view.exitSignal) ? `signal ${view.exitSignal}` : 'a signal';
  return view.exitCode === null ? '' : `exit status ${view.exitCode}`;
}

/** How long it ran; empty when it never did. */
function tookText(view: SlackSessionView): string {
  if (!view.startedAt || !view.endedAt) return '';
  const seconds = (view.endedAt.getTime() - view.startedAt.getTime()) / 1000;
  return seconds < 1 ? 'less than 1s' : formatDuration(seconds);
}

/** The state as a short phrase without any text of others. */
export function stateText(view: SlackSessionView): string {
  const exit = exitText(view);
  const took = tookText(view);
  const after = took === '' ? '' : ` after ${took}`;
  const granted = grantStateText(view, after);
  if (granted !== null) return granted;
  switch (view.state) {
    case 'pending':
      return 'Waiting for approval';
    case 'approved':
      return view.runsAt === null ? 'Approved' : `Approved; ${view.runsAt}`;
    case 'queued':
      if (view.runsAt !== null) return `Approved; ${view.runsAt}`;
      return view.agent.online ? 'Approved, about to run' : 'Approved, waiting for its agent';
    case 'running':
    case 'active':
      return 'Approved, running';
    case 'closing':
      return 'Being stopped';
    case 'finished':
    case 'ended':
      return `Finished${exit === '' ? '' : ` with ${exit}`}${after}`;
    case 'rejected':
      return 'Rejected';
    case 'expired':
      return 'Expired, nothing was run';
    case 'cancelled':
      return endingDecision(view) ? 'Withdrawn by the requester' : 'Withdrawn';
    case 'revoked':
      return `Revoked${after}`;
    case 'failed':
      return `Failed${exit === '' ? '' : ` with ${exit}`}${after}`;
    case 'lost':
      return 'Lost: nobody can tell whether it ran to its end';
  }
}

/** As `stateText`, with the time in the reader's own zone; `and`: what follows it. */
export function stateParts(view: SlackSessionView, and = ''): Inline[] {
  const until = view.state === 'active' ? view.grant?.activeUntil : null;
  if (!view.grant || !until) return [bold(stateText(view) + and)];
  return [bold('Active until '), when(until), bold(lengthText(view) + and)];
}

const endedBy = { rejected: 'reject', cancelled: 'cancel', ended: 'cancel', revoked: 'revoke' } as const;

/** The decision that ended the session, where a person did. */
export function endingDecision(view: SlackSessionView): SlackDecision | undefined {
  const verdict = endedBy[view.state as keyof typeof endedBy];
  return verdict && view.decisions.findLast((decision) => decision.verdict === verdict);
}

/** "1 of 2 groups", with people where more than one is needed. */
export function standingText(view: SlackSessionView): string {
  const { groups, approvals, approvalsNeeded } = view;
  const met = groups.filter((group) => group.met).length;
  const people = approvalsNeeded > 1 ? `, ${approvals} of ${approvalsNeeded} people` : '';
  return `${met} of ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}${people}`;
}

/** What is missing where every group has its approval and that is not enough; null: that is not so. */
export function missingText(view: SlackSessionView): string | null {
  const { groups, approvals, approvalsNeeded, distinctReviewers } = view;
  if (view.state !== 'pending' || groups.length === 0 || groups.some(({ met }) => !met)) return null;
  const people = approvals < approvalsNeeded ? `${approvals} of ${approvalsNeeded} people` : '';
  const each = distinctReviewers && groups.length > 1 ? 'a different person for each group' : '';
  return [people, each].filter((part) => part !== '').join(': ') || null;
}

/** Who decided what, for whom it counts, when and why. */
export function decisionLine(decision: SlackDecision, room: number): types.RichTextSection {
  const { group, force, countsFor, at } = decision;
  const groups = group === null && !force ? short(countsFor.join(', '), 200) : '';
  const reason = cut(clean(decision.reason).trim(), room).text;
  return line(words(`${decisionText(decision, groups)}, `), when(at), words(reason === '' ? '' : `: ${reason}`));
}

/** What is asked for, on one line: the command as one would type it, and the first line of its standard input. */
export function gist(
  view: Pick<EnvelopeText, 'durationSeconds' | 'command' | 'args' | 'script' | 'scriptBytes'>,
): string {
  const command = cleanLine(commandLine(view)).trim();
  const lines = (view.script ?? '').split('\n').filter((text) => text.trim() !== '');
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more ${lines.length === 2 ? 'line' : 'lines'})` : '';
  const first = lines[0] === undefined ? '' : `: ${short(lines[0].trim(), 200)}${more}`;
  const grant = view.durationSeconds === null ? '' : `connect for ${formatDuration(view.durationSeconds)}: `;
  return grant + cut(command, 150).text + (view.scriptBytes > 0 && view.script === null ? ': (bytes)' : first);
}

/** When it may run, where the connection says. */
export function windowLines({ window }: SlackSessionView): types.RichTextSection[] {
  return window === null ? [] : [line(bold('Runs within: '), words(short(window, 200)))];
}

/** Why the request is another one than it was, or whose approval does not count now; for everybody who is asked. */
export function changeText(view: SlackSessionView): string | null {
  if (view.endedAt !== null || view.startedAt !== null) return null;
  const lapsed = view.lapsed.map(({ by, groups, active }) => lapseText(personText(by), groups, active)).join(' ');
  if (lapsed !== '') return short(lapsed, 600);
  const asks = view.groups.length > 0;
  // once approved as it is now, nobody asks any more
  if (view.renewal === null || asks !== (view.state === 'pending')) return null;
  return short(renewalText(view.renewal, asks), 300);
}
