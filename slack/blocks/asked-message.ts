/** What a subscribed reviewer is told in private when a group of theirs is asked. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { gist, personText } from './phrases.ts';
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
}

export function askedMessage(view: SlackSessionView, { groups, permalink }: Asked): Message {
  const reason = cut(clean(view.reason).trim(), room.reason).text;
  const links = [link(view.url, 'Open in hoop')];
  if (permalink !== null) links.unshift(link(permalink, 'Decide in Slack'), words(' · '));
  return {
    text: `You are asked to review a command on ${plainName(view.connection, 'a connection')}`,
    blocks: [
      richText(
        line(bold('You are asked to review a command'), words(` on ${short(view.connection, 100)}.`)),
        preformatted(gist(view)),
        line(bold('Who: '), words(personText(view.requester))),
        line(bold('Why: '), words(reason === '' ? 'no reason given' : reason)),
        line(bold('Asked: '), words(short(groups.join(', '), room.groups))),
        line(bold('Until: '), when(view.expiresAt)),
        line(...links),
      ),
    ],
  };
}
