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

/** The time, renewed often enough for texts such as `3 minutes ago`. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
