/** The audit log as admins read it: filtered, page by page, exported, verified. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditCheck, AuditCheckLine, AuditRow, AuditVerdict } from '#shared/audit-schemas.ts';
import { audit } from '#db/audit.ts';
import { eventually } from '../support/eventually.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { cookieOf, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';

let api: TestApi;
let admin: Caller;
let bob: Caller;
const sessionId = randomUUID();
const signInId = randomUUID();
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  admin = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
  for (const [actor, action, subject] of [
    ['user:bob@example.com', 'session.create', `session:${sessionId}`],
    ['system:gateway', 'run.consume', `session:${sessionId}`],
    ['user:ann@example.com', 'connection.create', 'connection:bash'],
    ['user:ann@example.com', 'slack_link.create', 'slack_link:7'],
    ['user:ann@example.com', 'slackXlink.create', 'slack_link:8'],
    ['user:bob@example.com', 'cli_sign_in.confirm', `cli_sign_in:${signInId}`],
    ['agent:bash', 'run.hand_back', `session:${randomUUID()}`],
  ] as const) {
    await audit(api.db, { actor, action, subject, details: { note: `${action} by ${actor}` } });
    // no two rows within a millisecond: lists show no smaller part of a second
    const written = Date.now();
    await eventually(() => Date.now() > written + 1, { everyMs: 1 });
  }
});
afterAll(() => api.stop());

/** Browsers alone may say where a request comes from, and `fetch` leaves that out. */
async function askFrom(path: string, headers: Record<string, string>): Promise<{ status?: number; code?: string }> {
  const asked = request(api.url + path, { headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode === 200) return { status: 200 };
  return { status: response.statusCode ?? 0, code: (JSON.parse(body) as ErrorAnswer).error.code };
}
const codeOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error?.code;
const rowsOf = async (query: string) => (await admin.get<AuditRow[]>(`/api/audit?${query}`)).body;
const actionsOf = async (query: string) => (await rowsOf(query)).map(({ action }) => action);

test('only admins read, export and verify it', async () => {
  const asked = [
    bob.get('/api/audit'),
    bob.get('/api/audit/export'),
    bob.get('/api/audit/checks'),
    bob.post('/api/audit/checks', {}),
    bob.get('/api/audit/verify'),
  ];
  for (const answer of await Promise.all(asked)) expect([answer.status, codeOf(answer)]).toEqual([403, 'not_allowed']);
});

test('the newest row comes first, and pages follow one another without a gap', async () => {
  const all = await rowsOf('limit=200');
  expect(all.map(({ id }) => id)).toEqual(all.map((_, at) => (all[0]?.id ?? 0) - at));
  expect(all[0]).toMatchObject({ actor: 'agent:bash', action: 'run.hand_back', details: { note: expect.any(String) } });
  const first = await rowsOf('limit=3');
  const second = await rowsOf(`limit=3&before=${first.at(-1)?.id}`);
  expect([...first, ...second]).toEqual(all.slice(0, 6));
});

test('it is filtered by who, what and to what, whole or as people write it', async () => {
  expect(await actionsOf('actor=user:bob@example.com&action=session')).toEqual(['session.create']);
  expect(await actionsOf('actor=bob@example.com&action=session')).toEqual(['session.create']);
  expect(await actionsOf('actor=gateway')).toEqual(['run.consume']);
  expect(await actionsOf('actor=nobody@example.com')).toEqual([]);
  expect(await actionsOf('action=run')).toEqual(['run.hand_back', 'run.consume']);
  expect(await actionsOf('action=run.consume')).toEqual(['run.consume']);
  expect(await actionsOf('action=slack_link')).toEqual(['slack_link.create']); // _ is no wildcard
  expect(await actionsOf(`subject=session:${sessionId}`)).toEqual(['run.consume', 'session.create']);
  expect(await actionsOf(`subject=${sessionId.slice(0, 8)}`)).toEqual(['run.consume', 'session.create']);
  expect(await actionsOf(`subject=${signInId}`)).toEqual(['cli_sign_in.confirm']);
  expect(await actionsOf('subject=bash')).toEqual(['connection.create']);
  expect(await actionsOf('subject=connection:bash&actor=ann@example.com')).toEqual(['connection.create']);
  expect(await actionsOf('subject=connection:bash&actor=bob@example.com')).toEqual([]);
});

test('it is filtered by time', async () => {
  const all = await rowsOf('limit=200');
  const [third, second] = [all[2]?.at ?? '', all[1]?.at ?? ''];
  const between = await rowsOf(`since=${third}&until=${second}`);
  expect(between.map(({ id }) => id)).toEqual([all[2]?.id]);
  const wrong = await admin.get('/api/audit?since=soon');
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'invalid_input']);
});

test('the export has the rows of the list, oldest first, and is itself in the log', async () => {
  const filter = 'subject=session:' + sessionId;
  const exported = await admin.get<string>(`/api/audit/export?${filter}`);
  expect(exported.headers.get('content-type')).toBe('application/x-ndjson');
  expect(exported.headers.get('content-disposition')).toMatch(/^attachment; filename="hoop-audit-[\d-]+\.ndjson"$/);
  const lines = exported.body.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as AuditRow)).toEqual((await rowsOf(filter)).reverse());
  const [row] = await rowsOf('action=audit.export');
  expect(row).toMatchObject({ actor: 'user:ann@example.com', details: { subject: `session:${sessionId}` } });
  const nothing = await admin.get<string>('/api/audit/export?actor=nobody@example.com');
  expect([nothing.status, nothing.body]).toEqual([200, '']);
});

