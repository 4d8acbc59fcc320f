import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { latestAt, type OutputChunk, type RecordedStream } from '#shared/output-frame.ts';
import type { Core } from '#core/context.ts';
import { createOutputWriter, type OutputWriter } from '#core/run-output.ts';
import { startSession } from '#core/start-session.ts';
import { finishSession } from '#core/finish-session.ts';
import { listen, type Notice } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { readOutput } from '#db/runs.ts';
import { findSession, lockSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { eventually } from '../support/eventually.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let asker: UserRow;

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com');
  await makeConnection(core.db, (await makeAgent(core.db)).id, { name: 'free' });
});
afterAll(() => made.close());

const ask = async (): Promise<SessionRow> => {
  const ctx = { core, actor: { kind: 'user' as const, user: asker, via: 'api' as const } };
  const request = { connection: 'free', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  return (await startSession(ctx, request)).session;
};
const bytes = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const chunk = (from: number, to: number): OutputChunk => ({
  stream: 'stdout',
  offset: from,
  data: bytes.subarray(from, to),
});
const writerOf = (session: SessionRow, from: number): { writer: OutputWriter; errors: Error[]; acks: number[] } => {
  const errors: Error[] = [];
  const acks: number[] = [];
  const writer = createOutputWriter({
    db: core.db,
    sessionId: session.id,
    from,
    onChunk: () => undefined,
    onStored: (offset) => acks.push(offset),
    onRefused: () => undefined,
    onError: (error) => errors.push(error),
  });
  return { writer, errors, acks };
};
const stored = async (session: SessionRow): Promise<string> =>
  Buffer.concat((await readOutput(core.db, session.id, 0, 1024)).map((c) => c.data)).toString();

describe('output on its way into Postgres', () => {
  test('what two writers of one run store at once is neither lost nor doubled, wherever they cut it', async () => {
    const session = await ask();
    const old = writerOf(session, 0);
    const next = writerOf(session, 0);
    // the attempt before still has a statement on its way while the next attempt reads where to go on
    await inTransaction(core.db, async (tx) => {
      await lockSession(tx, session.id);
      old.writer.push(chunk(0, 10));
      next.writer.push(chunk(0, 25));
    });
    await Promise.all([old.writer.flushed(), next.writer.flushed()]);
    const offset = (await findSession(core.db, session.id))?.outputBytes ?? 0;
    expect([10, 25]).toContain(offset);
    expect(await stored(session)).toBe(bytes.toString('utf8', 0, offset));
    expect(old.errors.length + next.errors.length).toBe(1);
    const last = writerOf(session, offset);
    last.writer.push(chunk(offset, 36));
    await last.writer.flushed();
    expect(last.errors).toEqual([]);
    expect(await stored(session)).toBe(bytes.toString());
  });

  test('nothing is acknowledged that is not stored', async () => {
    const session = await ask();
    const first = writerOf(session, 0);
    first.writer.push(chunk(0, 10));
    await first.writer.flushed();
    const late = writerOf(session, 0);
    late.writer.push(chunk(0, 4));
    await late.writer.flushed();
    late.writer.push(chunk(4, 30));
    await late.writer.flushed();
    expect(await stored(session)).toBe(bytes.toString('utf8', 0, 10));
    expect(Math.max(0, ...late.acks)).toBeLessThanOrEqual(10);
    expect(late.errors.length).toBeGreaterThan(0);
  });

  test('what waits together becomes one row of a stream and moment; each size of a terminal keeps its own', async () => {
    const session = await ask();
    const { writer, errors } = writerOf(session, 0);
    const typed: [stream: RecordedStream, text: string, at: number][] = [
      ['stdout', 'a', 5],
      ['stdout', 'b', 5],
      ['stdout', 'B', 6],
      ['resize', '80x24', 6],
      ['resize', '81x25', 6],
      ['stderr', '\0\xff\\', 7],
      ['stdout', 'c', 8],
      ['stdout', 'd', 1_000],
    ];
    await inTransaction(core.db, async (tx) => {
      await lockSession(tx, session.id);
      for (const [stream, text, at] of typed) {
        writer.push({ stream, offset: writer.next, data: Buffer.from(text, 'latin1'), at });
      }
    });
    await writer.flushed();
    const rows = await readOutput(core.db, session.id, 0, 1024);
    expect(rows.map(({ stream, data, at }) => [stream, data.toString('latin1'), at])).toEqual([
      // the first one was on its way alone
      ['stdout', 'a', 5],
      ['stdout', 'bB', 5],
      ['resize', '80x24', 6],
      ['resize', '81x25', 6],
      ['stderr', '\0\xff\\', 7],
      ['stdout', 'c', 8],
      ['stdout', 'd', 1_000],
    ]);
    expect(errors).toEqual([]);
  });

  test('output of later than Postgres can note is stored as of the latest it can', async () => {
    const session = await ask();
    const { writer, errors } = writerOf(session, 0);
    writer.push({ ...chunk(0, 10), at: 2 ** 32 - 1 });
    await writer.flushed();
    expect(errors).toEqual([]);
    expect(await readOutput(core.db, session.id, 0, 1024)).toMatchObject([{ at: latestAt }]);
  });

  test('whoever listens is told how far the output is stored', async () => {
    const session = await ask();
    const notices: Notice[] = [];
    const [onNotice, onConnected] = [(notice: Notice) => notices.push(notice), () => undefined];
    const listener = await listen({ url: made.databaseUrl, onNotice, onConnected, onError: () => undefined });
    onTestFinished(() => listener.close());
    const { writer } = writerOf(session, 0);
    writer.push(chunk(0, 10));
    await eventually(() => notices.find(({ kind }) => kind === 'output'));
    expect(notices).toContainEqual({ kind: 'output', id: session.id, offset: 10 });
  });

  test('an ended session takes no more output', async () => {
    const session = await ask();
    await finishSession(core.db, session.id, { state: 'failed', source: 'review' });
    const late = writerOf(session, 0);
    late.writer.push(chunk(0, 10));
    await late.writer.flushed();
    expect(late.errors.length).toBe(1);
    expect((await findSession(core.db, session.id))?.outputBytes).toBe(0);
  });

  test('output in many small pieces of both streams is stored as it came, with its timing', async () => {
    const session = await ask();
    const { writer, errors } = writerOf(session, 0);
    const pieces: OutputChunk[] = Array.from({ length: 30_000 }, (_, n) => ({
      stream: n % 3 === 0 ? 'stderr' : 'stdout',
      offset: n,
      data: Buffer.from([n % 251]),
      at: n,
    }));
    for (const piece of pieces) writer.push(piece);
    await writer.flushed();
    expect(errors).toEqual([]);
    const found: { stream: string; byte: number; late: number }[] = [];
    while (found.length < pieces.length) {
      for (const row of await readOutput(core.db, session.id, found.length, 1024 * 1024))
        for (const byte of row.data) found.push({ stream: row.stream, byte, late: found.length - (row.at ?? 0) });
    }
    expect(found.map(({ stream, byte }) => `${stream} ${byte}`)).toEqual(
      pieces.map(({ stream, data }) => `${stream} ${data[0]}`),
    );
    expect(Math.max(...found.map(({ late }) => late))).toBeLessThanOrEqual(100);
  });

  test('an agent that sends more than it may before it is acknowledged is stopped', async () => {
    const session = await ask();
    const { writer } = writerOf(session, 0);
    await inTransaction(core.db, async (tx) => {
      await lockSession(tx, session.id);
      const data = Buffer.alloc(1024 * 1024);
      let taken = 0;
      while (taken < 100 && writer.push({ stream: 'stdout', offset: taken * data.length, data })) taken += 1;
      expect(taken).toBeLessThan(20);
    });
    await writer.flushed();
  });
});
