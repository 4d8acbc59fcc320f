import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context, Core } from '#core/context.ts';
import { removeConnection } from '#core/delete-connection.ts';
import { finishSession } from '#core/finish-session.ts';
import { readOutputPage } from '#core/read-output.ts';
import { removeRecordings } from '#core/remove-recordings.ts';
import { startSession } from '#core/start-session.ts';
import { endEventOf } from '#core/session-view.ts';
import { verifyAuditLog } from '#core/verify-audit.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

const day = 86_400_000;
let made: TestCore;
let core: Core;
let person: UserRow;
/** What hoop takes for now. */
let now = new Date();

beforeAll(async () => {
  made = await createTestCore({ now: () => now });
  core = made.core;
  person = await makeUser(core.db, 'dana@example.com', ['admin']);
  const agent = (await makeAgent(core.db)).id;
  await makeConnection(core.db, agent, { name: 'month', keepDays: 30 });
  await makeConnection(core.db, agent, { name: 'ever' });
  await makeConnection(core.db, agent, { name: 'gone', keepDays: 1 });
});
afterAll(() => made.close());

const ctx = (): Context => ({ core, actor: { kind: 'user', user: person, via: 'api' } });

/** A session that has ended, with so many rows of ten bytes. */
async function recorded(connection: string, rows: number, ended = true): Promise<string> {
  const input = { connection, kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  const { id } = (await startSession(ctx(), input)).session;
  await core.db.query(
    `insert into session_output (session_id, "offset", stream, data)
     select $1, i * 10, 1, '0123456789'::bytea from generate_series(0, $2::int - 1) i`,
    [id, rows],
  );
  await core.db.query(`update sessions set state = 'running', output_bytes = $2 where id = $1`, [id, rows * 10]);
  if (ended) await finishSession(core.db, id, { state: 'finished', source: 'run', exitCode: 0 });
  return id;
}
const rowsOf = async (id: string): Promise<number> =>
  Number((await core.db.query('select count(*) as n from session_output where session_id = $1', [id])).rows[0].n);
const session = async (id: string): Promise<SessionRow> => {
  const row = await findSession(core.db, id);
  if (!row) throw new Error(`${id} is gone`);
  return row;
};

test('a recording goes when its time is over; the session, its decisions and the audit log stay', async () => {
  const [old, ever, running] = [
    await recorded('month', 1_203),
    await recorded('ever', 3),
    await recorded('month', 3, false),
  ];
  now = new Date(Date.now() + 29 * day);
  expect(await removeRecordings(core)).toEqual({ sessions: 0, rows: 0 });
  expect(await rowsOf(old)).toBe(1_203);
  now = new Date(Date.now() + 31 * day);
  const before = await session(old);
  expect(await removeRecordings(core)).toEqual({ sessions: 1, rows: 1_203 });
  expect([await rowsOf(old), await rowsOf(ever), await rowsOf(running)]).toEqual([0, 3, 3]);
  expect(await session(old)).toEqual({ ...before, recordingRemovedAt: now });
  expect(await removeRecordings(core)).toEqual({ sessions: 0, rows: 0 });
  const audited = await core.db.query(
    `select actor, details from audit_log where action = 'recording.remove' order by id`,
  );
  expect(audited.rows).toEqual([{ actor: 'system:retention', details: { connections: ['month'], sessions: [old] } }]);
  expect(await verifyAuditLog(ctx())).toMatchObject({ ok: true });
});

test('who asks for a removed recording is told, and is not given a part of it', async () => {
  const id = await recorded('month', 2_000);
  now = new Date(Date.now() + 31 * day);
  // as a round leaves it that ends between two steps
  await core.db.query('update sessions set recording_removed_at = $2, recording_rows_left = true where id = $1', [
    id,
    now,
  ]);
  const page = readOutputPage(core, await session(id), { offset: 0, limit: 1_000 });
  await expect(page).rejects.toMatchObject({ code: 'recording_removed', status: 410 });
  expect(endEventOf(await session(id))?.message).toContain('The recording was removed on');
  expect(await removeRecordings(core)).toEqual({ sessions: 0, rows: 2_000 });
  expect(await rowsOf(id)).toBe(0);
});

test('many go over several rounds, with one row of the audit log each', async () => {
  now = new Date();
  const ids = await Promise.all(Array.from({ length: 103 }, () => recorded('month', 1)));
  now = new Date(Date.now() + 31 * day);
  expect(await removeRecordings(core)).toMatchObject({ sessions: 100 });
  expect(await removeRecordings(core)).toMatchObject({ sessions: 3 });
  expect(await Promise.all(ids.map(rowsOf))).toEqual(ids.map(() => 0));
});

test('a deleted connection says nothing any more: what ran on it is kept', async () => {
  now = new Date();
  const id = await recorded('gone', 2);
  await removeConnection(ctx(), 'gone');
  now = new Date(Date.now() + 400 * day);
  await removeRecordings(core);
  expect(await rowsOf(id)).toBe(2);
});
