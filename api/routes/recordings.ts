/** Recordings as files: written to the reader as they are read from the rows, however long they are. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { z } from 'zod';
import { outputFileQuery, sessionParams } from '#shared/recording-schemas.ts';
import { assertKept, castFile, outputFile } from '#core/read-recording.ts';
import { visibleSession } from '../visible-session.ts';
import { userRoute } from '../route.ts';

const tag = 'Sessions';

export const recordingRoutes = [
  userRoute(
    {
      method: 'get',
      path: '/api/sessions/:id/output/file',
      tag,
      summary: 'What the command wrote, byte for byte, as a file',
      params: sessionParams,
      query: outputFileQuery,
      answer: z.string(),
      contentType: 'application/octet-stream',
    },
    async (call) => {
      const session = await visibleSession(call);
      const { stream } = call.query;
      assertKept(session);
      const name = `hoop-${session.id.slice(0, 8)}.${stream ?? 'output'}.log`;
      await send(call.res, name, 'application/octet-stream', outputFile(call.core, session, stream));
      return {};
    },
  ),
  userRoute(
    {
      method: 'get',
      path: '/api/sessions/:id/recording.cast',
      tag,
      summary: 'The recording with its times, as asciicast v2',
      params: sessionParams,
      answer: z.string(),
      contentType: 'application/x-asciicast',
    },
    async (call) => {
      const session = await visibleSession(call);
      const file = await castFile(call.core, session);
      await send(call.res, `hoop-${session.id.slice(0, 8)}.cast`, 'application/x-asciicast', file);
      return {};
    },
  ),
];

/** What breaks off cuts the connection, so that nobody takes half a file for a whole one. */
async function send(res: Response, name: string, type: string, content: AsyncIterable<Uint8Array | string>) {
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  res.status(200);
  const whole = Readable.from(content, { objectMode: false });
  await pipeline(whole, res).catch((error: NodeJS.ErrnoException) => {
    // who asked has gone
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
