import { useEffect, useRef } from 'react';

interface Actions {
  /** Ctrl+K or ⌘K. */
  jump: () => void;
  /** Alt with an arrow: the next conversation, or the one before. */
  step: (by: 1 | -1) => void;
  /** Escape, where nothing else took it. */
  leave: (() => void) | undefined;
}

/** Keys that work wherever one is, except under a dialog. None of them writes anything, so none fights typing. */
export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
      const { jump, step, leave } = latest.current;
      const run = (action: () => void) => {
        event.preventDefault();
        action();
      };
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') run(jump);
      else if (event.altKey && event.key === 'ArrowDown') run(() => step(1));
      else if (event.altKey && event.key === 'ArrowUp') run(() => step(-1));
      else if (event.key === 'Escape' && leave) run(leave);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}
