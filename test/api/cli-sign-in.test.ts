/** `hoop login` through the console: codes that go to 127.0.0.1, and codes that people type. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Me } from '#shared/api-schemas.ts';
import { paths } from '#shared/api-paths.ts';
import type { BrowserSignInStarted, DeviceSignInStarted, SignInRequestView } from '#shared/sign-in-schemas.ts';
import { cliSignInLimits } from '#core/start-cli-sign-in.ts';
import { eventually } from '#test/support/eventually.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';

let api: TestApi;
/** Added to the gateway's clock, which goes as it does unless a test lets it stand still. */
let later = 0;
let stoppedAt: number | undefined;
beforeAll(async () => {
  api = await startApi({
    adjust: (deps) => ({ ...deps, core: { ...deps.core, now: () => new Date((stoppedAt ?? Date.now()) + later) } }),
  });
  await addUser(api, 'ann@example.com', []);
  await addUser(api, 'admin@example.com', ['admin']);
});
afterAll(() => api.stop());
afterEach(async () => {
  later = 0;
  stoppedAt = undefined;
  await api.db.query('delete from sign_in_attempts');
});

const base64url = (data: Buffer) => data.toString('base64url');
const host = 'ann-laptop';
const newState = () => base64url(randomBytes(32));
const newVerifier = () => base64url(randomBytes(32));
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

async function console(email = 'ann@example.com'): Promise<Caller> {
  return caller(api, { cookie: await cookieOf(api, email), origin: api.url });
}

async function askBrowser() {
  const [verifier, state] = [newVerifier(), newState()];
  const input = { host, challenge: challengeOf(verifier), state, port: 45_678 };
  const { status, body } = await caller(api).post<BrowserSignInStarted>(paths.browserSignIn, input);
  expect({ status, expiresIn: body.expiresIn }).toEqual({ status: 200, expiresIn: 600 });
  const request = new URL(body.url).searchParams.get('request') ?? '';
  return { verifier, state, request, url: body.url };
}

async function confirmedBrowser(ann: Caller) {
  const asked = await askBrowser();
  const { body } = await ann.post<{ redirectTo: string }>(paths.browserSignInDecide, {
    request: asked.request,
    verdict: 'confirm',
  });
  const redirect = new URL(body.redirectTo);
  return { ...asked, redirect, code: redirect.searchParams.get('code') ?? '' };
}

const exchange = (code: string, verifier: string) =>
  caller(api).post<{ token: string; user: Me } & ErrorAnswer>(paths.browserSignInToken, { code, verifier });

async function askDevice(): Promise<DeviceSignInStarted> {
  return (await caller(api).post<DeviceSignInStarted>(paths.deviceSignIn, { host })).body;
}

const fetchToken = (deviceCode: string, wait?: number) =>
  caller(api).post<{ token: string; user: Me } & ErrorAnswer>(paths.deviceSignInToken, { deviceCode, wait });

const decideDevice = (by: Caller, userCode: string, verdict: 'confirm' | 'deny') =>
  by.post<ErrorAnswer>(paths.deviceSignInDecide, { userCode, verdict });

test('a confirmed sign-in sends its code to 127.0.0.1, and the code with its verifier is worth a token', async () => {
  const ann = await console();
  const { url, request, state, verifier } = await askBrowser();
  expect(url).toBe(`${api.url}/cli?request=${request}`);
  const { body: view } = await ann.post<SignInRequestView>(paths.browserSignInOpen, { request });
  expect(view).toMatchObject({ host, address: '127.0.0.1', email: 'ann@example.com' });
  const decided = await ann.post<{ redirectTo: string }>(paths.browserSignInDecide, { request, verdict: 'confirm' });
  const redirect = new URL(decided.body.redirectTo);
  expect(`${redirect.origin}${redirect.pathname}`).toBe('http://127.0.0.1:45678/callback');
  expect(redirect.searchParams.get('state')).toBe(state);

  const { status, body } = await exchange(redirect.searchParams.get('code') ?? '', verifier);
  expect({ status, email: body.user.email }).toEqual({ status: 200, email: 'ann@example.com' });
  const me = await caller(api, { authorization: `Bearer ${body.token}` }).get<Me>('/api/me');
  expect(me.body.email).toBe('ann@example.com');
});

test('a code works once', async () => {
  const { code, verifier } = await confirmedBrowser(await console());
  expect((await exchange(code, verifier)).status).toBe(200);
  const again = await exchange(code, verifier);
  expect({ status: again.status, code: again.body.error.code }).toEqual({ status: 400, code: 'invalid_grant' });
});

