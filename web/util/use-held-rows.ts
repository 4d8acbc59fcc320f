import { useEffect, useState } from 'react';
import type { SessionView } from '#shared/api-schemas.ts';
import { isBefore } from '../data/session-list.ts';

/** Pixels from the top within which new rows appear at once. */
const nearTop = 120;

type Newest = Pick<SessionView, 'id' | 'createdAt'>;

interface Held {
  rows: SessionView[];
  /** How many newer ones wait to be shown. */
  held: number;
  /** Goes to the top and shows them. */
  release: () => void;
}

/** Rows as they are shown: while somebody reads further down, newer ones wait. `list` names the list. */
export function useHeldRows(all: SessionView[], list: string): Held {
  const [top, setTop] = useState<{ list: string; newest: Newest } | null>(null);
  const [away, setAway] = useState(false);
  useEffect(() => {
    const look = () => setAway(window.scrollY > nearTop);
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);

  const newest = all[0];
  // set while drawing: the first drawing after the scroll already holds what came with it
  if (away && newest && top?.list !== list) setTop({ list, newest: { id: newest.id, createdAt: newest.createdAt } });
  if (!away && top) setTop(null);
  const held = top?.list === list && away ? all.filter((row) => isBefore(row, top.newest)).length : 0;
  return {
    rows: held > 0 ? all.slice(held) : all,
    held,
    release: () => window.scrollTo({ top: 0 }),
  };
}
