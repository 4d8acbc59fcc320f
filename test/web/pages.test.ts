import { expect, test } from 'vitest';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { aSession, outputOf, people } from './support/samples.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

const widerThanScreen = () =>
  ui.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('signing in leads to the page that was asked for', async () => {
  const { detail } = ui.gateway.add(aSession());
  await ui.signIn('sam', `/sessions/${detail.id}`);
  await ui.page.getByRole('heading', { name: 'exec on bash' }).waitFor();
  expect(new URL(ui.page.url()).pathname).toBe(`/sessions/${detail.id}`);
});

test('signing in never leads to another site', async () => {
  await ui.signIn('sam', '/sign-in?next=//example.com/');
  await ui.page.getByRole('heading', { name: 'Reviews' }).waitFor();
  expect(new URL(ui.page.url()).origin).toBe(ui.gateway.url);
});

test('a wrong password is refused in words and signs nobody in', async () => {
  await ui.page.goto('/');
  await ui.page.getByLabel('E-mail').waitFor();
  await ui.page.locator('[name=email]:focus').waitFor();
  await ui.page.getByLabel('E-mail').fill(people.sam.email);
  await ui.page.getByLabel('Password', { exact: true }).fill('wrong');
  await ui.page.getByRole('button', { name: 'Sign in' }).click();
  expect(await ui.page.getByRole('alert').textContent()).toContain('E-mail or password is wrong.');
  expect(new URL(ui.page.url()).pathname).toBe('/sign-in');
});

test('signing out asks to sign in again', async () => {
  await ui.signIn('sam');
  await ui.page.getByRole('button', { name: 'Sign out' }).click();
  await ui.page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  await ui.page.goto('/reviews');
  await ui.page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(new URL(ui.page.url()).search).toBe('?next=%2Freviews');
});

