/** Splits text from others into what is plain and what would be invisible, bidirectional or a control character. */
import { invisibleIn, showInvisible } from '#shared/safe-text.ts';

export interface TextPart {
  text: string;
  /** The character is shown by its number, not as itself. */
  hidden: boolean;
}

/** Plain neighbours are one part, so that plain text of any length is one. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  const plainUpTo = (at: number) => {
    if (at > done) parts.push({ text: text.slice(done, at), hidden: false });
  };
  for (const { at, char } of invisibleIn(text)) {
    plainUpTo(at);
    parts.push({ text: showInvisible(char), hidden: true });
    done = at + char.length;
  }
  plainUpTo(text.length);
  return parts;
}

/** How many characters of the text are shown by their number. */
export const countHidden = (text: string): number => [...invisibleIn(text)].length;
