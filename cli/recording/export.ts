/** A recording as a file for other programs. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SessionDetail } from '#shared/api-schemas.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { asciicast, recordingTitle, type CastFacts } from '#shared/recording.ts';
import type { ApiClient } from '../client.ts';
import { writePrivateFile } from '../private-file.ts';
import { localStamp } from '../times.ts';
import { recordedChunks } from './chunks.ts';

/** `path`: undefined for stdout. Throws a usage error for a file that cannot be written. */
export async function exportRecording(
  client: ApiClient,
  session: SessionDetail,
  format: 'asciicast' | 'text',
  path: string | undefined,
): Promise<void> {
  const chunks = recordedChunks(client, session.id);
  const text = format === 'asciicast' ? asciicast(factsOf(session), chunks) : await plain(session, chunks);
  if (path === undefined) return void (await pipeline(Readable.from(text), process.stdout, { end: false }));
  await writePrivateFile(path, Readable.from(text), 'the recording');
}

async function plain({ envelope }: SessionDetail, chunks: AsyncIterable<OutputChunk>): Promise<AsyncGenerator<string>> {
  const { plainText } = await import('./plain-text.ts');
  return plainText(chunks, envelope.terminal);
}

function factsOf({ connection, envelope, requester, startedAt, createdAt }: SessionDetail): CastFacts {
  const argv = [...envelope.command, ...envelope.args];
  const when = localStamp(startedAt ?? createdAt);
  return {
    terminal: envelope.terminal,
    startedAt,
    title: recordingTitle({ connection, argv, email: requester.email, when }),
  };
}