test('a code is nothing without its verifier, and a wrong one uses it up', async () => {
  const { code, verifier } = await confirmedBrowser(await console());
  expect((await exchange(code, newVerifier())).body.error.code).toBe('invalid_grant');
  expect((await exchange(code, verifier)).body.error.code).toBe('invalid_grant');
});

test('a code that waits for more than a minute is nothing', async () => {
  const { code, verifier } = await confirmedBrowser(await console());
  later = (cliSignInLimits.codeSeconds + 1) * 1000;
  expect((await exchange(code, verifier)).body.error.code).toBe('invalid_grant');
});

test('a request names a port and nothing else of where the code goes', async () => {
  const good = { host, challenge: challengeOf(newVerifier()), state: newState(), port: 45_678 };
  const wrong = [
    { redirectUri: 'https://evil.example/callback' },
    { port: 0 },
    { port: '1@evil.example' },
    { state: 'a b' },
    { challenge: 'plain' },
    { host: 'x'.repeat(101) },
  ];
  for (const change of wrong) {
    const { status, body } = await caller(api).post<ErrorAnswer>(paths.browserSignIn, { ...good, ...change });
    expect({ change, status, code: body.error.code }).toEqual({ change, status: 400, code: 'invalid_input' });
  }
});

test('a denied sign-in tells the machine, and is over', async () => {
  const ann = await console();
  const { request, state } = await askBrowser();
  const denied = await ann.post<{ redirectTo: string }>(paths.browserSignInDecide, { request, verdict: 'deny' });
  expect(denied.body.redirectTo).toBe(`http://127.0.0.1:45678/callback?error=access_denied&state=${state}`);
  const after = await ann.post<ErrorAnswer>(paths.browserSignInDecide, { request, verdict: 'confirm' });
  expect({ status: after.status, code: after.body.error.code }).toEqual({ status: 410, code: 'sign_in_over' });
});

test('nobody confirms but a person in the console, from its own pages', async () => {
  const { request } = await askBrowser();
  const { userCode } = await askDevice();
  const cookie = await cookieOf(api, 'ann@example.com');
  const byToken = await signInAs(api, 'ann@example.com');
  const refused = [
    { by: caller(api), code: 'not_signed_in' },
    { by: caller(api, { cookie }), code: 'origin_refused' },
    { by: caller(api, { cookie, origin: 'https://evil.example' }), code: 'origin_refused' },
    { by: byToken, code: 'not_allowed' },
  ];
  for (const { by, code } of refused) {
    const browser = await by.post<ErrorAnswer>(paths.browserSignInDecide, { request, verdict: 'confirm' });
    const device = await decideDevice(by, userCode, 'confirm');
    expect([browser.body.error.code, device.body.error.code]).toEqual([code, code]);
  }
  const ann = await console();
  expect((await ann.post(paths.browserSignInOpen, { request })).status).toBe(200);
  expect((await ann.post(paths.deviceSignInOpen, { userCode })).status).toBe(200);
});

test('a device asks until somebody confirms its code, and gets its token once', async () => {
  const ann = await console();
  const { deviceCode, userCode, verificationUri, verificationUriComplete, interval } = await askDevice();
  expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  expect([verificationUri, verificationUriComplete]).toEqual([
    `${api.url}/device`,
    `${api.url}/device?user_code=${userCode}`,
  ]);
  expect((await fetchToken(deviceCode)).body.error.code).toBe('authorization_pending');
  const { body: view } = await ann.post<SignInRequestView>(paths.deviceSignInOpen, {
    userCode: userCode.toLowerCase().replace('-', ' '),
  });
  expect(view).toMatchObject({ host, address: '127.0.0.1', email: 'ann@example.com' });
  expect((await decideDevice(ann, userCode, 'confirm')).status).toBe(204);
  later = interval * 1000;
  const { status, body } = await fetchToken(deviceCode);
  expect({ status, email: body.user.email }).toEqual({ status: 200, email: 'ann@example.com' });
  later = interval * 2000;
  expect((await fetchToken(deviceCode)).body.error.code).toBe('invalid_grant');
});

test('a device that asks too often is told to slow down, and to keep to it', async () => {
  stoppedAt = Date.now();
  const { deviceCode, interval } = await askDevice();
  expect((await fetchToken(deviceCode)).body.error.code).toBe('authorization_pending');
  expect((await fetchToken(deviceCode)).body.error.code).toBe('slow_down');
  later = interval * 1000 + 100;
  expect((await fetchToken(deviceCode)).body.error.code).toBe('slow_down');
  later += (interval + 10) * 1000 + 100;
  expect((await fetchToken(deviceCode)).body.error.code).toBe('authorization_pending');
});

