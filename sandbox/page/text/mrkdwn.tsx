import { Fragment, useMemo, type ReactNode } from 'react';
import { formatDate } from './date.ts';
import { withEmoji } from './emoji.ts';
import { ChannelMention, GroupMention, UserMention } from './mention.tsx';
import { parseMrkdwn, type Inline, type Part, type Style } from './mrkdwn.ts';
import { Preformatted } from './preformatted.tsx';
import { SafeLink } from './safe-link.tsx';

const TAGS: Record<Style, 'b' | 'i' | 's'> = { bold: 'b', italic: 'i', strike: 's' };

/** A text in Slack's mrkdwn. */
export function Mrkdwn({ text }: { text: string }) {
  const parts = useMemo(() => parseMrkdwn(text), [text]);
  return <>{parts.map((part, index) => drawPart(part, index))}</>;
}

function drawPart(part: Part, key: number): ReactNode {
  if (part.kind === 'preformatted') return <Preformatted key={key} text={part.text} />;
  const Tag = part.kind === 'quote' ? 'blockquote' : 'p';
  return <Tag key={key}>{drawAll(part.content)}</Tag>;
}

const drawAll = (content: Inline[]): ReactNode[] =>
  content.map((entry, index) => <Fragment key={index}>{draw(entry)}</Fragment>);

function draw(entry: Inline): ReactNode {
  switch (entry.kind) {
    case 'text':
      return withEmoji(entry.text);
    case 'code':
      return <code>{entry.text}</code>;
    case 'styled': {
      const Tag = TAGS[entry.style];
      return <Tag>{drawAll(entry.content)}</Tag>;
    }
    case 'link':
      return <SafeLink url={entry.url}>{withEmoji(entry.label)}</SafeLink>;
    case 'user':
      return <UserMention id={entry.id} label={entry.label} />;
    case 'channel':
      return <ChannelMention id={entry.id} label={entry.label} />;
    case 'usergroup':
      return <GroupMention name={entry.label || entry.id} />;
    case 'broadcast':
      return <GroupMention name={entry.range} />;
    case 'date': {
      const words = formatDate(entry.timestamp, entry.format) || entry.fallback;
      return entry.url ? <SafeLink url={entry.url}>{words}</SafeLink> : words;
    }
  }
}
