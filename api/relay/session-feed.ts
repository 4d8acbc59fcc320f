/**
 * Wakes whoever watches a session. Changes made by this process come directly, output with its bytes; those of other
 * replicas come as notices of Postgres without bytes, and the watcher reads the rows.
 */
import type { OutputChunk } from '#shared/output-frame.ts';

/**
 * Output comes with its bytes when it passed through this process just now, perhaps before it is in Postgres; each such
 * change is followed by one without bytes once it is. `upTo`: the offset below which rows can be read, where known.
 */
export type SessionChange = { kind: 'state' } | { kind: 'output'; chunk?: OutputChunk; upTo?: number };

export interface SessionFeed {
  /** Calls back on each change until the returned function is called. */
  watch(sessionId: string, onChange: (change: SessionChange) => void): () => void;
  /** Calls back with the id of every session that changed state; with undefined when some may have been missed. */
  watchAll(onChange: (sessionId: string | undefined) => void): () => void;
}

export interface FeedPublisher extends SessionFeed {
  publish(sessionId: string, change: SessionChange): void;
  /** Something outside the sessions changed that each shows, e.g. whether its agent is online. */
  publishSurroundings(): void;
  /** The line to Postgres was made again: notices may have been missed, everybody reads the rows. */
  publishAll(): void;
}

export function createSessionFeed(): FeedPublisher {
  const watchers = new Map<string, Set<(change: SessionChange) => void>>();
  const all = new Set<(sessionId: string | undefined) => void>();
  return {
    watch(sessionId, onChange) {
      const set = watchers.get(sessionId) ?? new Set();
      watchers.set(sessionId, set.add(onChange));
      return () => {
        set.delete(onChange);
        if (set.size === 0 && watchers.get(sessionId) === set) watchers.delete(sessionId);
      };
    },
    watchAll(onChange) {
      all.add(onChange);
      return () => void all.delete(onChange);
    },
    publish(sessionId, change) {
      for (const onChange of watchers.get(sessionId) ?? []) onChange(change);
      if (change.kind === 'state') for (const onChange of all) onChange(sessionId);
    },
    publishSurroundings() {
      for (const set of watchers.values()) for (const onChange of set) onChange({ kind: 'state' });
    },
    publishAll() {
      for (const set of watchers.values()) {
        for (const onChange of set) {
          onChange({ kind: 'state' });
          onChange({ kind: 'output' });
        }
      }
      for (const onChange of all) onChange(undefined);
    },
  };
}
