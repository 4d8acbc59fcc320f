/** What those are told in private who approved a request that is another one now. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { aRequest } from './grant-words.ts';
import { changeText, gist, personText } from './phrases.ts';
import { bold, line, link, plainName, preformatted, richText, short, words, type Message } from './text.ts';

const headline = 'What you approved has changed';

export function approvalLapsedMessage(view: SlackSessionView): Message {
  const why = changeText(view);
  return {
    text: `${headline}: ${aRequest(view)} on ${plainName(view.connection, 'a connection')}`,
    blocks: [
      richText(
        line(
          bold(headline),
          words(` – ${aRequest(view)} of ${personText(view.requester)} on ${short(view.connection, 100)}.`),
        ),
        preformatted(gist(view)),
        ...(why === null ? [] : [line(words(why))]),
        line(link(view.url, 'Look at it again in hoop')),
      ),
    ],
  };
}
