import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, password, startApi, type TestApi } from '#test/api/support/api.ts';
import { signInAs } from '#test/api/support/client.ts';
import { askToRun, chunk, finish, moveTo, store } from '#test/api/support/sessions.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { buildPage, type BuiltPage } from '#test/support/built-page.ts';
import { makeAgent, makeConnection } from '#test/support/rows.ts';
import { collectComplaints } from './support/use-console.ts';

// The fake gateway says what its schemas allow; here the real API serves the console and answers it.
let built: BuiltPage;
let browser: Browser;
let api: TestApi;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [built, browser] = await Promise.all([buildPage('vite.web.config.ts'), launchBrowser()]);
  api = await startApi({ webRoot: built.folder });
  await addUser(api, 'ann@example.com', ['admin', 'sre']);
  await addUser(api, 'bob@example.com', []);
  page = await browser.newPage({ baseURL: api.url });
  page.setDefaultTimeout(30_000);
  await collectComplaints(page, complaints);
});

afterAll(async () => {
  await browser?.close();
  await api?.stop();
  await built?.remove();
});

test('a request is seen arriving, approved, and its output read to the end', async () => {
  // The first page of an installation with nothing in it is another.
  await page.goto('/reviews');
  await page.getByLabel('E-mail').fill('ann@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Nothing waits for you.').waitFor();

  await makeConnection(api.db, (await makeAgent(api.db)).id, { policy: { groups: ['admin', 'sre'] } });
  const asked = await askToRun(await signInAs(api, 'bob@example.com'), { script: 'ls -l\n', reason: 'to look' });
  api.feed.publish(asked.id, { kind: 'state' });
  await page.getByRole('region', { name: 'Waiting for you' }).getByRole('link', { name: /bash/ }).click();
  expect(await page.getByRole('region', { name: 'Standard input' }).textContent()).toBe('ls -l\n');
  expect(new URL(page.url()).pathname).toBe(new URL(asked.url).pathname);

  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('2 of 2 groups have approved.').waitFor();

  await moveTo(api, asked.id, 'queued');
  await moveTo(api, asked.id, 'running');
  await page.getByText('The command is running.').waitFor();
  await store(api, asked.id, [chunk(0, 'total 0\n'), chunk(8, 'oops\n', 'stderr')]);
  await finish(api, asked.id, 2);
  await page.getByRole('region', { name: 'State' }).getByText('Exit 2').waitFor();
  await page.getByRole('region', { name: 'Output' }).locator('pre').getByText('oops').waitFor();
  expect(await page.getByRole('region', { name: 'Output' }).locator('pre').textContent()).toBe('total 0\noops\n');
});

test('signing out of the console ends the sign-in', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(await page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
});

test('the browser had nothing to complain about', () => {
  expect(complaints).toEqual([]);
});
