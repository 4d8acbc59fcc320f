/** What Postgres and Temporal say of a session, read past all of hoop's own code. */
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { workflowId } from '#shared/task-queues.ts';
import { streamOfCode } from '#shared/output-frame.ts';

export interface Recording {
  id: string;
  state: string;
  exitCode: number | null;
  endedAt: Date | null;
  runs: number;
  outputBytes: number;
  /** Whether each chunk begins where the one before it ends, from 0 to `outputBytes`. */
  isWhole: boolean;
  stdout: string;
  stderr: string;
}

export interface Stores {
  /** Of the session with this correlation id; undefined before there is one. */
  recording(correlationId: string): Promise<Recording | undefined>;
  /** The state that the session's workflow ended with. */
  workflowEnd(sessionId: string): Promise<string>;
  close(): Promise<void>;
}

export async function openStores(databaseUrl: string, temporalAddress: string): Promise<Stores> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', () => undefined); // Postgres is killed in these tests
  const connection = await Connection.connect({ address: temporalAddress });
  const temporal = new Client({ connection });
  return {
    async recording(correlationId) {
      const { rows } = await pool.query<Recording>(
        `select id, state, exit_code as "exitCode", ended_at as "endedAt", output_bytes::int as "outputBytes",
           (select count(*)::int from runs where session_id = id) as runs
         from sessions where correlation_id = $1`,
        [correlationId],
      );
      const [row] = rows;
      if (!row) return undefined;
      const chunks = await pool.query<{ offset: number; stream: number; data: Buffer }>(
        `select "offset"::int as offset, stream::int as stream, data from session_output where session_id = $1
         order by session_output."offset"`,
        [row.id],
      );
      let next = 0;
      let isWhole = true;
      for (const { offset, data } of chunks.rows) {
        isWhole &&= offset === next;
        next = offset + data.length;
      }
      const text = (name: string) =>
        Buffer.concat(chunks.rows.filter(({ stream }) => streamOfCode(stream) === name).map(({ data }) => data));
      return {
        ...row,
        isWhole: isWhole && next === row.outputBytes,
        stdout: text('stdout').toString(),
        stderr: text('stderr').toString(),
      };
    },
    async workflowEnd(sessionId) {
      const end = (await temporal.workflow.getHandle(workflowId(sessionId)).result()) as { state: string };
      return end.state;
    },
    async close() {
      await pool.end();
      await connection.close();
    },
  };
}
