import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Me, SessionDetail } from '#shared/api-schemas.ts';
import type { TokenCreated, TokenView } from '#shared/token-schemas.ts';
import type { HoopError } from '#shared/errors.ts';
import type { Context } from '#core/context.ts';
import { createToken } from '#core/create-token.ts';
import { inTransaction } from '#db/pool.ts';
import { lockAdmins, setUserGroups } from '#db/users.ts';
import { eventually } from '../support/eventually.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { caller, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun } from './support/sessions.ts';

let api: TestApi;
let ann: Caller;
let admin: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', []);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'admin@example.com', ['admin']);
  ann = await signInAs(api, 'ann@example.com');
  admin = await signInAs(api, 'admin@example.com');
});
afterAll(() => api.stop());

async function make(by: Caller, body: Record<string, unknown>): Promise<TokenCreated & { bearer: Caller }> {
  const made = await by.post<TokenCreated>('/api/tokens', body);
  if (made.status !== 201) throw new Error(`token: ${JSON.stringify(made.body)}`);
  return { ...made.body, bearer: caller(api, { authorization: `Bearer ${made.body.token}` }) };
}

test('a token acts as its user over the API, and is shown once', async () => {
  const { token, bearer, ...view } = await make(ann, { name: 'nightly' });
  expect(token).toMatch(/^hoop_api_[\w-]{43}$/);
  expect(view).toMatchObject({
    name: 'nightly',
    user: 'ann@example.com',
    createdBy: 'ann@example.com',
    lastUsedAt: null,
  });
  expect(Date.parse(view.expiresAt) - Date.parse(view.createdAt)).toBe(90 * 86_400_000);
  expect((await bearer.get<Me>('/api/me')).body.email).toBe('ann@example.com');
  const everything = [
    await ann.get('/api/tokens'),
    await ann.get('/api/tokens/nightly'),
    await ann.get(`/api/tokens/${view.id}`),
  ];
  expect(JSON.stringify(everything.map(({ body }) => body))).not.toContain(token);
  expect(JSON.stringify((await api.db.query('select * from tokens')).rows)).not.toContain(token);
});

test('what a token does is said to have come over the API, also through the hoop command', async () => {
  await addConnection(api, admin, []);
  const { bearer } = await make(ann, { name: 'via' });
  const asHoop = caller(api, { ...bearer.headers, 'user-agent': 'hoop-cli/1.0.0' });
  const { id } = await askToRun(asHoop);
  const { body } = await asHoop.post<SessionDetail>(`/api/sessions/${id}/cancel`);
  expect(body.decisions.map(({ verdict, via }) => ({ verdict, via }))).toEqual([{ verdict: 'cancel', via: 'api' }]);
});

test('a token makes no token, not even of an admin', async () => {
  const { bearer } = await make(admin, { name: 'breeder' });
  const { status, body } = await bearer.post<ErrorAnswer>('/api/tokens', { name: 'child' });
  expect({ status, code: body.error.code }).toEqual({ status: 403, code: 'not_allowed' });
  expect((await bearer.get('/api/users')).status).toBe(200);
});

test('a token gives nobody another way to act, not even that of an admin', async () => {
  await addUser(api, 'target@example.com', ['dev'], 'U0TARGET');
  await addUser(api, 'closed@example.com', ['dev']);
  await admin.post('/api/users', { email: 'closed@example.com', active: false, overwrite: true });
  const { bearer } = await make(admin, { name: 'lasting' });
  const email = 'target@example.com';
  const changes = [
    { email: 'new@example.com', password },
    { email: 'new@example.com', slackId: 'U0NEW' },
    { email: 'new@example.com', groups: ['admin'] },
    { email, password, overwrite: true },
    { email, slackId: 'U0OTHER', overwrite: true },
    { email, groups: ['dev', 'admin'], overwrite: true },
    { email: 'closed@example.com', active: true, overwrite: true },
    { email: 'admin@example.com', password, overwrite: true },
  ];
  for (const change of changes) {
    const refused = await bearer.post<ErrorAnswer>('/api/users', change);
    expect({ change, status: refused.status, code: refused.body.error?.code }).toEqual({
      change,
      status: 403,
      code: 'not_allowed',
    });
  }
  expect((await admin.get('/api/users/new@example.com')).status).toBe(404);
  // the rest of what admins do with users stays theirs
  const same = { email, name: 'Target', groups: ['dev', 'sre'], slackId: 'U0TARGET', overwrite: true };
  expect((await bearer.post('/api/users', same)).status).toBe(200);
  expect((await bearer.post('/api/users', { email: 'new@example.com', groups: ['dev'] })).status).toBe(201);
  expect((await bearer.post('/api/users', { email, slackId: null, overwrite: true })).status).toBe(200);
  // as is all of it for who signed in, here as the CLI does
  for (const change of changes.slice(3, 7)) expect((await admin.post('/api/users', change)).status).toBe(200);
});

