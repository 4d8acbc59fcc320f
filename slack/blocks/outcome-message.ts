/** The last message in the thread of a review, once its session has ended: how, and who decided. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { decisionLine, endingDecision, stateText } from './phrases.ts';
import { bold, bullets, clean, cut, line, plainName, preformatted, richText, words, type Message } from './text.ts';

const room = { reason: 600, message: 1500, decisions: 10 };

/** `told`: ids of the decisions that replies before it tell of. */
export function outcomeMessage(view: SlackSessionView, told: ReadonlySet<string> = new Set()): Message {
  const ending = endingDecision(view);
  const approvals = view.decisions
    .filter(({ id, verdict }) => verdict === 'approve' && !told.has(id))
    .slice(-room.decisions);
  const decisions = approvals.map((decision) => decisionLine(decision, room.reason));
  if (ending) decisions.push(decisionLine(ending, room.message));
  // Where a person ended it, the message only says again who and why.
  const message = view.message === null || ending ? '' : cut(clean(view.message).trim(), room.message).text;
  return {
    text: `${plainName(view.connection, 'The session')}: ${stateText(view)}`,
    blocks: [
      richText(
        line(bold(stateText(view)), words(view.forced ? ' (approval was forced)' : '')),
        ...(decisions.length === 0 ? [] : [bullets(decisions)]),
        ...(message === '' ? [] : [preformatted(message)]),
      ),
    ],
  };
}
