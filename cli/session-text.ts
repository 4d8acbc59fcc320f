/** A session as text for people: all of it, or what a reviewer decides about. Safe for a terminal. */
import { askingProblems } from '#shared/asking-text.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import { oneLine } from '#shared/safe-text.ts';
import { isEndState } from '#shared/session-states.ts';
import { showArgv } from '#shared/argv-text.ts';
import { formatFields, formatSize } from './output.ts';
import { scriptText } from './script-text.ts';
import { timelineText } from './timeline-text.ts';
import { localStamp, timeLeft } from './times.ts';

const summaryLines = 20;

type Field = [name: string, value: string | null | undefined];

/** `sessions show`: what was asked, who decided, how it ended, and each step of its way. */
export function describeSession(session: SessionDetail): string {
  return textOf(
    [
      ...askedFields(session),
      ['correlation id', session.correlationId && oneLine(session.correlationId)],
      ['started', session.startedAt && localStamp(session.startedAt)],
      ['ended', session.endedAt && localStamp(session.endedAt)],
      ['exit status', exitText(session)],
      ['message', session.message],
      ['output', session.kind === 'exec' ? `${session.outputBytes} bytes` : null],
      ['recording', session.recordingRemovedAt ? `removed ${localStamp(session.recordingRemovedAt)}` : null],
      ...envelopeFields(session),
      ...reviewFields(session),
      ['page', oneLine(session.url)],
      ['workflow', session.workflowUrl && oneLine(session.workflowUrl)],
      ['timeline', timelineText(session.timeline)],
    ],
    scriptText(session),
  );
}

/** `review show`: all that an approval would allow, under which policy, and where it stands. */
export function describeReview(session: SessionDetail): string {
  return textOf(
    [
      ...askedFields(session),
      ['note', session.message],
      ...envelopeFields(session),
      ...reviewFields(session),
      ['seen by', seenText(session)],
      ['you may', mayText(session)],
      ['page', oneLine(session.url)],
    ],
    scriptText(session),
  );
}

/** What a decision is about, on one screen. */
export function summarizeSession(session: SessionDetail): string {
  return textOf([...askedFields(session), ...envelopeFields(session)], scriptText(session, summaryLines));
}

function textOf(fields: Field[], script: string): string {
  return [formatFields(fields), script].filter((part) => part !== '').join('\n');
}

function askedFields(session: SessionDetail): Field[] {
  const { agent, startedAt, endedAt, expiresAt } = session;
  return [
    ['session', session.id],
    ['kind', kindText(session)],
    ['grant', session.grant],
    ['state', `${session.state} since ${localStamp(session.stateSince)}`],
    ['requester', oneLine(session.requester.email)],
    ['reason', session.reason],
    ['connection', oneLine(session.connection)],
    ['agent', `${oneLine(agent.name)} (${agent.online ? 'online' : 'offline'})`],
    ['created', localStamp(session.createdAt)],
    ['granted until', session.activeUntil && lastsText(session.activeUntil, endedAt)],
    ['expires', startedAt || endedAt ? null : `${localStamp(expiresAt)} (in ${timeLeft(expiresAt)})`],
  ];
}

type KindFields = Pick<SessionView, 'kind' | 'duration' | 'grant' | 'terminal'>;

/** What was asked for, in a few words: `exec`, `connect for 30m`. */
export function kindText({ kind, duration, grant, terminal }: KindFields): string {
  if (kind === 'exec') return grant === null ? 'exec' : `${terminal ? 'terminal' : 'exec'} under ${grant.slice(0, 8)}`;
  const long = duration === null ? '' : ` for ${formatDuration(duration)}`;
  return grant === null ? `connect${long}` : `connect${long} more, of ${grant.slice(0, 8)}`;
}

function lastsText(activeUntil: string, endedAt: string | null): string {
  return endedAt ? localStamp(activeUntil) : `${localStamp(activeUntil)} (${timeLeft(activeUntil)})`;
}

