/**
 * A statement whose last parameter is many bytes, sent from where they are: the driver's own way copies each parameter
 * three times on its way out, which at 100 MB/s costs more than everything else that is done with them.
 */
import pg from 'pg';

/** What the driver hands a query to write itself to; see `Query.prepare` in pg. */
interface Wire {
  parse(statement: { text: string; name: string }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(portal: { portal: string }): void;
  sync(): void;
  stream: { write(data: Buffer): void };
}

/** `texts`: the parameters before it, as Postgres reads them. To be given to `query` of a pool or client. */
export function bulkQuery(text: string, texts: (string | null)[], data: Buffer[]): pg.QueryConfig {
  const query = new pg.Query(text, [...texts, null]);
  const prepare = (wire: Wire): void => {
    wire.parse({ text, name: '' });
    for (const part of bindMessage(texts, data)) wire.stream.write(part);
    wire.describe({ type: 'P', name: '' });
    wire.execute({ portal: '' });
    wire.sync();
  };
  return Object.assign(query, { prepare }) as unknown as pg.QueryConfig;
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, Bind */
function bindMessage(texts: (string | null)[], data: Buffer[]): Buffer[] {
  const dataBytes = data.reduce((sum, part) => sum + part.length, 0);
  const encoded = texts.map((text) => (text === null ? null : Buffer.from(text)));
  const count = texts.length + 1;
  const textBytes = encoded.reduce((sum, text) => sum + 4 + (text?.length ?? 0), 0);
  const head = Buffer.alloc(1 + 4 + 2 + 2 + 2 * count + 2 + textBytes + 4);
  let at = head.write('B');
  at = head.writeInt32BE(head.length - 1 + dataBytes + 4, at);
  at += 2; // the unnamed portal, the unnamed statement
  at = head.writeInt16BE(count, at);
  at = head.writeInt16BE(1, at + 2 * texts.length); // only the last is binary
  at = head.writeInt16BE(count, at);
  for (const text of encoded) {
    at = head.writeInt32BE(text?.length ?? -1, at);
    if (text) at += text.copy(head, at);
  }
  head.writeInt32BE(dataBytes, at);
  // one format for all results: text
  return [head, ...data, Buffer.from([0, 1, 0, 0])];
}
