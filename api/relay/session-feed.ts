/**
 * Wakes whoever watches a session. Changes made by this process come directly, output with its bytes; those of other
 * replicas come as notices of Postgres without bytes, and the watcher reads the rows.
 */
import type { ConsoleEvent, ConsoleTopic } from '#shared/console-events.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { createRecentOutput } from './recent-output.ts';

/**
 * Output comes with its bytes when it passed through this process just now, perhaps before it is in Postgres; each such
 * change is followed by one without bytes once it is. `upTo`: the offset below which rows can be read, where known.
 * `fromPeer`: another gateway passed the bytes on.
 */
export type SessionChange =
  { kind: 'state' } | { kind: 'output'; chunk?: OutputChunk; upTo?: number; fromPeer?: boolean };

export interface SessionFeed {
  /** Calls back on each change until the returned function is called. */
  watch(sessionId: string, onChange: (change: SessionChange) => void): () => void;
  /** The chunk with the byte at `offset`, if it passed through this process a moment ago. */
  recent(sessionId: string, offset: number): OutputChunk | undefined;
  /** Calls back with every session that changed state, and every list; with undefined when some may have been missed. */
  watchAll(onChange: (what: ConsoleEvent | undefined) => void): () => void;
}

export interface FeedPublisher extends SessionFeed {
  /** Calls back when somebody begins to watch a session here, and when nobody does any more. */
  watched(onChange: (sessionId: string, isWatched: boolean) => void): void;
  /** Calls back with the bytes of an agent that is connected here, for another gateway, until the function is called. */
  tap(sessionId: string, onChunk: (chunk: OutputChunk) => void): () => void;
  publish(sessionId: string, change: SessionChange): void;
  /** A list beside the sessions changed. */
  publishTopic(topic: ConsoleTopic): void;
  /** Something outside the sessions changed that each shows, e.g. whether its agent is online. */
  publishSurroundings(): void;
  /** The line to Postgres was made again: notices may have been missed, everybody reads the rows. */
  publishAll(): void;
}

export function createSessionFeed(): FeedPublisher {
  const watchers = listeners<SessionChange>();
  const taps = listeners<OutputChunk>();
  const recent = createRecentOutput();
  let onWatched: (sessionId: string, isWatched: boolean) => void = () => undefined;
  watchers.onUse = (sessionId, inUse) => {
    if (!inUse) recent.forget(sessionId);
    onWatched(sessionId, inUse);
  };
  const all = new Set<(what: ConsoleEvent | undefined) => void>();
  return {
    watch: watchers.add,
    recent: recent.at,
    watched: (onChange) => (onWatched = onChange),
    tap: taps.add,
    watchAll(onChange) {
      all.add(onChange);
      return () => void all.delete(onChange);
    },
    publish(sessionId, change) {
      if (change.kind === 'output' && change.chunk && watchers.has(sessionId)) recent.push(sessionId, change.chunk);
      watchers.tell(sessionId, change);
      if (change.kind === 'output' && change.chunk && !change.fromPeer) taps.tell(sessionId, change.chunk);
      if (change.kind === 'state') for (const onChange of all) onChange({ kind: 'session', id: sessionId });
    },
    publishTopic(topic) {
      for (const onChange of all) onChange({ kind: 'topic', topic });
    },
    publishSurroundings() {
      watchers.tellAll({ kind: 'state' });
    },
    publishAll() {
      watchers.tellAll({ kind: 'state' });
      watchers.tellAll({ kind: 'output' });
      for (const onChange of all) onChange(undefined);
    },
  };
}

interface Listeners<T> {
  add(sessionId: string, listener: (what: T) => void): () => void;
  has(sessionId: string): boolean;
  tell(sessionId: string, what: T): void;
  tellAll(what: T): void;
  /** Called with the first listener of a session, and when the last one went. */
  onUse: (sessionId: string, inUse: boolean) => void;
}

function listeners<T>(): Listeners<T> {
  const bySession = new Map<string, Set<(what: T) => void>>();
  const made: Listeners<T> = {
    onUse: () => undefined,
    add(sessionId, listener) {
      const set = bySession.get(sessionId) ?? new Set();
      bySession.set(sessionId, set.add(listener));
      if (set.size === 1) made.onUse(sessionId, true);
      return () => {
        if (!set.delete(listener) || set.size > 0) return;
        bySession.delete(sessionId);
        made.onUse(sessionId, false);
      };
    },
    has: (sessionId) => bySession.has(sessionId),
    tell(sessionId, what) {
      for (const listener of bySession.get(sessionId) ?? []) listener(what);
    },
    tellAll(what) {
      for (const set of bySession.values()) for (const listener of set) listener(what);
    },
  };
  return made;
}
