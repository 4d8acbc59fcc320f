/** Moving among the rows of the inbox by keyboard: the row in focus is the one that keys are about. */
import { useEffect, useRef } from 'react';

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-review]')];

export interface ReviewRows {
  /** The id of the request in focus. */
  current: () => string | undefined;
  /** Focuses the next row, or the one before. */
  move: (by: 1 | -1) => void;
  /** Focuses the row that took the place of the one that was in focus last. */
  goOn: () => void;
}

/** `shown`: changes with the rows. When the row in focus leaves the list, the one that takes its place is focused. */
export function useReviewRows(shown: string): ReviewRows {
  const last = useRef<{ row: HTMLElement; at: number } | null>(null);

  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      const at = rows().indexOf(target);
      last.current = at === -1 ? (isDialog(target) ? last.current : null) : { row: target, at };
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, []);

  const goOn = () => {
    const all = rows();
    const row = all[Math.min(last.current?.at ?? 0, all.length - 1)];
    if (row) focusRow(row);
    else document.querySelector<HTMLElement>('h1')?.focus();
  };
  useEffect(() => {
    const { current } = last;
    if (!current) return;
    const nowhere = document.activeElement === document.body;
    if (!current.row.isConnected && nowhere) goOn();
    else if (current.row.isConnected) current.at = rows().indexOf(current.row);
  }, [shown]);

  return {
    current: () =>
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['review'] : undefined,
    move(by) {
      const all = rows();
      const at = document.activeElement instanceof HTMLElement ? all.indexOf(document.activeElement) : -1;
      const row = at === -1 ? all[last.current?.at ?? 0] : all[at + by];
      if (row) focusRow(row);
    },
    goOn,
  };
}

const isDialog = (element: HTMLElement): boolean => element.closest('[role="dialog"]') !== null;

function focusRow(row: HTMLElement): void {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}
