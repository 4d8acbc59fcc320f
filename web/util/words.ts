/** The words of a command as people type them in a shell: quotes keep words together, and nothing else has a meaning. */

/** Gives the reason, a sentence, where the text is no list of words. */
export function parseWords(text: string): string[] | { problem: string } {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word = (word ?? '') + char;
    } else if (char === '\\') {
      const next = text[at + 1];
      if (next === undefined)
        return { problem: 'A \\ at the end stands before nothing; write \\\\ for one that is meant.' };
      // as in a shell: inside of quotes it has a meaning before quotes and itself only
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' ? char + next : next);
      at++;
    } else if (quote === '"') {
      if (char === '"') quote = undefined;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== undefined) return { problem: `A quotation mark ${quote} is not closed.` };
  if (word !== undefined) words.push(word);
  return words;
}

/** Text that `parseWords` reads as these words. */
export function wordsText(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"'\\]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** Signs that a shell would act upon, and that stay as they are here. */
export function shellSigns(text: string): string[] {
  const outside = text.replaceAll(/'[^']*'|"(?:\\.|[^"\\])*"|\\./gs, ' ');
  const inDouble = [...text.replaceAll(/'[^']*'/gs, ' ').matchAll(/"(?:\\.|[^"\\])*"/gs)]
    .map(([part]) => part)
    .join('');
  const found = [...(outside.match(/[$`*?|<>;&~]/g) ?? []), ...(inDouble.match(/[$`]/g) ?? [])];
  return [...new Set(found)];
}
