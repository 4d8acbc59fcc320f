/** A recording as a file for other programs. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SessionDetail } from '#shared/api-schemas.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { Cast } from '#shared/recording.ts';
import type { ApiClient } from '../client.ts';
import { showArgv } from '../output.ts';
import { usageError } from '../terminal.ts';
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
  const text = format === 'asciicast' ? asciicast(session, chunks) : await plain(session, chunks);
  if (path === undefined) return void (await pipeline(Readable.from(text), process.stdout, { end: false }));
  // what was typed may be in it
  const file = createWriteStream(path, { mode: 0o600 });
  await once(file, 'open').catch((error: Error) => {
    throw usageError(`cannot write the recording: ${error.message}`);
  });
  await pipeline(Readable.from(text), file);
}

async function* asciicast(session: SessionDetail, chunks: AsyncIterable<OutputChunk>): AsyncGenerator<string> {
  const cast = new Cast({ terminal: session.envelope.terminal, startedAt: session.startedAt, title: titleOf(session) });
  yield cast.header();
  for await (const chunk of chunks) {
    const lines = cast.events(chunk);
    if (lines !== '') yield lines;
  }
  const rest = cast.end();
  if (rest !== '') yield rest;
}

async function plain({ envelope }: SessionDetail, chunks: AsyncIterable<OutputChunk>): Promise<AsyncGenerator<string>> {
  const { plainText } = await import('./plain-text.ts');
  return plainText(chunks, envelope.terminal);
}

/** Who ran what, where and when. */
function titleOf({ connection, envelope, requester, startedAt, createdAt }: SessionDetail): string {
  const command = showArgv([...envelope.command, ...envelope.args]);
  return `${connection}: ${command} (${requester.email}, ${localStamp(startedAt ?? createdAt)})`;
}