function envelopeFields({ envelope, digest }: SessionDetail): Field[] {
  const { maxRuntimeSeconds, maxOutputBytes } = envelope;
  const idle = envelope.idleSeconds > 0 ? `, ${formatDuration(envelope.idleSeconds)} without input or output` : '';
  const runtime = maxRuntimeSeconds > 0 ? `${formatDuration(maxRuntimeSeconds)} of run time, ` : '';
  return [
    ['command', oneLine(showArgv([...envelope.command, ...envelope.args]))],
    ['runs as', envelope.runAs === null ? null : `user ${oneLine(envelope.runAs)}`],
    ['terminal', terminalText(envelope)],
    ['variables', lines(Object.entries(envelope.env).map(([key, value]) => `${key}=${value}`))],
    ['from connection', envelope.connectionEnvNames.map(oneLine).join(', ')],
    ['limits', `${runtime}${formatSize(maxOutputBytes)} of output${idle}`],
    ['digest', digest],
  ];
}

function terminalText({ terminal }: SessionDetail['envelope']): string | null {
  return terminal ? `${oneLine(terminal.type)}, ${terminal.columns}x${terminal.rows}` : null;
}

function reviewFields(session: SessionDetail): Field[] {
  const { review, decisions, url } = session;
  return [
    ['policy', policyText(session)],
    ['groups', lines(review.groups.map(groupText))],
    ['approvals', review.approvalsNeeded > 1 ? `${review.approvals} of ${review.approvalsNeeded} people` : null],
    ['asked in', review.askedIn.map(oneLine).join(', ')],
    ['slack', lines(askingProblems(review.asked ?? [], url))],
    ['decisions', decisions.map((decision) => decisionText(decision, session.digest)).join('\n')],
  ];
}

function lines(texts: string[]): string {
  return texts.map(oneLine).join('\n');
}

function policyText({ policy }: SessionDetail): string {
  return oneLine(policySentence({ ...policy, reviewers: policy.groups }));
}

function exitText({ exitCode, exitSignal }: SessionDetail): string | null {
  if (exitCode === null) return null;
  return exitSignal === null ? String(exitCode) : `${exitCode} (${oneLine(exitSignal)})`;
}

function groupText({ group, met, approvedBy }: SessionDetail['review']['groups'][number]): string {
  return met ? `${group}: approved by ${approvedBy.join(', ')}` : `${group}: asked`;
}

function decisionText(decision: SessionDetail['decisions'][number], digest: string): string {
  const forced = decision.force ? ', forced' : '';
  const group = decision.group === null ? '' : ` for ${decision.group}`;
  const duration = decision.duration === null ? '' : ` for ${formatDuration(decision.duration)}`;
  const reason = decision.reason === '' ? '' : `: ${decision.reason}`;
  const before = decision.digest === digest ? '' : ', before the request changed';
  const what = `${decision.verdict}${duration}${group} by ${decision.by.email} (${decision.via}${forced}${before})${reason}`;
  return `${localStamp(decision.at)} ${oneLine(what)}`;
}

function seenText({ timeline }: SessionDetail): string {
  const seen = timeline.filter(({ what }) => what === 'seen');
  return seen.map(({ at, by, via }) => `${localStamp(at)} ${oneLine(`${by} (${via})`)}`).join('\n');
}

/** What whoever asks may do, or why not. */
function mayText({ can, state, myGroups }: SessionDetail): string | null {
  if (isEndState(state)) return null;
  const { approve, reject, force } = can;
  if (approve.allowed) {
    const forGroups = myGroups.length > 0 ? ` for ${myGroups.join(', ')}` : '';
    return oneLine(`approve${forGroups}, or reject${force?.allowed ? ', or force' : ''}`);
  }
  const still = [...(force?.allowed ? ['force'] : []), ...(reject.allowed ? ['reject'] : [])];
  return oneLine(`${still.length > 0 ? `${still.join(', or ')}; not ` : 'not '}approve: ${approve.why}`);
}
