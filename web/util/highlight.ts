/** Which parts of a script are keywords, strings, comments...; loaded with the grammar when there is a script to show. */
import { Language, LanguageSupport } from '@codemirror/language';
import { classHighlighter, highlightTree } from '@lezer/highlight';
import { loadLanguage, type ScriptLanguage } from './script-language.ts';

/** Characters from `from` up to `to`, with the names of their classes. Those between two tokens are plain. */
export interface Token {
  from: number;
  to: number;
  names: string;
}

/** In order, without overlap. */
export async function highlight(text: string, language: ScriptLanguage): Promise<Token[]> {
  const loaded = await loadLanguage(language);
  const grammar = loaded instanceof LanguageSupport ? loaded.language : loaded;
  if (!(grammar instanceof Language)) return [];
  const tokens: Token[] = [];
  highlightTree(grammar.parser.parse(text), classHighlighter, (from, to, names) => tokens.push({ from, to, names }));
  return tokens;
}
