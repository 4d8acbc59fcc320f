/** Private answer to `/hoop pending`. */
import type { SlackWaiting } from '#shared/slack-waiting.ts';
import { gist, personText } from './phrases.ts';
import { bold, bullets, code, line, link, richText, short, when, words, type Message } from './text.ts';

export function pendingMessage({ items, more, reviewsUrl }: SlackWaiting): Message {
  const count = items.length + more;
  const headline =
    count === 0 ? 'Nothing waits for you.' : `${count} request${count === 1 ? ' waits' : 's wait'} for you.`;
  const rest = more === 0 ? [] : [line(words(`and ${more} more: `), link(reviewsUrl, 'all of them in hoop'))];
  const rows = items.map((item) =>
    line(
      bold(short(item.connection, 63)),
      words(`, asked by ${short(personText(item.requester), 120)}, until `),
      when(item.expiresAt),
      words(': '),
      code(short(gist(item.what), 120)),
      words(' · '),
      ...(item.permalink === null ? [] : [link(item.permalink, 'in Slack'), words(' · ')]),
      link(item.url, 'in hoop'),
    ),
  );
  return {
    text: headline,
    blocks: [richText(line(words(headline)), ...(rows.length === 0 ? [] : [bullets(rows)]), ...rest)],
  };
}
