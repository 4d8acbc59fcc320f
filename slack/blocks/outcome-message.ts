/** The one message in the thread of a review, once its session has ended. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { decisionText, endingDecision, stateText } from './phrases.ts';
import { bold, clean, cut, line, plainName, preformatted, richText, words, type Message } from './text.ts';

const room = 1500;

export function outcomeMessage(view: SlackSessionView): Message {
  const decision = endingDecision(view);
  const lines = [line(bold(stateText(view)))];
  if (decision) {
    const reason = cut(clean(decision.reason).trim(), room).text;
    lines.push(line(words(decisionText(decision)), words(reason === '' ? '' : `: ${reason}`)));
  }
  const message = view.message === null ? '' : cut(clean(view.message).trim(), room).text;
  return {
    text: `${plainName(view.connection, 'The session')}: ${stateText(view)}`,
    blocks: [richText(...lines, ...(message === '' ? [] : [preformatted(message)]))],
  };
}
