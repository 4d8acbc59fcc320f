/** The recording of a session as it is stored, piece by piece: one page is played while the next is fetched. */
import { paths } from '#shared/api-paths.ts';
import type { OutputPage } from '#shared/api-schemas.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { withQuery, type ApiClient } from '../client.ts';
import { retrying } from '../exec/retry.ts';

const triesMs = 10_000;

/** Up to what is stored now, or up to byte `end`. */
export async function* recordedChunks(
  client: ApiClient,
  sessionId: string,
  { from = 0, end = Infinity }: { from?: number; end?: number } = {},
): AsyncGenerator<OutputChunk> {
  const fetchPage = (offset: number): Promise<OutputPage> =>
    retrying(() => client.get<OutputPage>(withQuery(paths.output(sessionId), { offset })), { forMs: triesMs });
  let page = await fetchPage(from);
  for (let offset = from; ;) {
    const isLast = page.end || page.nextOffset <= offset || page.nextOffset >= end;
    const next = isLast ? undefined : fetchPage(page.nextOffset);
    next?.catch(() => undefined); // whoever reads on is told
    for (const { stream, offset: at, data, at: ms } of page.chunks) {
      const bytes = Buffer.from(data, 'base64').subarray(Math.max(0, offset - at), end - at);
      if (bytes.length > 0) yield { stream, offset: Math.max(at, offset), data: bytes, at: ms ?? undefined };
    }
    if (!next) return;
    offset = page.nextOffset;
    page = await next;
  }
}
