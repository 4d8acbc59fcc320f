import { useCallback, useEffect, useRef, useState } from 'react';
import { forgetDraft, onDraftsForgotten, storeDraft, storedDraft, type Draft } from './run-draft.ts';

/** Typing is not held up by what is kept of it. */
const keepAfterMs = 300;

export interface DraftInHand {
  draft: Draft;
  change: (fields: Partial<Draft>) => void;
  /** It was run: nothing of it is kept. */
  done: () => void;
  /** False: it is too large to survive a reload. */
  kept: boolean;
}

/** The draft of a person, as they left it in this tab or as `make` gives it. */
export function useDraft(userId: string, from: string, make: () => Draft): DraftInHand {
  const [draft, setDraft] = useState(() => storedDraft(userId, from) ?? make());
  const [kept, setKept] = useState(true);
  const latest = useRef<Draft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const keep = useCallback(() => {
    clearTimeout(timer.current);
    if (latest.current === null) return;
    setKept(storeDraft(userId, from, latest.current));
    latest.current = null;
  }, [userId, from]);

  const drop = useCallback(() => {
    clearTimeout(timer.current);
    latest.current = null;
  }, []);

  useEffect(() => {
    const stop = onDraftsForgotten(drop);
    window.addEventListener('pagehide', keep);
    return () => {
      stop();
      window.removeEventListener('pagehide', keep);
      keep();
    };
  }, [keep, drop]);

  const change = useCallback(
    (fields: Partial<Draft>) => {
      setDraft((before) => {
        const next = { ...before, ...fields };
        latest.current = next;
        return next;
      });
      clearTimeout(timer.current);
      timer.current = setTimeout(keep, keepAfterMs);
    },
    [keep],
  );

  const done = useCallback(() => {
    drop();
    forgetDraft(userId, from);
  }, [userId, from, drop]);

  return { draft, change, done, kept };
}
