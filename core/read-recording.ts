/** A recording as a file, piece by piece: as it is stored when somebody asks for it. */
import type { OutputChunk, OutputStream } from '#shared/output-frame.ts';
import { isOutput } from '#shared/output-frame.ts';
import { HoopError } from '#shared/errors.ts';
import { envelopeSchema } from '#shared/envelope.ts';
import { removedText } from '#shared/limit-text.ts';
import { asciicast, recordingTitle } from '#shared/recording.ts';
import { readOutput } from '#db/runs.ts';
import { findEnvelope, type SessionRow } from '#db/sessions.ts';
import type { Core } from './context.ts';

const batchBytes = 1024 * 1024;

/** Bytes of one stream of the command, or of both in the order in which they came. Throws `recording_removed`. */
export async function* outputFile(
  core: Core,
  session: SessionRow,
  stream: OutputStream | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of recordedChunks(core, session)) {
    if (isOutput(chunk) && (stream === undefined || chunk.stream === stream)) yield chunk.data;
  }
}

/** An asciicast v2 file. Throws `recording_removed`. */
export async function castFile(core: Core, session: SessionRow): Promise<AsyncGenerator<string>> {
  assertKept(session);
  const body = await findEnvelope(core.db, session.id, session.envelopeVersion);
  if (body === undefined) throw new Error(`session ${session.id} has no envelope ${session.envelopeVersion}`);
  const { connection, args, terminal } = envelopeSchema.parse(JSON.parse(body));
  const began = (session.startedAt ?? session.createdAt).toISOString();
  const title = recordingTitle({
    connection: session.connectionName,
    argv: [...connection.command, ...args],
    email: session.requesterEmail,
    when: `${began.slice(0, 19).replace('T', ' ')} UTC`,
  });
  const startedAt = session.startedAt?.toISOString() ?? null;
  return asciicast({ terminal: terminal ?? null, startedAt, title }, recordedChunks(core, session));
}

/** Throws `recording_removed`. */
export function assertKept(session: SessionRow): void {
  if (session.recordingRemovedAt) throw new HoopError('recording_removed', removedText(session.recordingRemovedAt));
}

async function* recordedChunks(core: Core, session: SessionRow): AsyncGenerator<OutputChunk> {
  assertKept(session);
  for (let offset = 0; offset < session.outputBytes;) {
    const chunks = await readOutput(core.db, session.id, offset, batchBytes);
    const last = chunks.at(-1);
    // a file that ends too early must not look like a whole one
    if (!last) throw new Error(`the recording of ${session.id} ends at byte ${offset} of ${session.outputBytes}`);
    yield* chunks;
    offset = last.offset + last.data.length;
  }
}