test('an answer that is held back comes as soon as somebody decides', async () => {
  const ann = await console();
  for (const verdict of ['confirm', 'deny'] as const) {
    const { deviceCode, userCode } = await askDevice();
    const held = fetchToken(deviceCode, 20);
    await eventually(
      async () =>
        (await api.db.query('select 1 from cli_sign_ins where asked_at is not null and verdict is null')).rows[0],
    );
    await decideDevice(ann, userCode, verdict);
    const { status, body } = await held;
    if (verdict === 'confirm')
      expect({ status, email: body.user.email }).toEqual({ status: 200, email: 'ann@example.com' });
    else expect(body.error.code).toBe('access_denied');
  }
});

test('a device code that nobody confirms in time is nothing', async () => {
  const ann = await console();
  const { deviceCode, userCode } = await askDevice();
  later = cliSignInLimits.seconds * 1000 + 1;
  expect((await decideDevice(ann, userCode, 'confirm')).body.error.code).toBe('sign_in_over');
  expect((await fetchToken(deviceCode)).body.error.code).toBe('expired_token');
});

test('codes cannot be guessed: after a few wrong ones the right one is refused too', async () => {
  const ann = await console();
  const { userCode } = await askDevice();
  for (let n = 0; n < cliSignInLimits.wrongCodes; n += 1) {
    expect((await decideDevice(ann, 'BBBB-BBBB', 'confirm')).body.error.code).toBe('sign_in_unknown');
  }
  expect((await decideDevice(ann, userCode, 'confirm')).body.error.code).toBe('too_many_attempts');
  expect((await decideDevice(await console('admin@example.com'), userCode, 'confirm')).status).toBe(204);
});

test.each([
  { what: 'whose time is over', passes: cliSignInLimits.seconds * 1000 + 1, before: undefined },
  { what: 'that was decided before', passes: 0, before: 'confirm' as const },
])('a code $what is no wrong guess, however often it is typed', async ({ passes, before }) => {
  const ann = await console();
  const { userCode } = await askDevice();
  if (before) expect((await decideDevice(ann, userCode, before)).status).toBe(204);
  later = passes;
  for (let n = 0; n <= cliSignInLimits.wrongCodes; n += 1) {
    const { body } =
      n % 2 === 0
        ? await decideDevice(ann, userCode, 'confirm')
        : await ann.post<ErrorAnswer>(paths.deviceSignInOpen, { userCode });
    expect(body.error.code).toBe('sign_in_over');
  }
  later = 0;
  const next = await askDevice();
  expect((await decideDevice(ann, next.userCode, 'confirm')).status).toBe(204);
});

test('one address asks for so many sign-ins and no more', async () => {
  await askDevice();
  await api.db.query('update sign_in_attempts set attempts = $1', [cliSignInLimits.perAddress]);
  expect((await caller(api).post<ErrorAnswer>(paths.deviceSignIn, { host })).body.error.code).toBe('too_many_attempts');
});

test('what was confirmed and not fetched ends with the password, and with the person', async () => {
  const admin = await signInAs(api, 'admin@example.com');
  const email = 'changing@example.com';
  await addUser(api, email, []);
  for (const change of [{ password: 'another password' }, { active: false }]) {
    await admin.post('/api/users', { email, active: true, password, overwrite: true });
    const { code, verifier } = await confirmedBrowser(await console(email));
    expect((await admin.post('/api/users', { email, ...change, overwrite: true })).status).toBe(200);
    expect((await exchange(code, verifier)).body.error.code).toBe('invalid_grant');
  }
});

test('neither the database nor the log holds a code', async () => {
  const { code, verifier, state } = await confirmedBrowser(await console());
  const { deviceCode, userCode } = await askDevice();
  await exchange(code, verifier);
  await fetchToken(deviceCode);
  await decideDevice(await console(), userCode, 'confirm');
  const rows = JSON.stringify((await api.db.query('select * from cli_sign_ins')).rows);
  const audit = JSON.stringify((await api.db.query('select * from audit_log')).rows);
  const logged = JSON.stringify(api.logs);
  expect(logged).toContain(paths.deviceSignInDecide);
  for (const secret of [code, verifier, deviceCode, userCode, userCode.replace('-', '')]) {
    expect([rows, audit, logged].map((text) => text.includes(secret))).toEqual([false, false, false]);
  }
  expect(logged).not.toContain(state);
});

test('the sign-in page is told how people can sign in', async () => {
  expect((await caller(api).get(paths.signInMethods)).body).toEqual([{ kind: 'password' }]);
});
