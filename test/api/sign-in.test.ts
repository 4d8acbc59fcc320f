import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInLimits } from '#core/sign-in.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type ErrorAnswer } from './support/client.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin', 'sre'], 'U0ANN');
  await addUser(api, 'bob@example.com', []);
});
afterAll(() => api.stop());

test('a password gives a token, and the token says who is signed in', async () => {
  const ann = await signInAs(api, 'ann@example.com');
  const { status, body } = await ann.get('/api/me');
  expect(status).toBe(200);
  expect(body).toMatchObject({ email: 'ann@example.com', groups: ['admin', 'sre'], admin: true, slackId: 'U0ANN' });
});

test('a wrong password and an unknown account get the same answer', async () => {
  const wrong = await caller(api).post<ErrorAnswer>('/api/login', { email: 'bob@example.com', password: 'nope' });
  const unknown = await caller(api).post<ErrorAnswer>('/api/login', { email: 'eve@example.com', password: 'nope' });
  expect(wrong.status).toBe(401);
  expect(wrong.body.error.code).toBe('wrong_credentials');
  expect(unknown.body).toEqual(wrong.body);
});

test('nobody gets past the API without a token', async () => {
  const nobody: Record<string, string>[] = [
    {},
    { authorization: 'Bearer hoop_cli_nope' },
    { authorization: 'Basic YTpi' },
  ];
  for (const headers of nobody) {
    const { status, body } = await caller(api, headers).get<ErrorAnswer>('/api/sessions');
    expect(status).toBe(401);
    expect(body.error.code).toBe('not_signed_in');
  }
});

test('a token ends with signing out', async () => {
  const ann = await signInAs(api, 'ann@example.com');
  expect((await ann.post('/api/logout')).status).toBe(204);
  expect((await ann.get('/api/me')).status).toBe(401);
});

test('the console gets a cookie that scripts cannot read, and no token', async () => {
  const answer = await caller(api).post<{ token: null }>('/api/login', {
    email: 'ann@example.com',
    password,
    kind: 'web',
  });
  expect(answer.body.token).toBeNull();
  expect(answer.headers.get('set-cookie')).toMatch(
    /^hoop_session=hoop_web_[\w-]+; Max-Age=43200;.*HttpOnly; SameSite=Lax/,
  );
});

test('a cookie is no bearer token, and a token is no cookie', async () => {
  const cookie = await cookieOf(api, 'ann@example.com');
  const { token } = await signInAs(api, 'ann@example.com');
  const value = cookie.split('=')[1];
  expect((await caller(api, { authorization: `Bearer ${value}` }).get('/api/me')).status).toBe(401);
  expect((await caller(api, { cookie: `hoop_session=${token}` }).get('/api/me')).status).toBe(401);
});

test('signing in again in a browser ends the cookie before', async () => {
  const first = await cookieOf(api, 'ann@example.com');
  const second = await caller(api).post(
    '/api/login',
    { email: 'ann@example.com', password, kind: 'web' },
    { cookie: first },
  );
  expect(second.status).toBe(200);
  expect((await caller(api, { cookie: first }).get('/api/me')).status).toBe(401);
});

test('a cookie changes things only from pages of this gateway', async () => {
  const cookie = await cookieOf(api, 'ann@example.com');
  const other = { cookie, origin: 'http://127.0.0.1:1' };
  for (const headers of [other, { cookie }, { cookie, origin: 'null' }]) {
    const refused = await caller(api, headers).post<ErrorAnswer>('/api/logout');
    expect(refused.status).toBe(403);
    expect(refused.body.error.code).toBe('origin_refused');
  }
  expect((await caller(api, other).get('/api/me')).status).toBe(200);
  expect((await caller(api, { cookie, origin: api.url }).post('/api/logout')).status).toBe(204);
});

test('a page of another site cannot sign a browser in', async () => {
  const answer = await caller(api, { origin: 'https://evil.example' }).post<ErrorAnswer>('/api/login', {
    email: 'ann@example.com',
    password,
    kind: 'web',
  });
  expect(answer.body.error.code).toBe('origin_refused');
});

test('a deactivated person is signed out at once', async () => {
  await addUser(api, 'gone@example.com', []);
  const gone = await signInAs(api, 'gone@example.com');
  await api.db.query("update users set active = false where email = 'gone@example.com'");
  expect((await gone.get('/api/me')).status).toBe(401);
});

test('guessing passwords ends after a few attempts, for everybody who asks from there', async () => {
  await addUser(api, 'guessed@example.com', []);
  const guess = () => caller(api).post<ErrorAnswer>('/api/login', { email: 'guessed@example.com', password: 'guess' });
  const answers = await Promise.all(Array.from({ length: signInLimits.account + 3 }, guess));
  const codes = answers.map(({ body }) => body.error.code);
  expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(signInLimits.account);
  const right = await caller(api).post<ErrorAnswer>('/api/login', { email: 'guessed@example.com', password });
  expect(right.status).toBe(429);
  expect(right.body.error.code).toBe('too_many_attempts');
  expect(right.headers.get('retry-after')).toBe('900');
  expect((await signInAs(api, 'ann@example.com')).token).toMatch(/^hoop_cli_/);
});
