/** Signing in: at the console, of the command line through it, and of programs by API tokens. */
import { request } from 'node:http';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import pg from 'pg';
import type { Me } from '#shared/api-schemas.ts';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventually } from '#test/support/eventually.ts';
import { distFile, startProcess } from '#test/support/processes.ts';
import { openTerminal } from '#test/support/pty.ts';

let hoop: StackConsole;
let ann: { email: string; password: string };
let cli: string;

beforeAll(async () => {
  hoop = await startConsole();
  [ann, cli] = await Promise.all([hoop.addUser('ann@example.com', ['sre']), distFile('hoop.js')]);
});

afterAll(async () => {
  await hoop?.close();
});

/** A machine of its own, with nobody signed in; BROWSER is a program that keeps the address it is to show. */
async function machine() {
  const home = await mkdtemp(join(tmpdir(), 'hoop-login-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const browser = join(home, 'browser');
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > ${home}/page.tmp && mv ${home}/page.tmp ${home}/page\n`);
  await chmod(browser, 0o755);
  const env = { PATH: process.env['PATH'] ?? '', HOOP_HOME: home, HOOP_API_URL: hoop.stack.apiUrl };
  return {
    inTerminal: (args: string[]) => openTerminal(process.execPath, [cli, ...args], { ...env, BROWSER: browser }),
    run: (args: string[]) => startProcess(process.execPath, [cli, ...args], { env }),
    pageToOpen: () => eventually(() => readFile(join(home, 'page'), 'utf8').catch(() => undefined)),
  };
}

async function signInHere(page: Page, who = ann): Promise<void> {
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const cookieOf = async (page: Page) =>
  (await page.context().cookies()).find(({ name }) => name === 'hoop_session') ??
  Promise.reject(new Error('no cookie'));

const statusWith = async (headers: Record<string, string>) =>
  (await fetch(`${hoop.stack.apiUrl}/api/me`, { headers })).status;

test('a wrong password is said at the form, and nothing typed but it has to be typed again', async () => {
  const page = await hoop.open('/sessions?state=pending');
  await signInHere(page, { ...ann, password: 'wrong' });
  await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor();
  expect(await page.getByLabel('E-mail').inputValue()).toBe(ann.email);
  await expectAccessible(page);
  await page.getByLabel('Password', { exact: true }).fill(ann.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=pending');
  expect(hoop.complaints).toEqual([]);
});

test('each sign-in of a browser has a cookie of its own, which no script reads, and ends the one before', async () => {
  const page = await hoop.signIn('/', ann);
  const first = await cookieOf(page);
  expect(first).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const again = await page.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/login', { method: 'POST', headers, body: JSON.stringify(body) })).status;
    },
    { ...ann, kind: 'web' },
  );
  const second = await cookieOf(page);
  expect({ again, isNew: second.value !== first.value }).toEqual({ again: 200, isNew: true });
  expect(await statusWith({ cookie: `hoop_session=${first.value}` })).toBe(401);
  expect(await statusWith({ cookie: `hoop_session=${second.value}` })).toBe(200);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(await statusWith({ cookie: `hoop_session=${second.value}` })).toBe(401);
  expect(hoop.complaints).toEqual([]);
});

test('hoop login opens the browser; once it is confirmed there, the terminal is signed in', async () => {
  const laptop = await machine();
  const terminal = await laptop.inTerminal(['login']);
  const page = await hoop.open(await laptop.pageToOpen());
  await page.getByText('then you can confirm the sign-in of the command line').waitFor();
  await signInHere(page);
  await page.getByText('Did you start this yourself?').waitFor();
  await page.getByText('127.0.0.1').waitFor();
  await page.getByText(ann.email, { exact: true }).first().waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  await page.getByText(`You are signed in as ${ann.email} in the terminal. You may close this tab.`).waitFor();
  expect(new URL(page.url()).hostname).toBe('127.0.0.1');
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toContain(`Signed in as ${ann.email} (sre)`);
  const whoami = await laptop.run(['whoami']).ended;
  expect(whoami.stdout.toString()).toContain(`email    ${ann.email}`);
  expect(hoop.complaints).toEqual([]);
});

test('a sign-in that is denied in the browser ends hoop login, and its link is of no use any more', async () => {
  const laptop = await machine();
  const terminal = await laptop.inTerminal(['login']);
  const link = new URL(await laptop.pageToOpen());
  const page = await hoop.signIn(link.pathname + link.search, ann);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByRole('heading', { name: 'Not signed in' }).waitFor();
  expect(await terminal.ended).toBe(77);
  expect(terminal.screen()).toContain('This sign-in was denied in the console.');
  await page.goto(link.href);
  await page.getByText('There is nothing to confirm').waitFor();
  expect(await page.getByRole('button', { name: 'Confirm' }).count()).toBe(0);
  expect(hoop.complaints).toEqual([]);
});

test('what comes to the port of hoop login without its state changes nothing', async () => {
  const laptop = await machine();
  const terminal = await laptop.inTerminal(['login']);
  const link = new URL(await laptop.pageToOpen());
  const page = await hoop.signIn(link.pathname + link.search, ann);
  const { rows } = await query('select port from cli_sign_ins where id = $1', [link.searchParams.get('request')]);
  const at = (path: string, host?: string) => fromOutside(Number(rows[0]?.['port']), path, host);
  expect(await at('/callback?code=stolen&state=guessed')).toBe(400);
  expect(await at('/callback?error=access_denied&state=guessed')).toBe(400);
  expect(await at('/callback?code=x', 'evil.example')).toBe(404);
  expect(await at('/')).toBe(404);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  expect(await terminal.ended).toBe(0);
});

test('Ctrl-C leaves hoop login, with status 130 and nobody signed in', async () => {
  const laptop = await machine();
  const terminal = await laptop.inTerminal(['login', '--device']);
  await terminal.shows(/shows the code/);
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(130);
  expect(terminal.screen()).toContain('Not signed in.');
  expect((await laptop.run(['whoami']).ended).code).toBe(77);
});

test('without a browser hoop login shows a code, which is typed and confirmed on another machine', async () => {
  const server = await machine();
  const login = server.run(['login']);
  const [, code = ''] = await login.waitForOutput(/the code ([A-Z]{4}-[A-Z]{4})/);
  const phone = { viewport: { width: 360, height: 740 } };
  const page = await hoop.signIn('/device', ann, phone);
  await page.getByLabel('Code').fill('nonsense');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('No sign-in waits for this code').waitFor();
  await expectAccessible(page);
  await page.getByLabel('Code').fill(code.toLowerCase().replace('-', ' '));
  await page.keyboard.press('Enter');
  await page.getByText('If somebody sent you the code or a link with it, deny').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The terminal is signed in now.').waitFor();
  expect(await login.ended).toMatchObject({ code: 0, stderr: expect.stringContaining(`Signed in as ${ann.email}`) });
  expect((await server.run(['whoami']).ended).stdout.toString()).toContain(ann.email);
  expect(hoop.complaints).toEqual([]);
});

test('the link with the code leads to the same choice, and Deny ends hoop login at once', async () => {
  const server = await machine();
  const login = server.run(['login', '--device']);
  const [, link = ''] = await login.waitForOutput(/(http\S+\/device\?user_code=\S+)/);
  const page = await hoop.open(link);
  await signInHere(page);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('Nobody was signed in.').waitFor();
  expect(await login.ended).toMatchObject({
    code: 77,
    stderr: expect.stringContaining('This sign-in was denied in the console.'),
  });
  expect(hoop.complaints).toEqual([]);
});

test('a code that nobody confirms in time ends hoop login with status 75, and cannot be confirmed', async () => {
  await query('delete from cli_sign_ins');
  const server = await machine();
  const login = server.run(['login', '--device']);
  const [, link = ''] = await login.waitForOutput(/(http\S+\/device\?user_code=\S+)/);
  const { pathname, search } = new URL(link);
  const id = await eventually(async () => {
    const text = 'update cli_sign_ins set expires_at = now() where asked_at is not null returning id';
    return (await query(text)).rows[0]?.['id'];
  });
  // The gateway holds the request of the terminal back, until time or a notice lets it look again.
  await query("select pg_notify('hoop', $1)", [JSON.stringify({ kind: 'sign_in', id })]);
  expect(await login.ended).toMatchObject({
    code: 75,
    stderr: expect.stringContaining('Nobody confirmed this sign-in'),
  });
  const page = await hoop.signIn(pathname + search, ann);
  await page.getByText('This sign-in was not confirmed in time.').waitFor();
  expect(hoop.complaints).toEqual([]);
});

test('an API token is made, copied once, used by a program, and revoked', async () => {
  const page = await hoop.signIn('/tokens', ann);
  await page.getByText('You have no tokens.').waitFor();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText('Give it a name.').waitFor();
  await page.getByLabel('Name').fill('nightly');
  await page.getByLabel('Good for').selectOption('30d');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Make the token' }).click();
  const token = (await page.getByRole('region', { name: 'token' }).innerText()).trim();
  expect(token).toMatch(/^hoop_api_/);
  await expectAccessible(page);

  const bearer = { authorization: `Bearer ${token}` };
  const me = (await (await fetch(`${hoop.stack.apiUrl}/api/me`, { headers: bearer })).json()) as Me;
  expect(me.email).toBe(ann.email);
  const whoami = await hoop.stack.hoop(['whoami'], { token }).ended;
  expect(whoami.stdout.toString()).toContain(ann.email);

  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.reload();
  const row = page.getByRole('row', { name: /nightly/ });
  await row.getByText(/^in (29|30) days$/).waitFor();
  expect(await page.content()).not.toContain(token);
  await row.getByRole('button', { name: 'Revoke nightly' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('You have no tokens.').waitFor();
  expect(await statusWith(bearer)).toBe(401);
  expect(hoop.complaints).toEqual([]);
});

test('admins see the tokens of everybody and make them for others; a token made on the command line is there too', async () => {
  const made = await hoop.stack.hoop(['admin', 'create', 'token', 'deploy', '--expire', '7d']).ended;
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('admin@localhost') });
  const token = made.stdout.toString().trim();
  const refused = await hoop.stack.hoop(['admin', 'create', 'token', 'another'], { token }).ended;
  expect(refused).toMatchObject({ code: 77, stderr: expect.stringContaining('An API token cannot make tokens') });

  const page = await hoop.signIn('/tokens');
  await page.getByRole('row', { name: /deploy/ }).waitFor();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('for ann');
  await page.getByLabel('Acts as').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText('nobody@example.com').first().waitFor();
  await page.getByLabel('Acts as').fill(ann.email);
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText('Copy it now').waitFor();
  await page.getByText("Everybody's").click();
  await page
    .getByRole('row', { name: /for ann/ })
    .getByText(ann.email)
    .waitFor();
  await expectAccessible(page);
  const listed = await hoop.stack.hoop(['admin', 'list', 'tokens']).ended;
  expect(listed.stdout.toString()).toMatch(/for ann +ann@example.com/);
  expect((await hoop.stack.hoop(['admin', 'delete', 'token', 'deploy']).ended).code).toBe(0);
  await page.getByRole('row', { name: /deploy/ }).waitFor({ state: 'detached' });
  expect(await statusWith({ authorization: `Bearer ${token}` })).toBe(401);
  expect(hoop.complaints).toEqual([]);
});

async function query(text: string, values: unknown[] = []): Promise<pg.QueryResult<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: hoop.stack.databaseUrl });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(text, values);
  } finally {
    await client.end();
  }
}

/** As a page elsewhere may ask this machine. */
async function fromOutside(port: number, path: string, host = `127.0.0.1:${port}`): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}