test('its last use is noted, at most once a minute', async () => {
  const { id, bearer } = await make(ann, { name: 'used' });
  const used = async () => (await ann.get<TokenView>(`/api/tokens/${id}`)).body.lastUsedAt;
  expect(await used()).toBeNull();
  await bearer.get('/api/me');
  const first = await used();
  expect(Math.abs(Date.now() - Date.parse(first ?? ''))).toBeLessThan(60_000);
  await bearer.get('/api/me');
  expect(await used()).toBe(first);
  await api.db.query("update tokens set last_used_at = now() - interval '61 seconds' where id = $1", [id]);
  await bearer.get('/api/me');
  expect(Date.parse((await used()) ?? '')).toBeGreaterThanOrEqual(Date.parse(first ?? ''));
});

test('a deleted, an expired and a deactivated token are nothing', async () => {
  const deleted = await make(ann, { name: 'deleted' });
  expect((await deleted.bearer.get('/api/me')).status).toBe(200);
  expect((await ann.delete(`/api/tokens/${deleted.id}`)).status).toBe(204);
  expect((await deleted.bearer.get('/api/me')).status).toBe(401);

  const expired = await make(ann, { name: 'expired', expire: '1m' });
  await api.db.query("update tokens set expires_at = now() - interval '1 second' where id = $1", [expired.id]);
  expect((await expired.bearer.get('/api/me')).status).toBe(401);
  expect((await ann.get<TokenView>('/api/tokens/expired')).body.expired).toBe(true);
  expect((await ann.post('/api/tokens', { name: 'expired' })).status).toBe(201);

  await addUser(api, 'gone@example.com', []);
  const gone = await make(admin, { name: 'gone', user: 'gone@example.com' });
  expect((await gone.bearer.get('/api/me')).status).toBe(200);
  await admin.post('/api/users', { email: 'gone@example.com', active: false, overwrite: true });
  expect((await gone.bearer.get('/api/me')).status).toBe(401);
  await admin.post('/api/users', { email: 'gone@example.com', active: true, overwrite: true });
  expect((await gone.bearer.get('/api/me')).status).toBe(401);
});

test('everybody sees and ends their own, admins all, and only admins make them for others', async () => {
  const bob = await signInAs(api, 'bob@example.com');
  const { id } = await make(ann, { name: 'mine' });
  for (const refused of [await bob.get(`/api/tokens/${id}`), await bob.delete(`/api/tokens/${id}`)]) {
    expect(refused.status).toBe(404);
  }
  expect((await bob.get('/api/tokens')).body).toEqual([]);
  expect((await bob.get('/api/tokens?user=ann@example.com')).body).toEqual([]);
  const forAnn = await bob.post<ErrorAnswer>('/api/tokens', { name: 'hers', user: 'ann@example.com' });
  expect({ status: forAnn.status, code: forAnn.body.error.code }).toEqual({ status: 403, code: 'not_allowed' });

  const made = await make(admin, { name: 'deploy', user: 'bob@example.com', expire: '7d' });
  expect(made).toMatchObject({ user: 'bob@example.com', createdBy: 'admin@example.com' });
  expect((await bob.get<TokenView[]>('/api/tokens')).body.map(({ name }) => name)).toEqual(['deploy']);
  const all = (await admin.get<TokenView[]>('/api/tokens')).body;
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([id, made.id]));
  expect(
    (await admin.get<TokenView[]>('/api/tokens?user=me')).body.every(({ user }) => user === 'admin@example.com'),
  ).toBe(true);
  expect((await admin.delete(`/api/tokens/${made.id}`)).status).toBe(204);
});

test('a list goes on after the last of its page', async () => {
  await addUser(api, 'many@example.com', []);
  const many = await signInAs(api, 'many@example.com');
  for (const name of ['1', '2', '3', '4', '5']) await make(many, { name });
  const pages: string[][] = [];
  for (let before: string | undefined; pages.length < 4;) {
    const { body } = await many.get<TokenView[]>(`/api/tokens?limit=2${before ? `&before=${before}` : ''}`);
    pages.push(body.map(({ name }) => name));
    before = body.at(-1)?.id;
    if (body.length < 2) break;
  }
  expect(pages).toEqual([['5', '4'], ['3', '2'], ['1']]);
});

