/** Parts of the console that are gone since an upgrade of the gateway. */
import { expect, test } from 'vitest';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

test('a page whose part is gone offers to load the console again, which brings it', async () => {
  await ui.signIn('sam', '/reviews');
  await ui.shows('Nothing waits for you.');
  const parts = /\/assets\/welcome-.*/;
  await ui.page.route(parts, (route) => route.fulfill({ status: 404, body: '{}' }));
  await ui.page.evaluate(() => {
    history.pushState(null, '', '/welcome');
  });
  await ui.page.getByText('This page could not be fetched').waitFor();
  expect(await ui.page.getByRole('navigation', { name: 'Pages' }).isVisible()).toBe(true);

  // the rest of the console goes on
  await ui.page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await ui.page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();

  await ui.page.goBack();
  await ui.page.getByText('This page could not be fetched').waitFor();
  await ui.page.unroute(parts);
  await ui.page.getByRole('button', { name: 'Load it again' }).click();
  await ui.page.getByRole('heading', { name: 'First steps', level: 1 }).waitFor();
});
