/**
 * The last output that passed through this process, of all sessions that are watched here together: a reader that fell
 * behind for a moment goes on from it, and not from the rows, which it would never leave again while the command writes
 * at full speed.
 */
import type { OutputChunk } from '#shared/output-frame.ts';

export interface RecentOutput {
  push(sessionId: string, chunk: OutputChunk): void;
  /** The chunk that has the byte at `offset`. */
  at(sessionId: string, offset: number): OutputChunk | undefined;
  forget(sessionId: string): void;
}

const defaultLimits = { bytes: 4 * 1024 * 1024, chunks: 4096 };

export function createRecentOutput(limits = defaultLimits): RecentOutput {
  /** Each without gaps, in order. */
  const sessions = new Map<string, OutputChunk[]>();
  /** Whose chunks came, in order: what comes first goes first. */
  let order: string[] = [];
  let gone = 0;
  let bytes = 0;

  const drop = (sessionId: string): void => {
    const chunks = sessions.get(sessionId);
    const first = chunks?.shift();
    if (!first) return;
    bytes -= first.data.length;
    if (chunks?.length === 0) sessions.delete(sessionId);
  };
  const forget = (sessionId: string): void => {
    for (const { data } of sessions.get(sessionId) ?? []) bytes -= data.length;
    sessions.delete(sessionId);
  };

  return {
    forget,
    push(sessionId, chunk) {
      const last = sessions.get(sessionId)?.at(-1);
      if (last && last.offset + last.data.length !== chunk.offset) forget(sessionId);
      const chunks = sessions.get(sessionId) ?? [];
      sessions.set(sessionId, chunks);
      chunks.push(chunk);
      order.push(sessionId);
      bytes += chunk.data.length;
      while ((bytes > limits.bytes || order.length - gone > limits.chunks) && gone < order.length) {
        const oldest = order[gone];
        gone += 1;
        if (oldest !== undefined) drop(oldest);
      }
      if (gone > limits.chunks) {
        order = order.slice(gone);
        gone = 0;
      }
    },
    at(sessionId, offset) {
      const chunks = sessions.get(sessionId) ?? [];
      let [low, high] = [0, chunks.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const chunk = chunks[middle];
        if (!chunk || chunk.offset > offset) high = middle;
        else if (chunk.offset + chunk.data.length <= offset) low = middle + 1;
        else return chunk;
      }
      return undefined;
    },
  };
}
