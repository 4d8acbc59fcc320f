/** Users and groups in the console: what an admin changes there counts elsewhere at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import type { Page } from 'playwright-core';

let hoop: StackConsole;
let admin: Page;

beforeAll(async () => {
  hoop = await startConsole();
  admin = await hoop.signIn('/admin/users');
  await admin.getByRole('table', { name: 'Users' }).waitFor();
});

afterAll(async () => {
  expect(hoop?.complaints ?? []).toEqual([]);
  await hoop?.close();
});

const openUser = async (email: string) => {
  await admin.goto(`/admin/users?user=${encodeURIComponent(email)}`);
  await admin.getByRole('form', { name: 'Change the user' }).waitFor();
};
const groupsField = () => admin.getByRole('combobox', { name: 'Groups' });
const save = () => admin.getByRole('button', { name: 'Save', exact: true }).click();
const isSaved = async (email: string) => {
  await admin.getByText(`${email} is saved.`).waitFor();
  await admin.getByRole('dialog').waitFor({ state: 'hidden' });
};

test('a user who was made with a password on the page signs in with it elsewhere', async () => {
  await admin.getByRole('button', { name: 'New user' }).click();
  const form = admin.getByRole('form', { name: 'New user' });
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByText('Write an e-mail address').waitFor();
  await form.getByLabel('E-mail').fill('dana@example.com');
  await form.getByLabel('Name').fill('Dana Diaz');
  await form.getByLabel('Groups').fill('dev');
  await form.getByLabel('Groups').press('Enter');
  await form.getByLabel('Slack id').fill('U0BOB00002'); // of another, who came with the first start
  await form.getByLabel('Make one, and show it once it is saved').check();
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByText('U0BOB00002 belongs to bob@localhost').waitFor();
  expect(await form.getByLabel('Name').inputValue()).toBe('Dana Diaz');
  await form.getByLabel('Slack id').fill('');
  await form.getByRole('button', { name: 'Create' }).click();
  const password = (await admin.getByRole('region', { name: 'the password' }).textContent()) ?? '';
  await admin.getByRole('button', { name: 'I have it' }).click();
  await isSaved('dana@example.com');
  await admin.getByRole('row', { name: 'dana@example.com Dana Diaz dev' }).waitFor();

  const dana = await hoop.signIn('/reviews', { email: 'dana@example.com', password });
  await dana.getByRole('heading', { name: 'Reviews', level: 1 }).waitFor();
  await dana.goto('/admin/users');
  await dana.getByText('Only members of the group admin may keep users').waitFor();
  await dana.context().close();
});

test('a group given on the page counts at the next decision, and one taken away too', async () => {
  const eli = await hoop.addUser('eli@example.com', ['dev']);
  const { child, waitForOutput, ended } = hoop.stack.hoop(['exec', 'bash', '-i', 'echo decided', '--detach']);
  child.stdin.end();
  const id = (await waitForOutput(/[0-9a-f]{8}-[0-9a-f-]{27}/))[0];
  await ended;
  await openUser('eli@example.com');
  await groupsField().fill('sre');
  await groupsField().press('Enter');
  await save();
  await isSaved('eli@example.com');
  const page = await hoop.signIn(`/sessions/${id}`, eli);
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  const allowed = page.locator('button[aria-disabled="false"]', { hasText: 'Approve' });
  await allowed.first().waitFor();
  const seen = await page.request.get(`/api/sessions/${id}`);
  expect(await seen.json()).toMatchObject({ myGroups: ['sre'], can: { approve: { allowed: true } } });

  await openUser('eli@example.com');
  await groupsField().press('Backspace'); // sre
  await groupsField().press('Backspace'); // dev
  await save();
  await isSaved('eli@example.com');
  await page.reload();
  await page
    .getByText(/no such session/i)
    .first()
    .waitFor();
  expect((await page.request.get(`/api/sessions/${id}`)).status()).toBe(404);
  await page.context().close();
});

test('deactivating somebody signs them out in their own browser, and activating lets them in again', async () => {
  const finn = await hoop.addUser('finn@example.com', ['dev']);
  const page = await hoop.signIn('/reviews', finn);
  await openUser(finn.email);
  await admin.getByRole('button', { name: 'Deactivate…' }).click();
  await admin.getByText('Their sign-ins end at once').waitFor();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Deactivate', exact: true }).click();
  await admin.getByText('finn@example.com is deactivated.').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  await page.getByLabel('E-mail').fill(finn.email);
  await page.getByLabel('Password', { exact: true }).fill(finn.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor();

  await openUser(finn.email);
  await admin.getByRole('button', { name: 'Activate…' }).click();
  await admin.getByRole('button', { name: 'Activate', exact: true }).click();
  await admin.getByText('finn@example.com is active again.').waitFor();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.context().close();
});

test('a form begins with what others changed, and sends none of what they change meanwhile', async () => {
  await hoop.addUser('gina@example.com', ['dev']);
  const form = admin.getByRole('form', { name: 'Change the user' });
  await openUser('gina@example.com');
  await form.getByText('dev', { exact: true }).waitFor();
  await admin.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' });
  await hoop.addUser('gina@example.com', ['dev', 'ops']);
  const answers: (() => void)[] = [];
  await admin.route('**/api/users/gina*', (route) => void answers.push(() => void route.fallback()));
  await admin.getByRole('button', { name: 'gina@example.com' }).click();
  await eventuallyPasses(() => expect(answers.length).toBeGreaterThan(0));
  expect(await form.count()).toBe(0);
  await admin.unroute('**/api/users/gina*');
  for (const answer of answers) answer();
  await form.getByText('ops', { exact: true }).waitFor();

  await hoop.addUser('gina@example.com', ['dev', 'ops', 'sre']);
  await admin.getByRole('row', { name: /gina@example.com.*sre/, includeHidden: true }).waitFor();
  await form.getByLabel('Name').fill('Gina Gold');
  await save();
  await isSaved('gina@example.com');
  await admin.getByRole('row', { name: /gina@example.com Gina Gold dev ops sre/ }).waitFor();
});

