/**
 * What reviewers get when Slack refuses the blocks of a message: text and a link. Without the envelope there is no
 * Approve: nobody approves what they were not shown.
 */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { aRequest } from './grant-words.ts';
import { personText, stateText } from './phrases.ts';
import { cut, escapeMrkdwn, plainName, type Message } from './text.ts';

export function plainReviewMessage(view: SlackSessionView): Message {
  const what = `Review of ${aRequest(view)} on ${plainName(view.connection, 'a connection')}`;
  const who = cut(escapeMrkdwn(personText(view.requester)), 400).text;
  return { text: `${what}, asked for by ${who}: ${stateText(view)}. Read and decide in hoop: ${view.url}`, blocks: [] };
}
