import type { SessionChange, SessionFeed } from '#api/relay/session-feed.ts';

/** A feed whose changes the test itself tells. */
export interface TestFeed extends SessionFeed {
  tell(sessionId: string, change: SessionChange): void;
  tellAll(sessionId: string | null): void;
  /** How many watch this session now. */
  watchers(sessionId: string): number;
}

export function createTestFeed(): TestFeed {
  const watching = new Map<string, Set<(change: SessionChange) => void>>();
  const watchingAll = new Set<(sessionId: string | null) => void>();
  return {
    watch(sessionId, onChange) {
      const of = watching.get(sessionId) ?? new Set();
      watching.set(sessionId, of.add(onChange));
      return () => of.delete(onChange);
    },
    watchAll(onChange) {
      watchingAll.add(onChange);
      return () => watchingAll.delete(onChange);
    },
    tell: (sessionId, change) => watching.get(sessionId)?.forEach((onChange) => onChange(change)),
    tellAll: (sessionId) => watchingAll.forEach((onChange) => onChange(sessionId)),
    watchers: (sessionId) => watching.get(sessionId)?.size ?? 0,
  };
}
