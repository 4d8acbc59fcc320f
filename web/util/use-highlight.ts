import { useEffect, useState } from 'react';
import type { Token } from './highlight.ts';
import type { ScriptLanguage } from './script-language.ts';

/** Colours are worth waiting for only so long. */
const mostCharacters = 200_000;

/** None until the grammar is there, and for what is too long or of no known language. */
export function useHighlight(text: string, language: ScriptLanguage | null): readonly Token[] {
  const [found, setFound] = useState<{ text: string; tokens: Token[] } | null>(null);
  useEffect(() => {
    if (language === null || text.length > mostCharacters) return;
    let wanted = true;
    void import('./highlight.ts')
      .then(({ highlight }) => highlight(text, language))
      // Without colours the script reads the same.
      .then((tokens) => wanted && setFound({ text, tokens }))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [text, language]);
  return found?.text === text ? found.tokens : none;
}

const none: readonly Token[] = [];