test('the export of a log of several parts misses and doubles nothing', async () => {
  await api.db.query(
    `do $$ begin for n in 1..2500 loop
       insert into audit_log (actor, action, subject) values ('system:test', 'many', 'row:' || n); end loop; end $$`,
  );
  const exported = await admin.get<string>('/api/audit/export?action=many');
  const subjects = exported.body
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as AuditRow).subject);
  expect(subjects).toEqual(Array.from({ length: 2500 }, (_, at) => `row:${at + 1}`));
});

test('verifying tells how far it is, and who verified last is known afterwards', async () => {
  await api.db.query(
    `do $$ begin for n in 1..4000 loop
       insert into audit_log (actor, action, subject) values ('system:test', 'more', 'row:' || n); end loop; end $$`,
  );
  const told = await admin.post<string>('/api/audit/checks', {});
  const lines = told.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditCheckLine);
  const progress = lines.filter((line) => line.kind === 'progress');
  expect(progress.map(({ rows }) => rows)).toEqual([5000, progress[0]?.of]);
  expect(lines.at(-1)).toEqual({ kind: 'verdict', verdict: { ok: true, rows: progress[0]?.of } });
  const { last } = (await admin.get<AuditCheck>('/api/audit/checks')).body;
  expect(last).toMatchObject({ ok: true, rows: progress[0]?.of, by: 'user:ann@example.com' });
});

test('a page of another site reads and writes nothing with the cookie of an admin', async () => {
  const cookie = await cookieOf(api, 'ann@example.com');
  const written = async () =>
    (await api.db.query("select count(*)::int as n from audit_log where subject = 'audit'")).rows;
  const before = await written();
  const ways = ['/api/audit/export?action=none', '/api/audit/verify'];
  for (const site of ['cross-site', 'same-site']) {
    for (const path of ways) {
      const answer = await askFrom(path, { cookie, 'sec-fetch-site': site });
      expect({ site, path, ...answer }).toEqual({ site, path, status: 403, code: 'origin_refused' });
    }
  }
  expect(await written()).toEqual(before);
  // our own pages, an address that was typed, a browser that says nothing, and whoever sends a token
  const headers: Record<string, string>[] = [
    { cookie, 'sec-fetch-site': 'same-origin' },
    { cookie, 'sec-fetch-site': 'none' },
    { cookie },
  ];
  const byToken = { ...admin.headers, 'sec-fetch-site': 'cross-site' };
  for (const own of [...headers, byToken]) {
    for (const path of ways) expect((await askFrom(path, own)).status).toBe(200);
  }
});

test('who goes away while the log is verified ends that, and nothing is noted', async () => {
  const verified = async () => (await rowsOf('action=audit.verify&limit=200')).length;
  const before = await verified();
  const holder = await api.db.connect();
  try {
    await holder.query('begin');
    await holder.query('lock table audit_log in access exclusive mode');
    const gone = new Promise((resolve) => {
      api.server.once('request', (_request, response) => response.once('close', resolve));
    });
    const asking = request(`${api.url}/api/audit/verify`, { headers: admin.headers });
    asking.on('error', () => undefined);
    asking.end();
    const waits =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%audit_log%'";
    await eventually(async () => (await api.db.query(waits)).rows[0]);
    asking.destroy();
    await gone;
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  // by the end of two more the first, had it gone on, would have come to its own
  for (let n = 0; n < 2; n += 1) expect((await admin.get('/api/audit/verify')).status).toBe(200);
  expect(await verified()).toBe(before + 2);
  expect(api.logs.filter((line) => line['msg'] === 'request failed')).toEqual([]);
});

test.each([
  { what: 'changed', row: 4, sql: `update audit_log set actor = 'user:eve@example.com' where id = 4` },
  {
    what: 'unlinked', // whoever can write may compute the hash of the row as well, and is found by the next
    row: 5,
    sql: `update audit_log set actor = 'user:eve@example.com', hash = audit_hash(previous_hash, at, 'user:eve@example.com', action, subject, details) where id = 4`,
  },
  { what: 'missing', row: 6002, sql: 'delete from audit_log where id between 6000 and 6001' },
  { what: 'missing', row: 2, sql: 'delete from audit_log where id = 1' },
])('the first row that is broken is named: $what at $row', async ({ what, row, sql }) => {
  const client = await api.db.connect();
  try {
    await client.query('begin');
    await client.query('alter table audit_log disable trigger user');
    const before = await client.query('create temp table before as select * from audit_log');
    expect(before.rowCount).toBeGreaterThan(6002);
    await client.query(sql);
    await client.query('alter table audit_log enable trigger user');
    await client.query('commit');
    const verdict = await admin.get<AuditVerdict>('/api/audit/verify');
    expect(verdict.body).toMatchObject({ ok: false, firstBroken: row, problem: what });
  } finally {
    await client.query('alter table audit_log disable trigger user');
    await client.query('truncate audit_log');
    await client.query('insert into audit_log select * from before order by id');
    await client.query('alter table audit_log enable trigger user');
    await client.query('drop table before');
    client.release();
  }
  expect((await admin.get<AuditVerdict>('/api/audit/verify')).body.ok).toBe(true);
});
