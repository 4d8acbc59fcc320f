/** The frame of the console: who sees which pages, and how one moves between them on a phone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startConsole, type StackConsole } from '#test/support/console.ts';

let hoop: StackConsole;

beforeAll(async () => {
  hoop = await startConsole();
});

afterAll(async () => {
  await hoop?.close();
});

test('on a phone the pages are behind a button, and choosing one closes the menu', async () => {
  const page = await hoop.signIn('/', undefined, { viewport: { width: 360, height: 740 } });
  const menu = page.getByRole('navigation', { name: 'Pages' });
  await page.getByRole('heading', { name: 'Reviews', level: 1 }).waitFor();
  expect(await menu.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Pages' }).click();
  await menu.getByRole('link', { name: 'Sessions' }).click();
  await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
  await menu.waitFor({ state: 'hidden' });
  expect(hoop.complaints).toEqual([]);
});
