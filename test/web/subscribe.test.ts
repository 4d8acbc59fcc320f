import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createApp } from '#api/app.ts';
import { createSignInWaiters } from '#api/sign-in-waiters.ts';
import { createMetrics } from '#api/metrics.ts';
import { createKeyboards } from '#api/relay/keyboards.ts';
import { createSessionFeed } from '#api/relay/session-feed.ts';
import { hashPassword } from '#core/passwords.ts';
import { findSlackIdentity, updateUser } from '#db/users.ts';
import {
  click,
  createWorld,
  decisionsOf,
  messages,
  OPS,
  requestReview,
  shownText,
  startConnected,
  userOf,
  type World,
} from '#test/slack/world.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { buildPage, type BuiltPage } from '#test/support/built-page.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { makeUser } from '#test/support/rows.ts';
import { collectComplaints } from './support/use-console.ts';

const password = 'correct horse battery';
const dave = 'dave@example.com';

let built: BuiltPage;
let browser: Browser;
let passwordHash: string;

beforeAll(async () => {
  [built, browser, passwordHash] = await Promise.all([
    buildPage('vite.web.config.ts'),
    launchBrowser(),
    hashPassword(password),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

/** hoop with its console, connected to the sandbox; Dave can sign in and no Slack account is his. */
async function startConsole(view: BrowserContextOptions = {}) {
  const world = await createWorld();
  await startConnected(world);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world.core.publicUrl = url;
  const requests: string[] = [];
  server.on('request', ({ url: asked, headers }) => requests.push(`${asked} ${headers.referer ?? ''}`));
  const deps = {
    core: world.core,
    feed: createSessionFeed(),
    keyboards: createKeyboards([]),
    signIns: createSignInWaiters(),
    version: '0.0.0-test',
    webRoot: built.folder,
  };
  server.on('request', createApp({ ...deps, metrics: createMetrics(), readiness: async () => [] }));
  onTestFinished(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });
  const user = await makeUser(world.db, dave, ['admin', 'sre'], { passwordHash });
  const context = await browser.newContext({ baseURL: url, ...view });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  await collectComplaints(page, complaints);
  return { world, url, page, user, requests, complaints };
}

/** Types `/hoop subscribe` in the sandbox and gives the link of the answer. */
async function askForLink(world: World, as = 'dave'): Promise<string> {
  const links = async (): Promise<string[]> => {
    const found: string[] = [];
    JSON.stringify(
      (await messages(world, as)).filter((m) => m.ephemeral),
      (key, value: unknown) => {
        if (key === 'url' && typeof value === 'string' && value.includes('/slack/subscribe#')) found.push(value);
        return value;
      },
    );
    return found;
  };
  const before = (await links()).length;
  await world.control.post('command', { as, channel: 'ops', command: '/hoop', text: 'subscribe' });
  return eventually(async () => (await links())[before], { describe: 'a link' });
}

async function signIn(page: Page, email = dave): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const confirmButton = (page: Page) => page.getByRole('button', { name: 'Confirm' });

test('from the command over the link, the sign-in and Confirm to a click on Approve that counts', async () => {
  const { world, url, page, user, requests, complaints } = await startConsole();
  const link = await askForLink(world);
  await page.goto(link);
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  await page.getByText('you can confirm that your Slack account is yours').waitFor();
  await page.reload();
  await signIn(page);

  await page.getByRole('heading', { name: 'Your Slack account' }).waitFor();
  const who = page.getByRole('region', { name: 'Who is who' });
  await who.waitFor();
  expect(await who.innerText()).toMatch(/@dave U0DAVE0004\s+Workspace\s+Sandbox\s+In hoop\s+dave@example\.com/);
  await page.getByText('Did you ask for this link yourself?').waitFor();
  expect(await findSlackIdentity(world.db, user.id)).toBeUndefined();
  await confirmButton(page).click();
  await page.getByRole('status').getByText('Done').waitFor();

  expect(await findSlackIdentity(world.db, user.id)).toMatchObject({ slackId: 'U0DAVE0004', teamId: 'T0SANDBOX0' });
  await eventuallyPasses(async () =>
    expect(shownText(await messages(world, 'dave', 'dm'))).toContain('You are now dave@example.com in hoop'),
  );
  const sessionId = await requestReview(world);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  expect(await click(world, 'dave', 'approve')).toMatchObject({ acked: true });
  expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve', userEmail: dave, via: 'slack' }]);

  // the token was in no address that the gateway, or the browser's history, saw
  const token = link.split('#')[1] ?? '';
  expect(token).not.toBe('');
  expect(requests.filter((line) => line.includes(token))).toEqual([]);
  expect(page.url()).toBe(`${url}/slack/subscribe`);
  await page.reload();
  await page.getByText('U0DAVE0004').waitFor();
  expect(await page.evaluate(() => window.sessionStorage.length)).toBe(0);
  expect(complaints).toEqual([]);
});

test('by keyboard on a phone: the page fits, and Enter on Confirm binds', async () => {
  const { world, page, user } = await startConsole({ viewport: { width: 360, height: 740 } });
  await page.goto(await askForLink(world));
  await signIn(page);
  await confirmButton(page).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await confirmButton(page).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Done').waitFor();
  await page.locator('[role=status]:focus').waitFor();
  expect(await findSlackIdentity(world.db, user.id)).toMatchObject({ slackId: 'U0DAVE0004' });
});

test('an account that counts already is named before another takes its place, and both accounts are told', async () => {
  const { world, page } = await startConsole();
  await updateUser(world.db, (await userOf(world, 'bob')).id, { passwordHash });
  await page.goto(await askForLink(world));
  await signIn(page, 'bob@example.com');
  await page.getByText('It takes the place of another account').waitFor();
  await page.getByText('U0BOB00002').waitFor();
  await confirmButton(page).click();
  await page.getByRole('status').getByText('Done').waitFor();
  await eventuallyPasses(async () => {
    expect(shownText(await messages(world, 'bob', 'dm'))).toContain('You are not bob@example.com in hoop any more');
    expect(shownText(await messages(world, 'dave', 'dm'))).toContain('You are now bob@example.com in hoop');
  });
});

test('an account of somebody else cannot be confirmed, and the page says what to do', async () => {
  const { world, page } = await startConsole();
  await page.goto(await askForLink(world, 'carol'));
  await signIn(page);
  const said = page.getByRole('alert');
  await said.getByText('belongs to another hoop user').waitFor();
  expect(await said.innerText()).toContain('c…@example.com');
  expect(await said.innerText()).toContain('/hoop unsubscribe');
  expect(await page.content()).not.toContain('carol@example.com');
  expect(await confirmButton(page).count()).toBe(0);
});

test('a link that is over says so; the next one, opened in the same tab, works', async () => {
  const { world, page } = await startConsole();
  const [old, fresh] = [await askForLink(world), await askForLink(world)];
  await page.goto(old);
  await signIn(page);
  await page.getByRole('alert').getByText('A newer link took the place of this one').waitFor();
  expect(await confirmButton(page).count()).toBe(0);
  await page.evaluate((hash) => (window.location.hash = hash), new URL(fresh).hash);
  await confirmButton(page).waitFor();
  await page.getByRole('link', { name: 'Leave it' }).click();
  await page.getByRole('heading', { name: 'Reviews' }).waitFor();
});

test('a link that is confirmed elsewhere while the page is open is refused, and the page shows how things are', async () => {
  const { world, page } = await startConsole();
  // Live updates fetch the link anew when their line opens: the page would know before the click.
  await page.route('/api/events', (route) => route.abort());
  await page.goto(await askForLink(world));
  await signIn(page);
  await confirmButton(page).waitFor();
  await world.db.query('update slack_links set used_at = now()');
  await confirmButton(page).click();
  await page.getByRole('alert').getByText('This link cannot be used').waitFor();
  await page.getByText('This link was confirmed before').waitFor();
  expect(await confirmButton(page).count()).toBe(0);
});

test('without a link the page says where to get one', async () => {
  const { page } = await startConsole();
  await page.goto('/slack/subscribe');
  await signIn(page);
  await page.getByText('No Slack account counts as you yet.').waitFor();
  await page.getByText('/hoop subscribe').waitFor();
});
