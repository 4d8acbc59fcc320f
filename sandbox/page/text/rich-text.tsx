import { Fragment, memo, type ReactNode } from 'react';
import type { Json } from '../../model.ts';
import { formatDate } from './date.ts';
import { emojiFrom } from './emoji.ts';
import { ChannelMention, GroupMention, UserMention } from './mention.tsx';
import { Preformatted } from './preformatted.tsx';
import { RichList } from './rich-list.tsx';
import { SafeLink } from './safe-link.tsx';

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
export const RichText = memo(function RichText({ elements }: { elements: unknown }) {
  const groups = joinLists(list(elements));
  return (
    <>
      {groups.map((group, index) => (
        <Fragment key={index}>
          {Array.isArray(group) ? <RichList lists={group} draw={drawAll} /> : draw(group)}
        </Fragment>
      ))}
    </>
  );
});

/** Lists that follow each other are one list with deeper levels. */
function joinLists(elements: Json[]): (Json | Json[])[] {
  const groups: (Json | Json[])[] = [];
  for (const element of elements) {
    const last = groups.at(-1);
    if (element.type !== 'rich_text_list') groups.push(element);
    else if (Array.isArray(last)) last.push(element);
    else groups.push([element]);
  }
  return groups;
}

function draw(element: Json): ReactNode {
  const content = list(element.elements);
  if (element.type === 'rich_text_preformatted') {
    const text = content.map((entry) => String(entry.text ?? entry.url ?? '')).join('');
    return <Preformatted text={text}>{drawAll(content)}</Preformatted>;
  }
  if (element.type === 'rich_text_quote') return <blockquote>{drawAll(content)}</blockquote>;
  return <p>{drawAll(content)}</p>;
}

const drawAll = (content: unknown): ReactNode[] =>
  list(content).map((entry, index) => <Fragment key={index}>{styled(entry, drawInline(entry))}</Fragment>);

function drawInline(entry: Json): ReactNode {
  const text = String(entry.text ?? '');
  switch (entry.type) {
    case 'link':
      return <SafeLink url={String(entry.url)}>{text || String(entry.url)}</SafeLink>;
    case 'user':
      return <UserMention id={String(entry.user_id)} />;
    case 'channel':
      return <ChannelMention id={String(entry.channel_id)} />;
    case 'usergroup':
      return <GroupMention name={String(entry.usergroup_id)} />;
    case 'broadcast':
      return <GroupMention name={String(entry.range)} />;
    case 'emoji':
      return emojiFrom(String(entry.name), entry.unicode);
    case 'date': {
      const words = formatDate(Number(entry.timestamp), String(entry.format)) || String(entry.fallback ?? '');
      return entry.url ? <SafeLink url={String(entry.url)}>{words}</SafeLink> : words;
    }
    case 'color':
      return <Colour value={String(entry.value)} />;
    default:
      return text;
  }
}

function Colour({ value }: { value: string }) {
  const known = /^#[0-9a-f]{3,8}$/i.test(value);
  return (
    <>
      {value}
      {known && <span className="swatch" style={{ background: value }} aria-hidden />}
    </>
  );
}

const TAGS = [
  ['code', 'code'],
  ['bold', 'b'],
  ['italic', 'i'],
  ['strike', 's'],
  ['underline', 'u'],
] as const;

function styled(entry: Json, content: ReactNode): ReactNode {
  const style = (entry.style ?? {}) as Record<string, unknown>;
  return TAGS.reduce((inner, [name, Tag]) => (style[name] === true ? <Tag>{inner}</Tag> : inner), content);
}
