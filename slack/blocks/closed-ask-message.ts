/** What becomes of the private message that asked a reviewer: how it went on, and nothing to decide. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { aRequest } from './grant-words.ts';
import { endingDecision, gist, personText, stateText } from './phrases.ts';
import { bold, clean, cut, line, link, plainName, preformatted, richText, short, words, type Message } from './text.ts';

const room = { reason: 600, people: 600 };

export function closedAskMessage(view: SlackSessionView): Message {
  const became = whatBecame(view);
  return {
    text: `${headline(view)}: ${aRequest(view)} on ${plainName(view.connection, 'a connection')}`,
    blocks: [
      richText(
        line(bold(became), words(` – ${aRequest(view)} on ${short(view.connection, 100)}.`)),
        preformatted(gist(view)),
        line(bold('Who: '), words(personText(view.requester))),
        line(link(view.url, 'Open in hoop')),
      ),
    ],
  };
}

/** Without any text of others, for notifications. */
function headline(view: SlackSessionView): string {
  if (isEnded(view)) return stateText(view);
  return approvers(view) === '' ? 'No approval is needed any more' : 'Approved';
}

function whatBecame(view: SlackSessionView): string {
  const ending = endingDecision(view);
  if (view.state === 'rejected' && ending) {
    const reason = cut(clean(ending.reason).trim(), room.reason).text;
    return `Rejected by ${personText(ending.by)}${reason === '' ? '' : `: ${reason}`}`;
  }
  const by = approvers(view);
  if (isEnded(view) || by === '') return headline(view);
  return `Approved by ${by}${view.forced ? ' (forced)' : ''}`;
}

/** It came to its end before it was approved. */
function isEnded({ state, startedAt, approvals, approvalsNeeded, groups }: SlackSessionView): boolean {
  if (state === 'rejected' || state === 'cancelled' || state === 'expired') return true;
  const isApproved = groups.every(({ met }) => met) && approvals >= approvalsNeeded;
  return (state === 'failed' || state === 'revoked' || state === 'lost') && startedAt === null && !isApproved;
}

function approvers(view: SlackSessionView): string {
  const approvals = view.decisions.filter(({ verdict, outdated }) => verdict === 'approve' && !outdated);
  return short(approvals.map(({ by }) => personText(by)).join(', '), room.people);
}