test('names and times are bounded, and a name is taken once', async () => {
  await make(ann, { name: 'taken' });
  expect((await ann.post<ErrorAnswer>('/api/tokens', { name: 'taken' })).body.error.code).toBe('name_taken');
  const wrong = [
    { name: '' },
    { name: 'x'.repeat(65) },
    { name: 'a\u202eb' },
    { name: 'x', expire: '10y' },
    { name: 'x', expire: '1s' },
  ];
  for (const body of wrong)
    expect((await ann.post<ErrorAnswer>('/api/tokens', body)).body.error.code).toBe('invalid_input');
});

test('making and ending a token is in the audit log, by whom and for whom', async () => {
  const { id } = await make(admin, { name: 'audited', user: 'bob@example.com' });
  await admin.delete(`/api/tokens/${id}`);
  const { rows } = await api.db.query('select actor, action, details from audit_log where subject = $1 order by id', [
    `token:${id}`,
  ]);
  expect(rows).toMatchObject([
    { actor: 'user:admin@example.com', action: 'token.create', details: { name: 'audited', user: 'bob@example.com' } },
    { actor: 'user:admin@example.com', action: 'token.delete', details: { name: 'audited', user: 'bob@example.com' } },
  ]);
});

test.each([
  {
    how: 'leaves admin',
    action: 'user.change',
    own: 200,
    go: (email: string) => admin.post('/api/users', { email, groups: ['sre'], overwrite: true }),
  },
  {
    how: 'is deactivated',
    action: 'user.change',
    own: 401,
    go: (email: string) => admin.post('/api/users', { email, active: false, overwrite: true }),
  },
  { how: 'is deleted', action: 'user.delete', own: 401, go: (email: string) => admin.delete(`/api/users/${email}`) },
  {
    how: 'is deleted, and stays for the record',
    action: 'user.deactivate',
    own: 401,
    history: true,
    go: (email: string) => admin.delete(`/api/users/${email}`),
  },
])('what an admin made for others ends when that admin $how', async ({ how, action, own, history, go }) => {
  const email = `${how.replaceAll(/[ ,]+/g, '-')}@example.com`;
  const { id } = await addUser(api, email, ['admin']);
  const leaving = await signInAs(api, email);
  const made = [
    await make(leaving, { name: `1 ${how}`, user: 'ann@example.com' }),
    await make(leaving, { name: `2 ${how}`, user: 'bob@example.com' }),
    await make(leaving, { name: 'own' }),
    await make(ann, { name: `3 ${how}` }),
  ];
  if (history) {
    const { id: session } = await askToRun(ann);
    await api.db.query('update sessions set requester_id = $1 where id = $2', [id, session]);
  }
  // what is no change of admin ends nothing
  await admin.post('/api/users', { email, groups: ['admin', 'sre'], overwrite: true });
  const statuses = () => Promise.all(made.map(async ({ bearer }) => (await bearer.get('/api/me')).status));
  expect(await statuses()).toEqual([200, 200, 200, 200]);
  expect((await go(email)).status).toBeLessThan(300);
  expect(await statuses()).toEqual([401, 401, own, 200]);
  const { rows } = await api.db.query(
    'select action, details from audit_log where subject = $1 order by id desc limit 1',
    [`user:${email}`],
  );
  expect(rows).toMatchObject([{ action, details: { tokensForOthersEnded: 2 } }]);
});

test('an admin who leaves just now makes no token for somebody else', async () => {
  const user = await addUser(api, 'hasty@example.com', ['admin']);
  const ctx: Context = { core: api.core, actor: { kind: 'user', user, via: 'cli' } };
  const { making } = await inTransaction(api.db, async (tx) => {
    await lockAdmins(tx);
    const making = createToken(ctx, { name: 'hasty', user: 'bob@example.com', expire: 3600 }).then(
      () => 'made',
      (error: HoopError) => error.code,
    );
    await eventually(async () => {
      const waits =
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%name = ''admin''%'";
      return (await api.db.query(waits)).rows[0];
    });
    await setUserGroups(tx, user.id, []);
    return { making };
  });
  expect(await making).toBe('not_allowed');
});

test('another password ends the sign-ins of before, but for the one it is changed from, and no API token', async () => {
  await addUser(api, 'chief@example.com', ['admin']);
  const [here, there] = [await signInAs(api, 'chief@example.com'), await signInAs(api, 'chief@example.com')];
  const { bearer } = await make(here, { name: 'stays' });
  const change = { email: 'chief@example.com', password: `${password} 2`, overwrite: true };
  expect((await here.post('/api/users', change)).status).toBe(200);
  const statuses = await Promise.all([here, there, bearer].map(async (who) => (await who.get('/api/me')).status));
  expect(statuses).toEqual([200, 401, 200]);
  expect((await admin.post('/api/users', { ...change, password })).status).toBe(200);
  expect((await here.get('/api/me')).status).toBe(401);
});
