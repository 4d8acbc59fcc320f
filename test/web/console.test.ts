import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '#shared/digest.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { buildConsole, type BuiltConsole } from './support/built-console.ts';
import { FakeGateway } from './support/fake-gateway.ts';
import { aSession, outputOf, password, people } from './support/samples.ts';

let built: BuiltConsole;
let browser: Browser;
let gateway: FakeGateway;
let context: BrowserContext;
let page: Page;
/** Errors of the page itself and what the content security policy held back; each test ends with none. */
let complaints: string[];

beforeAll(async () => {
  [built, browser] = await Promise.all([buildConsole(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

beforeEach(async () => {
  gateway = new FakeGateway(built.folder);
  await gateway.start();
  context = await browser.newContext({ baseURL: gateway.url });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Warning:|Maximum update/.test(message.text())) complaints.push(message.text());
  });
});

afterEach(async () => {
  await context?.close();
  await gateway?.stop();
  expect(complaints).toEqual([]);
});

async function signIn(person: keyof typeof people, path = '/'): Promise<void> {
  await page.goto(path);
  await page.getByLabel('E-mail').fill(people[person].email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();
const section = (name: string) => page.getByRole('region', { name, exact: true });
const widerThanScreen = () =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('signing in leads to the page that was asked for', async () => {
  const { detail } = gateway.add(aSession());
  await signIn('sam', `/sessions/${detail.id}`);
  await page.getByRole('heading', { name: 'exec on bash' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/sessions/${detail.id}`);
});

test('signing in never leads to another site', async () => {
  await signIn('sam', '/sign-in?next=//example.com/');
  await page.getByRole('heading', { name: 'Reviews' }).waitFor();
  expect(new URL(page.url()).origin).toBe(gateway.url);
});

test('a wrong password is refused in words and signs nobody in', async () => {
  await page.goto('/');
  await page.getByLabel('E-mail').fill(people.sam.email);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('E-mail or password is wrong.');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
});

test('signing out asks to sign in again', async () => {
  await signIn('sam');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  await page.goto('/reviews');
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(new URL(page.url()).search).toBe('?next=%2Freviews');
});

test('a sign-in that ran out leads to the sign-in page and back', async () => {
  const { detail } = gateway.add(aSession());
  await signIn('sam', `/sessions/${detail.id}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  gateway.signOutEverybody();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(new URL(page.url()).searchParams.get('next')).toBe(`/sessions/${detail.id}`);
});

test('what waits for the reviewer comes first, new requests appear by themselves', async () => {
  gateway.add(aSession({ connection: 'for-billing', groups: ['billing'] }));
  gateway.add(aSession({ connection: 'done', state: 'finished', exitCode: 0 }));
  await signIn('kim');
  await shows('Nothing waits for you.');
  await section('Waiting for others').getByText('for-billing').waitFor();
  await section('Recent').getByText('done').waitFor();
  gateway.add(aSession({ connection: 'for-sre', groups: ['sre'] }));
  await section('Waiting for you')
    .getByRole('link', { name: /for-sre/ })
    .click();
  await page.getByRole('heading', { name: 'exec on for-sre' }).waitFor();
  expect(complaints).toEqual([]);
});

test('approving names the digest that was shown, the group and the comment', async () => {
  const session = gateway.add(aSession());
  await signIn('sam', `/sessions/${session.detail.id}`);
  await shows('0 of 2 groups have approved.');
  await page.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this request' });
  await dialog.getByLabel('Only sre').check();
  await dialog.getByLabel('Comment (optional)').fill('go ahead');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await shows('Your approval counts.');
  await section('Decisions').getByText('go ahead').waitFor();
  await section('Review').getByText('sam@example.com').waitFor();
  expect(gateway.decisions).toEqual([
    { verdict: 'approve', digest: session.detail.digest, force: false, group: 'sre', reason: 'go ahead' },
  ]);
});

test('rejecting needs a reason, which the page then shows', async () => {
  const session = gateway.add(aSession());
  await signIn('kim', `/sessions/${session.detail.id}`);
  await page.getByRole('button', { name: 'Reject' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reject this request' });
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByText('Say why').waitFor();
  expect(gateway.decisions).toEqual([]);
  await dialog.getByLabel('Reason').fill('not on a Friday');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await shows('A reviewer rejected it; nothing ran.');
  await section('Decisions').getByText('not on a Friday').waitFor();
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
});

test('a requester cannot approve, reads why, and can withdraw', async () => {
  const session = gateway.add(aSession());
  await signIn('rosa', `/sessions/${session.detail.id}`);
  const approve = page.getByRole('button', { name: 'Approve' });
  await shows('This is your own request; somebody else has to approve it.');
  expect(await approve.getAttribute('aria-disabled')).toBe('true');
  await approve.press('Enter');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await shows('Its requester withdrew it; nothing ran.');
});

test('a refusal by the gateway is shown in the dialog, with the reason', async () => {
  const session = gateway.add(aSession({ groups: ['sre'] }));
  await signIn('kim', `/sessions/${session.detail.id}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  // Somebody else was faster, and the news has not reached the page.
  session.detail.state = 'cancelled';
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByText('This session is already cancelled.').waitFor();
  await section('State').getByText('Its requester withdrew it; nothing ran.').waitFor();
  expect(session.detail.decisions).toEqual([]);
});

test('a request that changed since it was shown is not decided, but shown again', async () => {
  const session = gateway.add(aSession());
  await signIn('kim', `/sessions/${session.detail.id}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  Object.assign(session.detail, { digest: sha256Hex('changed'), envelopeVersion: 2 });
  session.detail.envelope.args = ['--now-different'];
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await shows(/changed since it was shown to you/);
  await shows('--now-different');
  expect(session.detail.decisions).toEqual([]);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await shows('Your approval counts.');
  expect(gateway.decisions.at(-1)?.digest).toBe(sha256Hex('changed'));
});

test('forcing an approval is offered only where the connection allows it, and needs a reason', async () => {
  const plain = gateway.add(aSession());
  const forcible = gateway.add(aSession({ groups: ['billing'], forceApproveGroups: ['sre'] }));
  await signIn('kim', `/sessions/${plain.detail.id}`);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  expect(await page.getByRole('button', { name: 'Force approval' }).count()).toBe(0);
  await page.goto(`/sessions/${forcible.detail.id}`);
  await page.getByRole('button', { name: 'Force approval' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('site is down');
  await dialog.getByRole('button', { name: 'Force approval' }).click();
  await section('Decisions').getByText('forced', { exact: true }).waitFor();
  expect(gateway.decisions).toMatchObject([{ verdict: 'approve', force: true, reason: 'site is down' }]);
});

test('characters that would hide what a script does are shown by their numbers', async () => {
  const script = 'rm -rf /tmp/x # \u202e skcab\u2066\nls\u200b \u001b[8mhidden';
  const { detail } = gateway.add(
    aSession({ reason: 'harmless \u202e', envelope: { script, args: ['a\u202eb', ''], env: { X: 'y\u0007' } } }),
  );
  await signIn('sam', `/sessions/${detail.id}`);
  const input = page.getByRole('region', { name: 'Standard input' });
  expect(await input.textContent()).toBe('rm -rf /tmp/x # \\u{202e} skcab\\u{2066}\nls\\u{200b} \\u{1b}[8mhidden');
  await shows(/It has 4 characters that would not be visible/);
  const whole = (await page.locator('main').textContent()) ?? '';
  expect(whole).not.toMatch(/[\u202e\u2066\u200b\u001b\u0007]/);
  expect(whole).toContain('a\\u{202e}b');
  expect(whole).toContain('y\\u{7}');
});

test('output appears while it is written, with its exit status at the end', async () => {
  const startedAt = new Date().toISOString();
  const session = gateway.add(
    aSession({ state: 'running', startedAt, output: outputOf(['stdout', 'first line\n'], ['stderr', 'a warning\n']) }),
  );
  await signIn('sam', `/sessions/${session.detail.id}`);
  const output = page.getByRole('region', { name: 'Output' }).locator('pre');
  await output.getByText('a warning').waitFor();
  gateway.write(session, 'second <b>line</b> \u001b[31mred\u001b[0m \u202eend\r\n');
  await eventuallyPasses(async () => {
    expect(await output.textContent()).toBe('first line\na warning\nsecond <b>line</b> red \\u{202e}end\n');
  });
  gateway.change(session, {
    state: 'finished',
    exitCode: 3,
    endedAt: new Date(Date.parse(startedAt) + 4200).toISOString(),
  });
  await section('State').getByText('Exit 3').waitFor();
  await shows('4.2 s');
});

test('a dropped line is taken up again where it was, nothing doubled', async () => {
  const session = gateway.add(
    aSession({ state: 'running', startedAt: new Date().toISOString(), output: outputOf(['stdout', 'before\n']) }),
  );
  await signIn('sam', `/sessions/${session.detail.id}`);
  const output = page.getByRole('region', { name: 'Output' }).locator('pre');
  await output.getByText('before').waitFor();
  await gateway.stop();
  gateway.write(session, 'meanwhile\n');
  await gateway.start();
  await output.getByText('meanwhile').waitFor({ timeout: 20_000 });
  expect(await output.textContent()).toBe('before\nmeanwhile\n');
});

test('output of any length leaves the page small and shows its end', async () => {
  const lines = (from: number) => Array.from({ length: 10_000 }, (_, at) => `line ${from + at}\n`).join('');
  const texts = Array.from({ length: 10 }, (_, at): ['stdout', string] => ['stdout', lines(at * 10_000)]);
  const startedAt = new Date().toISOString();
  const session = gateway.add(aSession({ state: 'running', startedAt }));
  await signIn('sam', `/sessions/${session.detail.id}`);
  await shows('Nothing was written yet.');
  for (const [, text] of texts) gateway.write(session, text);
  const output = page.getByRole('region', { name: 'Output' }).locator('pre');
  await eventuallyPasses(async () => expect(await output.textContent()).toMatch(/line 99999\n$/));
  expect((await output.textContent())?.length).toBeLessThan(600_000);
  expect(await output.locator('*').count()).toBeLessThan(100);
  await shows(/Only the end is shown/);
});

test('while the gateway is away a banner says so, and the page comes back by itself', async () => {
  await signIn('sam');
  await shows('Nothing waits for you.');
  await gateway.stop();
  await shows('The gateway does not answer');
  gateway.add(aSession({ connection: 'meanwhile' }));
  await gateway.start();
  await page.getByRole('link', { name: /meanwhile/ }).waitFor({ timeout: 20_000 });
  await page.getByText('The gateway does not answer').waitFor({ state: 'detached', timeout: 20_000 });
  expect(complaints).toEqual([]);
});

test('the filter of sessions is in the address', async () => {
  gateway.add(aSession({ connection: 'one-waits' }));
  gateway.add(aSession({ connection: 'one-failed', state: 'failed' }));
  await signIn('sam', '/sessions?state=failed');
  await page.getByRole('link', { name: /one-failed/ }).waitFor();
  expect(await page.getByRole('link', { name: /one-waits/ }).count()).toBe(0);
  await page.getByLabel('State').selectOption('Pending');
  await page.getByRole('link', { name: /one-waits/ }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=pending');
});

test('addresses that lead nowhere say so', async () => {
  await signIn('sam', '/no/such/page');
  await page.getByRole('heading', { name: 'No such page' }).waitFor();
  await page.goto('/sessions/00000000-0000-4000-8000-000000000000');
  await page.getByRole('heading', { name: 'No such session' }).waitFor();
  expect(await page.title()).toBe('No such session · hoop');
});

test('no page is wider than a phone', async () => {
  const long = 'x'.repeat(300);
  const { detail } = gateway.add(
    aSession({
      reason: long,
      state: 'finished',
      startedAt: new Date().toISOString(),
      endedAt: new Date().toISOString(),
      exitCode: 0,
      envelope: { script: `echo ${long}`, args: [long], env: { [long]: long }, connectionEnvNames: [long] },
      output: outputOf(['stdout', `${long}${long}\n`]),
    }),
  );
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await signIn('sam', '/reviews');
  await page.getByRole('link', { name: /bash/ }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await page.goto('/sessions');
  await page.getByRole('link', { name: /bash/ }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await page.goto(`/sessions/${detail.id}`);
  await page.getByRole('region', { name: 'Output' }).locator('pre').waitFor();
  expect(await widerThanScreen()).toBe(0);
});

test('a request can be approved by keyboard alone', async () => {
  const { detail } = gateway.add(aSession());
  await signIn('kim', `/sessions/${detail.id}`);
  const approve = page.getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    if (await approve.evaluate((button) => button === document.activeElement)) break;
  }
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Approve this request' });
  await dialog.getByLabel('Comment (optional)').waitFor();
  await page.keyboard.type('fine');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await shows('Your approval counts.');
  expect(gateway.decisions).toMatchObject([{ verdict: 'approve', reason: 'fine' }]);
});
