/** Tells streams of one gateway that a session changed: from what passes through this process, and from NOTIFY. */
import type { OutputChunk } from '#shared/output-frame.ts';

/**
 * `output` with a chunk: bytes that came through this process just now, perhaps not in Postgres yet. Each is followed
 * by an `output` without bytes once it is; that one, and those of other replicas, mean that rows can be read.
 */
export type SessionChange = { kind: 'state' } | { kind: 'output'; chunk?: OutputChunk };

export interface SessionFeed {
  /** Gives a function that stops watching. After the LISTEN connection was made anew, both kinds are told once. */
  watch(sessionId: string, onChange: (change: SessionChange) => void): () => void;
  /** Ids of sessions whose state changed; null: any may have, the LISTEN connection was made anew. */
  watchAll(onChange: (sessionId: string | null) => void): () => void;
}
