import { withEmoji } from './emoji.ts';
import { Mrkdwn } from './mrkdwn.tsx';

/** The words of a text object. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('text' in value)) return '';
  return String(value.text);
}

/** The words of a plain text, with its emoji. */
export function plainOf(value: unknown): string {
  const literal = typeof value === 'object' && value !== null && 'emoji' in value && value.emoji === false;
  return literal ? textOf(value) : withEmoji(textOf(value));
}

/** A text object of either kind. */
export function Text({ value }: { value: unknown }) {
  const isMrkdwn = typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn';
  return isMrkdwn ? <Mrkdwn text={textOf(value)} /> : <p>{plainOf(value)}</p>;
}
