/** What a subscribed reviewer is told in private when a group of theirs is asked. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { aRequest, grantLines } from './grant-words.ts';
import { gist, personText, windowLines } from './phrases.ts';
import {
  bold,
  clean,
  cut,
  line,
  link,
  plainName,
  preformatted,
  richText,
  short,
  when,
  words,
  type Message,
} from './text.ts';

const room = { reason: 600, groups: 300 };

export interface Asked {
  /** The asked groups that the reader is in. */
  groups: string[];
  /** Of the message with the buttons, where one is posted. */
  permalink: string | null;
  /** They were asked before, and the request expires soon. */
  reminds?: boolean;
}

export function askedMessage(view: SlackSessionView, { groups, permalink, reminds = false }: Asked): Message {
  const reason = cut(clean(view.reason).trim(), room.reason).text;
  const links = [link(view.url, 'Open in hoop')];
  if (permalink !== null) links.unshift(link(permalink, 'Decide in Slack'), words(' · '));
  const what = aRequest(view);
  const headline = reminds
    ? `${what.replace(/^a/, 'A')} still waits for your review`
    : `You are asked to review ${what}`;
  return {
    text: `${headline} on ${plainName(view.connection, 'a connection')}`,
    blocks: [
      richText(
        line(bold(headline), words(` on ${short(view.connection, 100)}.`)),
        preformatted(gist(view)),
        line(bold('Who: '), words(personText(view.requester))),
        ...grantLines(view),
        line(bold('Why: '), words(reason === '' ? 'no reason given' : reason)),
        line(bold('Asked: '), words(short(groups.join(', '), room.groups))),
        ...windowLines(view),
        line(bold('Until: '), when(view.expiresAt)),
        line(...links),
      ),
    ],
  };
}