test('a sign-in that ran out leads to the sign-in page and back', async () => {
  const { detail } = ui.gateway.add(aSession());
  await ui.signIn('sam', `/sessions/${detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  // with the decision, not before it: whatever else the page asks for would tell
  await ui.page.route('**/decisions', (route) => {
    ui.gateway.signOutEverybody();
    return route.continue();
  });
  await ui.dialogButton('Approve').click();
  await ui.page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  expect(new URL(ui.page.url()).searchParams.get('next')).toBe(`/sessions/${detail.id}`);
});

test('what waits for the reviewer comes first, new requests appear by themselves', async () => {
  ui.gateway.add(aSession({ connection: 'for-billing', groups: ['billing'] }));
  ui.gateway.add(aSession({ connection: 'done', state: 'finished', exitCode: 0 }));
  await ui.signIn('kim');
  await ui.shows('Nothing waits for you.');
  await ui.section('Waiting for others').getByText('for-billing').waitFor();
  await ui.section('Recent').getByText('done').waitFor();
  ui.gateway.add(aSession({ connection: 'for-sre', groups: ['sre'] }));
  await ui.section('Waiting for you').getByRole('link').waitFor();
  expect(await ui.page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'Waiting for you',
    'Waiting for others',
    'Recent',
  ]);
  await ui
    .section('Waiting for you')
    .getByRole('link', { name: /for-sre/ })
    .click();
  await ui.page.getByRole('heading', { name: 'exec on for-sre' }).waitFor();
});

test('while the gateway is away a banner says so, and the page comes back by itself', async () => {
  await ui.signIn('sam');
  await ui.shows('Nothing waits for you.');
  ui.gateway.goAway();
  await ui.shows('The gateway does not answer');
  ui.gateway.add(aSession({ connection: 'meanwhile' }));
  ui.gateway.comeBack();
  await ui.page.getByRole('link', { name: /meanwhile/ }).waitFor();
  await ui.page.getByText('The gateway does not answer', { exact: true }).waitFor({ state: 'detached' });
  expect(await ui.page.getByRole('alert').count()).toBe(0);
});

test('the filter of sessions is in the address', async () => {
  ui.gateway.add(aSession({ connection: 'one-waits' }));
  ui.gateway.add(aSession({ connection: 'one-failed', state: 'failed' }));
  await ui.signIn('sam', '/sessions?state=failed');
  await ui.page.getByRole('link', { name: /one-failed/ }).waitFor();
  expect(await ui.page.getByRole('link', { name: /one-waits/ }).count()).toBe(0);
  await ui.page.getByRole('button', { name: 'Without: Failed' }).click();
  await ui.page.getByRole('button', { name: 'State Any' }).click();
  await ui.page.getByRole('checkbox', { name: 'Pending' }).check();
  await ui.page.getByRole('link', { name: /one-failed/ }).waitFor({ state: 'detached' });
  await ui.page.getByRole('link', { name: /one-waits/ }).waitFor();
  expect(new URL(ui.page.url()).search).toBe('?state=pending');
});

test('a list of sessions shows the latest answer about a row, whichever arrives last', async () => {
  ui.gateway.add(aSession({ connection: 'stays', state: 'running' }));
  const moving = ui.gateway.add(aSession({ connection: 'moves', state: 'queued' }));
  let asked = 0;
  let letGo = () => undefined as void;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await ui.page.route(/\/api\/sessions\?.*id=/, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  await ui.signIn('sam', '/sessions?state=running');
  const row = (name: string) => ui.page.getByRole('link', { name: new RegExp(name) });
  await row('stays').waitFor();
  // as often as it takes for the page to be following
  await eventually(() => asked > 0 || (ui.gateway.change(moving, { state: 'queued' }), false), { everyMs: 200 });
  await eventually(
    () =>
      row('moves')
        .isVisible()
        .then((shown) => shown || (ui.gateway.change(moving, { state: 'running' }), false)),
    { everyMs: 500 },
  );
  const answered = ui.page.waitForResponse(/\/api\/sessions\?.*id=/);
  letGo();
  await (await answered).finished();
  ui.gateway.add(aSession({ connection: 'comes', state: 'running' }));
  await row('comes').waitFor();
  expect(await row('moves').count()).toBe(1);
});

/** Sessions of more than a page, the first named on top. */
const addRunning = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const createdAt = new Date(Date.now() - (60 + index) * 1000).toISOString();
    return ui.gateway.add(
      aSession({ connection: `conn-${index}-`, state: 'running', createdAt, startedAt: createdAt }),
    );
  });
const listed = () => ui.page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: 'conn-' });
const showOlder = () => ui.page.getByRole('button', { name: 'Show older ones' });

test('a row that changes while older ones are on their way stays as it is now, and they come', async () => {
  const [first] = addRunning(70);
  const aRow = /\/api\/sessions\?.*id=/;
  const older = /\/api\/sessions\?.*before=/;
  const held = { rows: [] as (() => void)[], older: [] as (() => void)[] };
  await ui.page.route(aRow, (route) => void held.rows.push(() => void route.fallback()));
  await ui.page.route(older, (route) => void held.older.push(() => void route.fallback()));
  await ui.signIn('sam', '/sessions');
  await eventuallyPasses(async () => expect(await listed().count()).toBe(50));
  const row = listed().filter({ hasText: 'conn-0-' });
  let exitCode = 0;
  const exits = () => first && ui.gateway.change(first, { state: 'finished', exitCode: ++exitCode });
  // as often as it takes for the page to be following
  await eventually(() => held.rows.length > 0 || (exits(), false), { everyMs: 1000 });
  await showOlder().click();
  await eventually(() => held.older.length > 0);
  await ui.page.unroute(aRow);
  for (const answer of held.rows) answer();
  const badge = row.getByText(`Exit ${exitCode}`, { exact: true });
  await badge.waitFor();
  await ui.page.unroute(older);
  for (const answer of held.older) answer();
  await eventuallyPasses(async () => expect(await listed().count()).toBe(70));
  expect(await badge.count()).toBe(1);
});

test('whoever chooses another filter while older ones are on their way gets no older ones of that', async () => {
  const [first] = addRunning(120);
  await ui.signIn('sam', '/sessions');
  await eventuallyPasses(async () => expect(await listed().count()).toBe(50));
  await ui.page.getByRole('button', { name: 'State Any' }).click();
  await ui.page.getByRole('checkbox', { name: 'Running' }).check();
  await ui.page.waitForURL(/state=running/);
  await eventuallyPasses(async () => expect(await listed().count()).toBe(50));
  await ui.page.keyboard.press('Escape');
  const older: string[] = [];
  await ui.page.route(/\/api\/sessions\?.*before=/, (route) => {
    older.push(new URL(route.request().url()).search);
    if (!route.request().url().includes('state=')) return route.fallback();
  });
  await showOlder().click();
  await eventually(() => older.length > 0);
  await ui.page.getByRole('button', { name: 'Without: Running' }).click();
  await eventuallyPasses(() => expect(new URL(ui.page.url()).search).toBe(''));
  // what the page does of itself is over once it follows what happens
  await eventually(
    async () =>
      ((await listed().filter({ hasText: 'conn-0-' }).textContent()) ?? '').includes('Exit 3') ||
      (first && ui.gateway.change(first, { state: 'finished', exitCode: 3 }), false),
    { everyMs: 1000 },
  );
  expect(older.filter((search) => !search.includes('state='))).toEqual([]);
  expect(await listed().count()).toBe(50);
});

test('addresses that lead nowhere say so', async () => {
  await ui.signIn('sam', '/no/such/page');
  await ui.page.getByRole('heading', { name: 'No such page' }).waitFor();
  await ui.page.goto('/sessions/00000000-0000-4000-8000-000000000000');
  await ui.page.getByRole('heading', { name: 'No such session' }).waitFor();
  await eventuallyPasses(async () => expect(await ui.page.title()).toBe('No such session · hoop'));
});

test('no page is wider than a phone', async () => {
  const long = 'x'.repeat(300);
  const { detail } = ui.gateway.add(
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
  await ui.page.setViewportSize({ width: 360, height: 740 });
  await ui.page.goto('/sign-in');
  await ui.page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await ui.signIn('sam', '/reviews');
  await ui.page.getByRole('link', { name: /bash/ }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await ui.page.goto('/sessions');
  await ui.page.getByRole('link', { name: /bash/ }).waitFor();
  expect(await widerThanScreen()).toBe(0);
  await ui.page.goto(`/sessions/${detail.id}`);
  await ui.page.getByRole('region', { name: 'Output' }).locator('pre').waitFor();
  expect(await widerThanScreen()).toBe(0);
});
