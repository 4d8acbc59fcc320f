/** A recording as it is stored, fetched in pages and read piece by piece; few pages are held at a time. */
import type { RecordedStream } from '#shared/output-frame.ts';
import { fromBase64 } from './bytes.ts';

export interface Piece {
  stream: RecordedStream;
  data: Uint8Array;
  /** Milliseconds since the command began; never less than that of the piece before. */
  at: number;
  /** Byte of the recording that follows it. */
  next: number;
}

export interface StoredPage {
  chunks: ReadonlyArray<{ stream: RecordedStream; offset: number; data: string; at: number | null }>;
  nextOffset: number;
}

interface Page {
  from: number;
  pieces: Piece[];
  next: number;
}

export const pageBytes = 256 * 1024;
const mostPages = 4;

export class RecordingSource {
  private readonly fetchPage: (offset: number, limit: number) => Promise<StoredPage>;
  /** Byte at which the recording ends. */
  readonly end: number;
  private readonly pages = new Map<number, Promise<Page>>();

  constructor(end: number, fetchPage: (offset: number, limit: number) => Promise<StoredPage>) {
    this.end = end;
    this.fetchPage = fetchPage;
  }

  /** When the last piece was recorded; null where no time was noted. */
  async duration(): Promise<number | null> {
    if (this.end === 0) return null;
    const { chunks } = await this.fetchPage(this.end - 1, 1);
    return chunks.at(-1)?.at ?? null;
  }

  /** Pieces from byte `offset` on, as many as a page has; none at the end. Fetches the page after it, too. */
  async read(offset: number): Promise<Piece[]> {
    if (offset >= this.end) return [];
    const page = await this.page(offset);
    if (page.next < this.end) this.page(page.next).catch(() => undefined);
    return page.pieces;
  }

  private page(from: number): Promise<Page> {
    const known = this.pages.get(from);
    if (known) return known;
    const fetched = this.fetchPage(from, pageBytes).then((page) => readPage(from, page));
    fetched.catch(() => this.pages.delete(from));
    this.pages.set(from, fetched);
    const oldest = [...this.pages.keys()][0];
    if (this.pages.size > mostPages && oldest !== undefined) this.pages.delete(oldest);
    return fetched;
  }
}

function readPage(from: number, { chunks, nextOffset }: StoredPage): Page {
  let at = 0;
  const pieces = chunks.map(({ stream, offset, data, at: noted }) => {
    const bytes = fromBase64(data);
    at = Math.max(at, noted ?? 0);
    return { stream, data: bytes, at, next: offset + bytes.length };
  });
  return { from, pieces, next: nextOffset };
}
