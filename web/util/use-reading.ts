import { useMemo, useState } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isCut } from './code-lines.ts';
import { readScript } from './read-script.ts';

export interface Reading {
  /** All of the input is shown, however long. */
  whole: boolean;
  showWhole: () => void;
  /** Shows what was left out so far, if there is any: true means that it has to be read first. */
  mustRead: () => boolean;
}

/** How much of a request's input its page shows; another version begins anew. */
export function useReading({ digest, envelope: { script, scriptEncoding } }: SessionDetail): Reading {
  const [shown, setShown] = useState<string | null>(null);
  const cut = useMemo(
    () => isCut(scriptEncoding === 'utf8' ? script : readScript(script, scriptEncoding).text),
    [script, scriptEncoding],
  );
  const whole = shown === digest;
  const showWhole = () => setShown(digest);
  return {
    whole,
    showWhole,
    mustRead() {
      if (whole || !cut) return false;
      showWhole();
      return true;
    },
  };
}
