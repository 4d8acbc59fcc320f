/** What Postgres holds of a session, and how fast it takes the same rows from nobody but one connection. */
import pg from 'pg';
import type { OnStop } from '../lib/stage.ts';
import { now } from '../lib/clock.ts';
import { Checker, type Source } from './source.ts';

export interface Recording {
  rows: number;
  /** Bytes of the row in the middle. */
  median: number;
}

/** Throws unless the rows of the session's standard output are, byte for byte, what the source wrote. */
export async function checkRecording(db: pg.Client, correlationId: string, source: Source): Promise<Recording> {
  const checker = new Checker(source);
  const sizes: number[] = [];
  const find = 'select id from sessions where correlation_id = $1';
  const id = (await db.query<{ id: string }>(find, [correlationId])).rows[0]?.id;
  for (;;) {
    const { rows } = await db.query<{ data: Buffer; stream: number }>(
      'select data, stream from session_output where session_id = $1 and "offset" >= $2 order by "offset" limit 32',
      [id, checker.count],
    );
    if (rows.length === 0) break;
    for (const { data, stream } of rows) {
      if (stream !== 1) throw new Error(`the recording has output of stream ${stream}`);
      checker.take(data);
      sizes.push(data.length);
    }
  }
  checker.end();
  sizes.sort((a, b) => a - b);
  return { rows: sizes.length, median: sizes[Math.floor(sizes.length / 2)] ?? 0 };
}

const statementBytes = 2 * 1024 ** 2;
const table = 'bench_output';

export interface PostgresAlone {
  /** Milliseconds in which the source's bytes are stored as rows of `rowBytes`, each statement committed. */
  insert(source: Source, rowBytes: number): Promise<number>;
}

/**
 * A table like the recording's, and one connection that writes to it, 2 MB a statement, values in binary: about what
 * Postgres costs at least. What is made of the bytes before (copies into the statement) is counted too.
 */
export async function openPostgresAlone(onStop: OnStop, databaseUrl: string): Promise<PostgresAlone> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  onStop(() => db.end());
  await db.query(`create table ${table} (like session_output including all)`);
  return {
    async insert(source, rowBytes) {
      await db.query(`truncate ${table}`);
      const atOnce = Math.max(1, Math.floor(statementBytes / rowBytes));
      const values = Array.from({ length: atOnce }, (_, at) => `($1, $2::bigint + ${at * rowBytes}, 1, $${at + 3}, 0)`);
      const id = '00000000-0000-4000-8000-000000000000';
      const began = now();
      for (let stored = 0; stored < source.bytes;) {
        const rows: Buffer[] = [];
        for (let from = stored; from < source.bytes && rows.length < atOnce; from += rowBytes) {
          rows.push(rowOf(source, from, Math.min(rowBytes, source.bytes - from)));
        }
        await db.query({
          name: `bench ${rowBytes} ${rows.length}`,
          text: `insert into ${table} (session_id, "offset", stream, data, at_ms) values ${values.slice(0, rows.length).join(', ')}`,
          values: [id, stored, ...rows],
        });
        stored += rows.reduce((sum, row) => sum + row.length, 0);
      }
      return now() - began;
    },
  };
}

function rowOf(source: Source, from: number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let done = 0; done < length;) {
    const part = source.at(from + done).subarray(0, length - done);
    parts.push(part);
    done += part.length;
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}
