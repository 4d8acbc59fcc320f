import { useSyncExternalStore } from 'react';

const tickMs = 15_000;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  now = Date.now();
  const timer = setInterval(() => {
    now = Date.now();
    listener();
  }, tickMs);
  return () => clearInterval(timer);
}

/** What is shown anew may have happened after the last tick. */
function current(): number {
  if (Date.now() - now >= 1000) now = Date.now();
  return now;
}

/** The time, renewed often enough for texts such as `3 minutes ago`. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, current);
}
