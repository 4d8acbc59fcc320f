/** The beginning of what a request would run, for a row of a list. */
import type { ReviewPreview } from '#shared/review-list-schemas.ts';
import { envelopeText } from './load-slack-view.ts';

const argvCharacters = 300;
const scriptLines = 3;
const scriptCharacters = 400;

/** `body`: canonical bytes of the envelope; null: it is too long to be looked into for a list. */
export function reviewPreviewOf(body: string | null): ReviewPreview {
  if (body === null) return { argv: [], script: null, whole: false };
  const { command, args, script, scriptBytes, envNames } = envelopeText(body);
  const all = [...command, ...args];
  const argv = firstOf(all, argvCharacters);
  const wholeArgv = argv.length === all.length && argv.every((word, at) => word === all[at]);
  const text = script?.replace(/\n$/, '') ?? null;
  const first = text === null ? null : firstLines(text);
  return {
    argv,
    script: scriptBytes === 0 ? null : first,
    whole: wholeArgv && envNames.length === 0 && (scriptBytes === 0 || (first !== null && first === text)),
  };
}

/** Words up to so many characters in all; the last may be cut. */
function firstOf(words: string[], characters: number): string[] {
  const first: string[] = [];
  let left = characters;
  for (const word of words) {
    if (left <= 0) break;
    first.push(cut(word, left));
    left -= word.length + 1;
  }
  return first;
}

const firstLines = (text: string): string => cut(text.split('\n').slice(0, scriptLines).join('\n'), scriptCharacters);

/** Never through the middle of a character. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text[length - 1] ?? '') ? length - 1 : length;
  return text.slice(0, end);
}
