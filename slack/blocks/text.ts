/**
 * The only ways text gets into a message. What people wrote goes into plain_text and rich_text, where Slack reads no
 * markup, and never into mrkdwn: `<!channel>` in a script stays ten characters.
 */
import type { types } from '@slack/bolt';
import { showInvisible } from '#shared/safe-text.ts';

export type Block = types.KnownBlock;
export type Inline = types.RichTextElement;

/** A message as `chat.postMessage` takes it. `text` is what notifications show; it is read as mrkdwn. */
export interface Message {
  text: string;
  blocks: Block[];
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What cannot be seen is shown as `\u{...}`; half characters, which JSON parsers refuse, are replaced. */
export function clean(text: string): string {
  return showInvisible(text.replace(loneSurrogate, '\ufffd'));
}

/** As `clean`, on one line. */
export function cleanLine(text: string): string {
  return clean(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\t/g, ' ');
}

export interface CutText {
  text: string;
  whole: boolean;
}

/** At most `max` UTF-16 units (as Slack counts), never half a character, with an ellipsis where something is missing. */
export function cut(text: string, max: number): CutText {
  if (text.length <= max) return { text, whole: true };
  return { text: `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`, whole: false };
}

export const short = (text: string, max: number): string => cut(cleanLine(text), max).text;

/** For `text` and other places that Slack reads as mrkdwn: https://docs.slack.dev/messaging/formatting-message-text */
export function escapeMrkdwn(text: string): string {
  return clean(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Names that admins give are safe in `text` only where they hold nothing that could be markup. */
export function plainName(name: string, otherwise: string): string {
  return /^[a-z0-9][a-z0-9.-]{0,62}$/i.test(name) ? name : otherwise;
}

export function plainText(text: string, max: number): types.PlainTextElement {
  return { type: 'plain_text', text: short(text, max) || ' ', emoji: false };
}

export const words = (text: string): Inline => ({ type: 'text', text });
export const bold = (text: string): Inline => ({ type: 'text', text, style: { bold: true } });
export const code = (text: string): Inline => ({ type: 'text', text, style: { code: true } });
export const link = (url: string, text: string): Inline => ({ type: 'link', url, text });

/** Shown in the reader's own time zone, in UTC where a client cannot. */
export function when(at: Date): Inline {
  return {
    type: 'date',
    timestamp: Math.floor(at.getTime() / 1000),
    format: '{date_short_pretty} {time}',
    fallback: utc(at),
  };
}

export const utc = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** One paragraph; parts without any text are left out, as Slack refuses empty ones. */
export function line(...parts: Inline[]): types.RichTextSection {
  return { type: 'rich_text_section', elements: parts.filter((part) => !('text' in part) || part.text !== '') };
}

export function preformatted(text: string): types.RichTextPreformatted {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : text }] };
}

export function bullets(items: types.RichTextSection[]): types.RichTextList {
  return { type: 'rich_text_list', style: 'bullet', elements: items };
}

export function richText(...elements: types.RichTextBlockElement[]): Block {
  return { type: 'rich_text', elements };
}

/** A private answer to a click or command; `text` may hold names that others chose. */
export function privateAnswer(text: string): Message {
  return { text: cut(escapeMrkdwn(text), 1500).text, blocks: [richText(line(words(cut(clean(text), 1500).text)))] };
}