test('groups given in a form are given to the user as they are now: what another admin took away stays away', async () => {
  await hoop.addUser('gus@example.com', ['admin', 'dev', 'old']);
  await openUser('gus@example.com');
  const form = admin.getByRole('form', { name: 'Change the user' });
  await form.getByText('old', { exact: true }).waitFor();
  await groupsField().press('Backspace'); // old
  await groupsField().fill('ops');
  await groupsField().press('Enter');
  await form.getByText('ops', { exact: true }).waitFor();
  await admin.evaluate(
    async (change) => {
      const body = JSON.stringify(change);
      await fetch('/api/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    },
    { email: 'gus@example.com', groups: ['dev', 'old', 'sre'], active: false, overwrite: true },
  );
  // what the form is about has come to it
  await admin.getByText('The account is deactivated').waitFor();
  await save();
  await isSaved('gus@example.com');
  const saved = await admin.request.get('/api/users/gus%40example.com');
  expect(((await saved.json()) as { groups: string[] }).groups.toSorted()).toEqual(['dev', 'ops', 'sre']);
});

test('the last admin who can sign in cannot be locked out', async () => {
  await openUser('admin@localhost');
  await admin.getByRole('button', { name: 'Deactivate…' }).click();
  await admin.getByRole('button', { name: 'Deactivate', exact: true }).click();
  await admin.getByRole('alert').getByText('admin@localhost is the last active member of admin').waitFor();
  await openUser('admin@localhost');
  await groupsField().press('Backspace');
  await admin.getByText('Without the group admin you cannot come back').waitFor();
  await save();
  await admin.getByText('admin@localhost is the last active member of admin').waitFor();
  await openUser('admin@localhost');
  await admin.getByRole('button', { name: 'Delete…' }).click();
  await admin.getByRole('button', { name: 'Delete', exact: true }).click();
  await admin.getByRole('alert').getByText('admin@localhost is the last active member of admin').waitFor();
  const me = await admin.request.get('/api/me');
  expect(await me.json()).toMatchObject({ email: 'admin@localhost', admin: true });
});

test('the list is filtered by what stands in the address, which a reload keeps', async () => {
  await admin.goto('/admin/users');
  const table = admin.getByRole('table', { name: 'Users' });
  await table.getByText('bob@localhost').waitFor();
  await admin.getByLabel('Search').fill('carol');
  await table.getByText('bob@localhost').waitFor({ state: 'hidden' });
  await table.getByText('carol@localhost').waitFor();
  await admin.waitForURL(/search=carol/);
  await admin.reload();
  await table.getByText('carol@localhost').waitFor();
  expect(await table.getByText('bob@localhost').isVisible()).toBe(false);
  expect(await admin.getByLabel('Search').inputValue()).toBe('carol');
  await admin.getByLabel('Status').selectOption('deactivated');
  await admin.getByText('No user fits all of this.').waitFor();
  await admin.getByRole('button', { name: 'Show all' }).click();
  await table.getByText('bob@localhost').waitFor();
  await expectAccessible(admin);
});

test('groups name their members and what they review; one leads to its members', async () => {
  await admin.getByRole('tab', { name: 'Groups' }).click();
  await admin.getByRole('row', { name: /^sre \d+ bash$/ }).waitFor();
  await expectAccessible(admin);
  await admin.getByRole('link', { name: 'sre', exact: true }).click();
  const table = admin.getByRole('table', { name: 'Users' });
  await table.getByText('carol@localhost').waitFor();
  await table.getByText('admin@localhost').waitFor({ state: 'hidden' });
  expect(new URL(admin.url()).searchParams.get('group')).toBe('sre');
});

test('on a phone nothing is out of sight to the right', async () => {
  const phone = await hoop.signIn('/admin/users', undefined, { viewport: { width: 360, height: 740 } });
  await phone.getByText('carol@localhost').waitFor();
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await expectAccessible(phone);
  await phone.context().close();
});
