/** Keys of single letters, where nobody is typing. */
import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';

const typing = 'input, textarea, select, [contenteditable], [role="textbox"], [role="combobox"]';
const dialogs = '[role="dialog"], [role="alertdialog"]';

/** What a key does; none of them is asked for while a field, a dialog or a modifier has the keyboard. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>;

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  // with what is on the screen, not some time after it: a key is about what one sees
  useLayoutEffect(() => {
    latest.current = keys;
  });
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = isMeant(event) ? latest.current[event.key] : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isMeant(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.repeat && event.key !== 'j' && event.key !== 'k') return false;
  if (event.target instanceof Element && event.target.closest(typing)) return false;
  return keysSetting.isOn() && document.querySelector(dialogs) === null;
}

/** Whoever talks to their computer, or hits keys by accident, switches them off; kept by this browser. */
const storageKey = 'hoop.keys';
const listeners = new Set<() => void>();

/** What was chosen where the browser keeps nothing: until the page is left. */
let unkept = true;

export const keysSetting = {
  isOn(): boolean {
    try {
      if (window.localStorage.getItem(storageKey) === 'off') return false;
    } catch {
      // nothing was kept
    }
    return unkept;
  },
  set(on: boolean): void {
    unkept = true;
    try {
      if (on) window.localStorage.removeItem(storageKey);
      else window.localStorage.setItem(storageKey, 'off');
    } catch {
      unkept = on;
    }
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const useKeysOn = (): boolean => useSyncExternalStore(keysSetting.subscribe, keysSetting.isOn);
