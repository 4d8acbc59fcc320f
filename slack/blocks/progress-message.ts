/** A note in the thread of a review that goes on: who decided just now, and how far it is. */
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { decisionLine, missingText, standingText, stateParts, stateText } from './phrases.ts';
import { bold, bullets, line, plainName, richText, words, type Message } from './text.ts';

const room = { reason: 600, decisions: 10 };

/** `decisions`: those that no note told of before; `news`: what else happened. None: it has begun to run, or is active. */
export function progressMessage(view: SlackSessionView, decisions: SlackDecision[], news: string[] = []): Message {
  const standing = standingText(view);
  const isOpen = view.state === 'pending';
  const lacks = missingText(view);
  const left = decisions.length - room.decisions;
  const lines = decisions.slice(-room.decisions).map((decision) => decisionLine(decision, room.reason));
  if (left > 0) lines.unshift(line(words(`and ${left} more before`)));
  return {
    text: `${plainName(view.connection, 'The session')}: ${isOpen ? standing : `${stateText(view)} (${standing})`}`,
    blocks: [
      richText(
        ...news.map((text) => line(words(text))),
        ...(lines.length === 0 ? [] : [bullets(lines)]),
        line(
          ...(isOpen ? [bold(standing)] : stateParts(view, ` (${standing})`)),
          words(view.forced ? ' (approval was forced)' : ''),
        ),
        ...(lacks === null ? [] : [line(words(`Still missing: ${lacks}`))]),
      ),
    ],
  };
}
