/** What hoop says on stderr while a request is on its way: pure functions from what is known to text. */
import type { SessionView } from '#shared/api-schemas.ts';
import type { AskedChannel } from '#shared/asked-channels.ts';
import { askingProblems } from '#shared/asking-text.ts';
import { oneLine } from '#shared/safe-text.ts';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import { formatFields } from '../output.ts';
import { localTime, timeLeft } from '../times.ts';

/** What is known of a session that has not ended: of the API's view, or of an event of the stream. */
export interface Standing {
  state: SessionState;
  groups: { group: string; met: boolean; approvedBy: string[] }[];
  approvals: number;
  approvalsNeeded: number;
  askedIn: string[];
  /** Absent: not known. */
  asked?: AskedChannel[] | undefined;
  agent: { name: string; online: boolean };
  expiresAt: string | null;
  message: string | null;
}

export function standingOf(view: SessionView): Standing {
  const { groups, approvals, approvalsNeeded, askedIn, asked } = view.review;
  const { state, agent, expiresAt, message } = view;
  return { state, groups, approvals, approvalsNeeded, askedIn, asked, agent, expiresAt, message };
}

/** Without groups to ask there is nothing to wait for but the start. */
export function isUnderReview({ state, groups }: Standing): boolean {
  return state === 'pending' && groups.length > 0;
}

/** The block for who waits: who is asked, where, since when, until when, and how to come back. */
export function waitingBlock(view: SessionView, standing: Standing): string {
  const { expiresAt, agent, message } = standing;
  const until = expiresAt === null ? '' : `, until ${localTime(expiresAt)} (${timeLeft(expiresAt)})`;
  const fields = formatFields([
    ['  asked in', channels(standing, true)],
    ['  asking in', channels(standing, false)],
    ['  page', oneLine(view.url)],
    ['  since', localTime(view.createdAt) + until],
    ['  session', view.id],
    [view.kind === 'connect' ? '  come back' : '  reattach', reattach(view)],
    ['  agent', agent.online ? null : `${oneLine(agent.name)} is offline; ${onceBack(view)} once it is back`],
    ['  note', message && oneLine(message)],
    ['  slack', slackLines(standing, view.url).map(oneLine).join('\n')],
  ]);
  return `Waiting for approval: ${progress(standing)}\n${fields}`;
}

/** What keeps reviewers from reading it in Slack. */
function slackLines({ askedIn, asked }: Standing, url: string): string[] {
  if (askedIn.length === 0) return [`no Slack channel is asked; reviewers decide at ${url}`];
  return askingProblems(asked ?? [], url);
}

/** What names a session in words about it. */
export type Named = Pick<SessionView, 'id' | 'url' | 'kind' | 'connection' | 'grant' | 'terminal'>;

/** The command that comes back to it from anywhere. */
export function reattach({ id, kind, connection, grant, terminal }: Named): string {
  if (terminal) return `hoop connect --terminal ${id.slice(0, 8)}`;
  if (kind === 'exec') return `hoop exec --session ${id}`;
  return `hoop connect ${oneLine(connection)}${grant === null ? '' : ' --extend'}`;
}

export function offlineText({ state, agent, expiresAt }: Standing, view: Named): string {
  if (state === 'running')
    return `The agent ${agent.name} is offline; the output goes on once it is back. Reattach: ${reattach(view)}`;
  const until = expiresAt === null || view.kind === 'connect' ? '' : ` (until ${localTime(expiresAt)})`;
  const back = view.kind === 'connect' ? '' : ` Reattach: ${reattach(view)}`;
  return `The agent ${agent.name} is offline; ${onceBack(view)} once it is back${until}.${back}`;
}

function onceBack({ kind }: Named): string {
  return kind === 'connect' ? 'commands run' : 'the command runs';
}

/** Where reviewers can read the request, or where they cannot yet. */
function channels({ askedIn, asked }: Standing, posted: boolean): string {
  if (!asked) return posted ? askedIn.map(oneLine).join(', ') : '';
  return asked
    .filter((entry) => entry.posted === posted && (posted || entry.problem !== 'refused'))
    .map(({ channel }) => oneLine(channel))
    .join(', ');
}

/** Lines for what changed while a request waits. */
export function changes(before: Standing, now: Standing, view: Named): string[] {
  const lines: string[] = [];
  if (isUnderReview(now)) {
    if (!isUnderReview(before)) {
      lines.push(`Approval is asked for: ${progress(now)}${now.message ? `. ${oneLine(now.message)}` : ''}`);
    } else {
      lines.push(...approvalLines(before, now));
      if (now.message !== before.message && now.message) lines.push(oneLine(now.message));
      lines.push(...askingLines(before.asked ?? [], now.asked ?? [], view.url));
    }
  } else if (now.message !== before.message && now.message) lines.push(oneLine(now.message));
  if (!isEndState(now.state) && before.agent.online !== now.agent.online) {
    lines.push(now.agent.online ? `The agent ${oneLine(now.agent.name)} is back.` : oneLine(offlineText(now, view)));
  }
  return lines;
}

/** `Approved by a@x, b@x.` when the standing says who; null when somebody has to be asked. */
export function approvedText(standing: Standing): string | null {
  if (standing.groups.length === 0 || standing.groups.some(({ met }) => !met)) return null;
  const people = [...new Set(standing.groups.flatMap(({ approvedBy }) => approvedBy))];
  return people.length > 0 ? `Approved by ${people.map(oneLine).join(', ')}.` : null;
}

/** What keeps reviewers from reading it in Slack, once; and where they can after all. */
function askingLines(before: AskedChannel[], now: AskedChannel[], url: string): string[] {
  const known = new Set(askingProblems(before, url));
  const failed = (name: string) =>
    before.some(({ channel, posted, problem }) => channel === name && !posted && problem);
  const mended = now.filter(({ channel, posted }) => posted && failed(channel)).map(({ channel }) => channel);
  const lines = askingProblems(now, url).filter((line) => !known.has(line));
  if (mended.length > 0) lines.push(`Reviewers are asked in ${mended.join(', ')} now.`);
  return lines.map(oneLine);
}

function approvalLines(before: Standing, now: Standing): string[] {
  const people = (standing: Standing) => new Set(standing.groups.flatMap(({ approvedBy }) => approvedBy));
  const earlier = people(before);
  const fresh = [...people(now)].filter((person) => !earlier.has(person));
  const same = now.approvals === before.approvals && metCount(now) === metCount(before);
  if (fresh.length === 0 && same) return [];
  // Complete: the next state says so.
  if (metCount(now) === now.groups.length && now.approvals >= now.approvalsNeeded) return [];
  const by = fresh.length > 0 ? `Approval by ${fresh.map(oneLine).join(', ')}; ` : 'Approvals changed; ';
  return [`${by}still waiting for: ${progress(now)}`];
}

/** `admin, sre (0 of 2)`: the groups still asked, then how many have approved; people too when more are needed. */
function progress(standing: Standing): string {
  const { groups, approvals, approvalsNeeded } = standing;
  const asked = groups.filter(({ met }) => !met).map(({ group }) => oneLine(group));
  const people = approvalsNeeded > 1 ? `, ${approvals} of ${approvalsNeeded} people` : '';
  return `${asked.join(', ') || 'more reviewers'} (${metCount(standing)} of ${groups.length}${people})`;
}

function metCount({ groups }: Standing): number {
  return groups.filter(({ met }) => met).length;
}
