/** Output of a session as stored. */
import type { OutputPage } from '#shared/api-schemas.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { readOutput } from '#db/runs.ts';
import { HoopError } from '#shared/errors.ts';
import { removedText } from '#shared/limit-text.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { Core } from './context.ts';

/** Chunks from byte `offset` on, about `limit` bytes. */
export function readOutputRows(core: Core, sessionId: string, offset: number, limit: number): Promise<OutputChunk[]> {
  return readOutput(core.db, sessionId, offset, limit);
}

/** Throws `recording_removed`. */
export async function readOutputPage(
  core: Core,
  session: SessionRow,
  { offset, limit }: { offset: number; limit: number },
): Promise<OutputPage> {
  const removedAt = session.recordingRemovedAt;
  if (removedAt) throw new HoopError('recording_removed', removedText(removedAt));
  const chunks = await readOutput(core.db, session.id, offset, limit);
  const last = chunks.at(-1);
  const nextOffset = last ? last.offset + last.data.length : offset;
  return {
    chunks: chunks.map((chunk) => ({ ...chunk, at: chunk.at ?? null, data: chunk.data.toString('base64') })),
    nextOffset,
    end: session.endedAt !== null && nextOffset >= session.outputBytes,
  };
}

/** The row as it is now, whoever asks. */
export function sessionNow(core: Core, sessionId: string): Promise<SessionRow | undefined> {
  return findSession(core.db, sessionId);
}
