/** Splits text from others into what is plain and what would be invisible, bidirectional or a control character. */
import { showInvisible } from '#shared/safe-text.ts';

export interface TextPart {
  text: string;
  /** The character is shown by its number, not as itself. */
  hidden: boolean;
}

/** Neighbours of the same sort are one part, so that plain text of any length is one. */
export function visibleParts(text: string): TextPart[] {
  if (showInvisible(text) === text) return text === '' ? [] : [{ text, hidden: false }];
  const parts: TextPart[] = [];
  let plain = '';
  for (const char of text) {
    const shown = showInvisible(char);
    if (shown === char) {
      plain += char;
      continue;
    }
    if (plain !== '') parts.push({ text: plain, hidden: false });
    plain = '';
    parts.push({ text: shown, hidden: true });
  }
  if (plain !== '') parts.push({ text: plain, hidden: false });
  return parts;
}

/** How many characters of the text are shown by their number. */
export function countHidden(text: string): number {
  return visibleParts(text).reduce((count, part) => count + (part.hidden ? 1 : 0), 0);
}
