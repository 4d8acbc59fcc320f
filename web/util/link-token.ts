/**
 * The token of a link of `/hoop subscribe`. It comes in the fragment, which no server sees, and leaves the address at
 * once, so that neither the history nor the way through the sign-in page holds it. It is kept for this tab.
 */
import { useSyncExternalStore } from 'react';
import { pages } from './paths.ts';

const key = 'hoop.slack-link';
const listeners = new Set<() => void>();
let current: string | null = null;

/** Called once, before the first page: the fragment is read wherever the router then leads. */
export function watchLinkToken(): void {
  current = stored();
  take();
  // Another link opened in this tab differs in its fragment only: the page is not loaded again.
  window.addEventListener('hashchange', take);
}

function take(): void {
  const token = window.location.hash.slice(1);
  const isAnchor = document.getElementById(token) !== null;
  if (window.location.pathname !== pages.subscribe || token === '' || isAnchor) return;
  current = token;
  try {
    window.sessionStorage.setItem(key, token);
  } catch {
    // without storage it lasts until the page is reloaded
  }
  window.history.replaceState(window.history.state, '', pages.subscribe);
  for (const listener of listeners) listener();
}

function stored(): string | null {
  try {
    return window.sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** It is of no use any more: a reload does not find it. */
export function forgetLinkToken(): void {
  try {
    window.sessionStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}

export function useLinkToken(): string | null {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
