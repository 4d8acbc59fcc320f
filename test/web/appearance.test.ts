/** How the console looks in a browser: chosen once, and so from the first thing that is shown. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const light = 'rgb(255, 255, 255)';
const dark = 'rgb(36, 36, 36)';

async function choose(scheme: 'Auto' | 'Light' | 'Dark'): Promise<void> {
  await ui.page.getByRole('radiogroup', { name: 'Appearance' }).getByText(scheme, { exact: true }).click();
}

test('the choice of light or dark is kept, and holds before the console is there', async () => {
  await ui.page.emulateMedia({ colorScheme: 'light' });
  await ui.signIn('sam');
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(light));
  await choose('Dark');
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(dark));

  const scripts: (() => void)[] = [];
  await ui.page.route(/assets\/index-.*\.js/, (route) => void scripts.push(() => void route.continue()));
  await ui.page.reload({ waitUntil: 'commit' });
  await eventuallyPasses(async () => expect(scripts).toHaveLength(1));
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(dark));
  expect(await ui.page.locator('#root').innerHTML()).toBe('');
  scripts[0]?.();
  await ui.page.getByRole('heading', { name: 'Reviews' }).waitFor();
  expect(await background(ui.page)).toBe(dark);
});

test('without a choice the console follows the system', async () => {
  await ui.page.emulateMedia({ colorScheme: 'dark' });
  await ui.signIn('sam');
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(dark));
  await ui.page.emulateMedia({ colorScheme: 'light' });
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(light));
  await choose('Light');
  await ui.page.emulateMedia({ colorScheme: 'dark' });
  await choose('Auto');
  await eventuallyPasses(async () => expect(await background(ui.page)).toBe(dark));
});
