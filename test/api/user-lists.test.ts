/** Lists of users, filtered and page by page; and what closing an account ends. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionDetail, UserView } from '#shared/api-schemas.ts';
import { hashPassword } from '#core/passwords.ts';
import { makeUser } from '#test/support/rows.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { askToRun } from './support/sessions.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin', 'sre'], 'U0ANN');
  admin = await signInAs(api, 'ann@example.com');
  for (const letter of 'bcdefg') await makeUser(api.db, `${letter}@example.com`, ['dev'], { name: `Person ${letter}` });
  await makeUser(api.db, 'per_cent%@example.com', ['sre'], { name: 'Odd' });
  await admin.post('/api/users', { email: 'g@example.com', active: false, overwrite: true });
});
afterAll(() => api.stop());

const emails = async (query: string) =>
  (await admin.get<UserView[]>(`/api/users${query}`)).body.map(({ email }) => email.replace('@example.com', ''));

test('without a filter all are listed, by e-mail address', async () => {
  expect(await emails('')).toEqual(['ann', 'b', 'c', 'd', 'e', 'f', 'g', 'per_cent%']);
});

test('they are found by a part of the name, the e-mail address or the Slack id', async () => {
  expect(await emails('?search=PERSON+b')).toEqual(['b']);
  expect(await emails('?search=U0AN')).toEqual(['ann']);
  expect(await emails('?search=d@ex')).toEqual(['d']);
  expect(await emails('?search=_')).toEqual(['per_cent%']);
  expect(await emails('?search=t%25@')).toEqual(['per_cent%']);
});

test('they are filtered by group and by whether they are active', async () => {
  expect(await emails('?group=sre')).toEqual(['ann', 'per_cent%']);
  expect(await emails('?group=dev&active=false')).toEqual(['g']);
  expect(await emails('?group=dev&active=true')).toEqual(['b', 'c', 'd', 'e', 'f']);
  expect(await emails('?group=none')).toEqual([]);
});

test('pages follow one another without a gap', async () => {
  expect(await emails('?limit=3&group=dev')).toEqual(['b', 'c', 'd']);
  expect(await emails('?limit=3&group=dev&after=d@example.com')).toEqual(['e', 'f', 'g']);
});

test('an admin of the sandbox does not count as one who stays', async () => {
  const sandboxed = await makeUser(api.db, 'sandy@example.com', ['admin'], {
    passwordHash: await hashPassword(password),
  });
  await api.db.query('update users set sandbox = true where id = $1', [sandboxed.id]);
  const refused = await admin.delete<ErrorAnswer>('/api/users/ann@example.com');
  expect([refused.status, refused.body.error.code]).toEqual([409, 'last_admin']);
});

test('deactivating somebody ends what they asked for and what waits to run', async () => {
  await admin.post('/api/agents', { name: 'away' });
  await admin.post('/api/connections', { name: 'asks', agent: 'away', command: ['sh'], reviewers: ['sre'] });
  await admin.post('/api/connections', { name: 'runs', agent: 'away', command: ['sh'] });
  await addUser(api, 'leo@example.com', []);
  const leo = await signInAs(api, 'leo@example.com');
  const asked = await askToRun(leo, { connection: 'asks' });
  const queued = await askToRun(leo, { connection: 'runs' });
  expect((await admin.post('/api/users', { email: 'leo@example.com', active: false, overwrite: true })).status).toBe(
    200,
  );
  for (const { id } of [asked, queued]) {
    const { body } = await admin.get<SessionDetail>(`/api/sessions/${id}`);
    expect(body.decisions).toMatchObject([
      {
        verdict: 'revoke',
        by: { email: 'ann@example.com' },
        reason: 'The account of leo@example.com was deactivated.',
      },
    ]);
  }
  expect((await leo.get('/api/me')).status).toBe(401);
});
