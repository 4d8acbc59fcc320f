/** A session as text for people: all of it, or what a reviewer needs at a glance. Safe for a terminal. */
import { askingProblems } from '#shared/asked-channels.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { oneLine, showInvisible } from '#shared/safe-text.ts';
import { formatFields, showArgv } from './output.ts';
import { localStamp } from './times.ts';

const summaryLines = 20;

export function describeSession(session: SessionDetail): string {
  const { envelope, review } = session;
  const parts = [
    formatFields([
      ['session', session.id],
      ['state', stateText(session)],
      ['connection', oneLine(session.connection)],
      ['agent', `${oneLine(session.agent.name)} (${session.agent.online ? 'online' : 'offline'})`],
      ['requester', oneLine(session.requester.email)],
      ['reason', session.reason],
      ['correlation id', session.correlationId && oneLine(session.correlationId)],
      ['created', localStamp(session.createdAt)],
      ['expires', session.startedAt || session.endedAt ? null : localStamp(session.expiresAt)],
      ['started', session.startedAt && localStamp(session.startedAt)],
      ['ended', session.endedAt && localStamp(session.endedAt)],
      ['exit status', exitText(session)],
      ['message', session.message],
      ['output', `${session.outputBytes} bytes`],
      ['command', oneLine(showArgv([...envelope.command, ...envelope.args]))],
      [
        'variables',
        Object.entries(envelope.env)
          .map(([key, value]) => oneLine(`${key}=${value}`))
          .join('\n'),
      ],
      ['from connection', envelope.connectionEnvNames.map(oneLine).join(', ')],
      ['digest', session.digest],
      ['page', oneLine(session.url)],
      ['workflow', session.workflowUrl && oneLine(session.workflowUrl)],
      ['groups', review.groups.map(groupText).join('\n')],
      ['approvals', review.approvalsNeeded > 1 ? `${review.approvals} of ${review.approvalsNeeded} people` : null],
      ['asked in', review.askedIn.map(oneLine).join(', ')],
      [
        'slack',
        askingProblems(review.asked ?? [], session.url)
          .map(oneLine)
          .join('\n'),
      ],
      ['decisions', session.decisions.map(decisionText).join('\n')],
    ]),
    scriptText(session, Number.POSITIVE_INFINITY),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** What a decision is about, on one screen. */
export function summarizeSession(session: SessionDetail): string {
  const { envelope } = session;
  const fields = formatFields([
    ['session', session.id],
    ['state', stateText(session)],
    ['requester', oneLine(session.requester.email)],
    ['connection', `${oneLine(session.connection)} (agent ${oneLine(session.agent.name)})`],
    ['reason', oneLine(session.reason)],
    ['command', oneLine(showArgv([...envelope.command, ...envelope.args]))],
    [
      'variables',
      Object.entries(envelope.env)
        .map(([key, value]) => oneLine(`${key}=${value}`))
        .join('\n'),
    ],
    ['digest', session.digest],
  ]);
  const script = scriptText(session, summaryLines);
  return script === '' ? fields : `${fields}\n${script}`;
}

function stateText({ state, stateSince }: SessionDetail): string {
  return `${state} since ${localStamp(stateSince)}`;
}

function exitText({ exitCode, exitSignal }: SessionDetail): string | null {
  if (exitCode === null) return null;
  return exitSignal === null ? String(exitCode) : `${exitCode} (${oneLine(exitSignal)})`;
}

function groupText({ group, met, approvedBy }: SessionDetail['review']['groups'][number]): string {
  return oneLine(met ? `${group}: approved by ${approvedBy.join(', ')}` : `${group}: asked`);
}

function decisionText(decision: SessionDetail['decisions'][number]): string {
  const forced = decision.force ? ', forced' : '';
  const group = decision.group === null ? '' : ` for ${decision.group}`;
  const reason = decision.reason === '' ? '' : `: ${decision.reason}`;
  const what = `${decision.verdict}${group} by ${decision.by.email} (${decision.via}${forced})${reason}`;
  return `${localStamp(decision.at)} ${oneLine(what)}`;
}

/** The script with a bar before each line, so that nothing in it can pass for hoop's own words. */
function scriptText({ id, envelope }: SessionDetail, most: number): string {
  if (envelope.script === '') return '';
  if (envelope.scriptEncoding === 'base64') {
    const lines = envelope.script.match(/.{1,76}/g) ?? [];
    const size = Buffer.from(envelope.script, 'base64').length;
    return bars(`script (${size} bytes, not text; base64):`, lines, most, id);
  }
  return bars('script:', showInvisible(envelope.script).replace(/\n$/, '').split('\n'), most, id);
}

function bars(title: string, lines: string[], most: number, id: string): string {
  const shown = lines.slice(0, most).map((line) => `  | ${line}`.trimEnd());
  const rest = lines.length - shown.length;
  const more = rest > 0 ? [`  ... ${rest} more lines: hoop review show ${id}`] : [];
  return [title, ...shown, ...more].join('\n');
}
