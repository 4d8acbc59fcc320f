/** Tables `runs` and `session_output`. */
import { latestAt, streamCodes, streamOfCode, type OutputChunk } from '#shared/output-frame.ts';
import { bulkQuery } from './bulk-query.ts';
import type { Queryable } from './pool.ts';

export interface RunRow {
  sessionId: string;
  envelopeVersion: number;
  digest: string;
  agentInstanceId: string;
  journalId: string;
  nonce: string;
  /** The connection's environment at that time; null: it has none, or the run has ended. */
  envSealed: Buffer | null;
  consumedAt: Date;
  /** The agent's report of the end; read with `exitedFrame`. */
  exited: unknown;
}

const columns = `session_id as "sessionId", envelope_version as "envelopeVersion", digest,
  agent_instance_id as "agentInstanceId", journal_id as "journalId", nonce, env_sealed as "envSealed", consumed_at as "consumedAt", exited`;

export async function findRun(db: Queryable, sessionId: string): Promise<RunRow | undefined> {
  return (await db.query<RunRow>(`select ${columns} from runs where session_id = $1`, [sessionId])).rows[0];
}

export type NewRun = Omit<RunRow, 'consumedAt' | 'exited'> & { approvedBy: string[] };

export async function insertRun(tx: Queryable, run: NewRun): Promise<void> {
  await tx.query(
    `insert into runs (session_id, envelope_version, digest, agent_instance_id, journal_id, nonce, approved_by, env_sealed)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      run.sessionId,
      run.envelopeVersion,
      run.digest,
      run.agentInstanceId,
      run.journalId,
      run.nonce,
      run.approvedBy,
      run.envSealed,
    ],
  );
}

/** Of a run that was handed back before anything of it ran. */
export async function deleteRun(tx: Queryable, sessionId: string): Promise<void> {
  await tx.query('delete from runs where session_id = $1 and exited is null', [sessionId]);
}

/**
 * Whether nobody can report the end of a run any more: its agent came back with another journal, or has been away for
 * `awayMs` while other instances of the agent are here.
 */
export async function isRunGone(db: Queryable, sessionId: string, awayMs: number): Promise<boolean> {
  const found = await db.query(
    `select 1 from runs r left join agent_instances i on i.id = r.agent_instance_id
     where r.session_id = $1 and r.exited is null and (i.id is null or i.journal_id <> r.journal_id
       or (i.gateway_id is null and greatest(i.last_seen_at, r.consumed_at) < now() - $2 * interval '1 millisecond'))`,
    [sessionId, awayMs],
  );
  return found.rowCount === 1;
}

/** Sessions whose commands this instance of an agent was given and whose end it has not told, oldest first. */
export async function listOpenRuns(db: Queryable, agentInstanceId: string): Promise<string[]> {
  const found = await db.query<{ id: string }>(
    `select r.session_id as id from runs r join sessions s on s.id = r.session_id
     where s.ended_at is null and s.state = 'running' and r.agent_instance_id = $1 and r.exited is null
     order by r.consumed_at`,
    [agentInstanceId],
  );
  return found.rows.map(({ id }) => id);
}

/** Keeps the report of the end that came first; what only an order needs goes. */
export async function saveExit(db: Queryable, sessionId: string, exited: unknown): Promise<void> {
  await db.query('update runs set exited = coalesce(exited, $2), env_sealed = null where session_id = $1', [
    sessionId,
    JSON.stringify(exited),
  ]);
}

export type OutputRow = Omit<OutputChunk, 'data'> & { bytes: number };

/**
 * Appends output chunks that start exactly where the stored output ends, in one statement. Undefined, and nothing is
 * stored, when they start elsewhere (another gateway has taken the run up and cut its bytes differently) or the
 * session has ended. Gives the offset up to which everything is stored. `joins`: whether a chunk goes into the row of the
 * one before; without it each has a row of its own.
 */
export async function appendOutput(
  db: Queryable,
  sessionId: string,
  chunks: OutputChunk[],
  joins: (row: OutputRow, chunk: OutputChunk) => boolean = () => false,
): Promise<number | undefined> {
  const [first, last] = [chunks[0], chunks.at(-1)];
  if (!first || !last) throw new Error('no output to append');
  const rows = rowsOf(chunks, joins);
  const numbers = (of: (row: OutputRow) => number | null): string =>
    `{${rows.map((row) => of(row) ?? 'null').join(',')}}`;
  // all bytes are one binary value, cut into rows there: an array of them would travel and be read as hexadecimal text
  const written = await db.query<{ outputBytes: number }>(
    bulkQuery(
      `with moved as (
       update sessions set output_bytes = $3 where id = $1 and output_bytes = $2 and ended_at is null
       returning output_bytes),
     rows as (
       insert into session_output (session_id, "offset", stream, data, at_ms)
       select $1, o, s, substr($8::bytea, (o - $2 + 1)::int, l), a
       from unnest($4::bigint[], $5::smallint[], $6::int[], $7::int[]) as t(o, s, l, a)
       where exists (select 1 from moved))
     select output_bytes as "outputBytes" from moved`,
      [
        sessionId,
        String(first.offset),
        String(last.offset + last.data.length),
        numbers((row) => row.offset),
        numbers((row) => streamCodes[row.stream]),
        numbers((row) => row.bytes),
        // a runner of before may note later times, and a run must not end over that
        numbers((row) => (row.at === undefined ? null : Math.min(row.at, latestAt))),
      ],
      chunks.map((chunk) => chunk.data),
    ),
  );
  return written.rows[0]?.outputBytes;
}

function rowsOf(chunks: OutputChunk[], joins: (row: OutputRow, chunk: OutputChunk) => boolean): OutputRow[] {
  const rows: OutputRow[] = [];
  for (const chunk of chunks) {
    const row = rows.at(-1);
    if (row && joins(row, chunk)) row.bytes += chunk.data.length;
    else rows.push({ stream: chunk.stream, offset: chunk.offset, at: chunk.at, bytes: chunk.data.length });
  }
  return rows;
}

/** Chunks from byte `offset` on, about `limit` bytes; the first is cut when the offset lies inside it. */
export async function readOutput(
  db: Queryable,
  sessionId: string,
  offset: number,
  limit: number,
): Promise<OutputChunk[]> {
  const found = await db.query<{ offset: number; stream: number; data: Buffer; at: number | null }>(
    `select "offset", stream, data, at from (
       select "offset", stream, data, at_ms as at, sum(length(data)) over (order by "offset") - length(data) as before
       from (select "offset", stream, data, at_ms from session_output
             where session_id = $1 and "offset" >= coalesce((select max("offset") from session_output where session_id = $1 and "offset" <= $2), 0)
             order by "offset" limit 1024) page) counted
     where before < $3 order by "offset"`,
    [sessionId, offset, limit],
  );
  const chunks: OutputChunk[] = [];
  for (const row of found.rows) {
    const skip = Math.max(0, offset - row.offset);
    if (skip >= row.data.length) continue;
    chunks.push({
      stream: streamOfCode(row.stream),
      offset: row.offset + skip,
      data: skip === 0 ? row.data : row.data.subarray(skip),
      ...(row.at !== null && { at: row.at }),
    });
  }
  return chunks;
}

/** Stored bytes of the command, and of what was typed into its terminal. */
export async function countOutput(db: Queryable, sessionId: string): Promise<{ output: number; typed: number }> {
  const found = await db.query<{ output: number; typed: number }>(
    `select coalesce(sum(length(data)) filter (where stream in (1, 2)), 0)::bigint as output,
       coalesce(sum(length(data)) filter (where stream not in (1, 2)), 0)::bigint as typed
     from session_output where session_id = $1`,
    [sessionId],
  );
  return found.rows[0] ?? { output: 0, typed: 0 };
}
