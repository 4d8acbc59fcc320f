/** How long to wait before the next attempt: doubling from `firstMs` to `lastMs`, with half of it left to chance. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(firstMs: number, lastMs: number, random: () => number = Math.random): Backoff {
  let ceiling = firstMs;
  return {
    next() {
      const wait = ceiling / 2 + (random() * ceiling) / 2; // many agents do not come back in step
      ceiling = Math.min(ceiling * 2, lastMs);
      return wait;
    },
    reset() {
      ceiling = firstMs;
    },
  };
}
