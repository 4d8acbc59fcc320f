/** Connections on pages: made, explained, refused, edited by two, and followed by those who wait on them. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventually } from '#test/support/eventually.ts';

let hoop: StackConsole;

beforeAll(async () => {
  hoop = await startConsole();
}, 120_000);

afterAll(async () => {
  await hoop?.close();
});

const cli = async (...args: string[]) => {
  const running = hoop.stack.hoop(args);
  running.child.stdin.end();
  const { code, stdout, stderr } = await running.ended;
  return { code, stdout: stdout.toString(), stderr };
};
const make = async (name: string, ...options: string[]) => {
  const end = await cli('admin', 'create', 'conn', name, '--agent', 'default', ...options);
  expect(end.stderr + end.stdout).toContain(`Connection ${name} saved`);
};
const shown = async (name: string) => JSON.parse((await cli('admin', 'get', 'conn', name, '-o', 'json')).stdout);
const field = (page: Page, name: string): Locator =>
  page.getByRole('textbox', { name, exact: true }).or(page.getByRole('combobox', { name, exact: true }));
const sentence = (page: Page): Locator => page.getByRole('status', { name: 'What must happen' });
const savedNote = (page: Page): Locator => page.getByRole('status').filter({ hasText: 'Saved.' });
const reads = (locator: Locator, text: string) =>
  eventually(async () => (await locator.textContent()) === text, {
    describe: () => text,
  });
async function choose(page: Page, label: string, groups: string[]): Promise<void> {
  for (const group of groups) {
    await field(page, label).fill(group);
    await field(page, label).press('Enter');
  }
}

test('a connection that is made on a page runs its words as they were shown, for whoever asks by command line', async () => {
  const page = await hoop.signIn('/admin/connections');
  await page.getByRole('link', { name: 'New connection' }).click();
  await page.getByRole('heading', { name: 'New connection' }).waitFor();
  // nothing is complained of before anything was written; then it is, by the field
  await page.getByRole('button', { name: 'Create the connection' }).click();
  await page.getByText('must be 1 to 63 lower-case letters', { exact: false }).first().waitFor();
  await field(page, 'Name').fill('greet');
  await field(page, 'Agent').selectOption('default');
  await field(page, 'Command').fill(`sh -c 'echo "hello $1"`);
  await page.getByText("A quotation mark ' is not closed.").waitFor();
  await field(page, 'Command').fill(`sh -c 'echo "hello $1"' greet`);
  const words = page.getByRole('list', { name: 'Words of the command' }).getByRole('listitem');
  await words.nth(3).waitFor();
  expect(await words.allTextContents()).toEqual(['sh', '-c', 'echo "hello $1"', 'greet']);
  await page.getByRole('button', { name: 'Add a tag' }).click();
  await page.getByLabel('Name of tag 1').fill('team');
  await page.getByLabel('Value of tag 1').fill('welcome');
  await field(page, 'Most output of a command').fill('1MB');
  await reads(sentence(page), 'Nobody has to approve; requests wait at most 1d.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Create the connection' }).click();
  await page.getByRole('heading', { name: 'greet', level: 1 }).waitFor();

  const ran = await cli('exec', 'greet', '--', 'world');
  expect([ran.code, ran.stdout]).toEqual([0, 'hello world\n']);
  expect(await shown('greet')).toMatchObject({
    command: ['sh', '-c', 'echo "hello $1"', 'greet'],
    tags: { team: 'welcome' },
    maxOutput: 1024 ** 2,
    accessModes: ['exec', 'connect'],
  });

  await page.getByRole('link', { name: 'Connections', exact: true }).first().click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('welcome');
  const list = page.getByRole('list', { name: 'Connections' });
  await list.getByRole('link', { name: /greet/ }).waitFor();
  await list.getByRole('link', { name: /bash/ }).waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?q=welcome');
  await page.getByText('Nobody has to approve.').waitFor();
  await expectAccessible(page);
}, 90_000);

test('the policy is one sentence that changes as it is edited, and the command line says the same', async () => {
  await make('careful', '--', 'sh');
  const page = await hoop.signIn('/admin/connections/careful');
  await reads(sentence(page), 'Nobody has to approve; requests wait at most 1d.');
  await choose(page, 'Reviewer groups', ['admin', 'sre']);
  await reads(
    sentence(page),
    'One person of admin and one of sre must approve (who is in several of these groups counts for each); nobody approves their own request; requests wait at most 1d.',
  );
  await page.getByRole('checkbox', { name: 'A different person for each group' }).check();
  await page.getByRole('checkbox', { name: 'Who asks must give a reason' }).check();
  await choose(page, 'Groups that may force an approval', ['admin']);
  await field(page, 'Time window').fill('mon-fri 22:00-02:00 utc');
  await field(page, 'Requests wait at most').fill('96h');
  const whole =
    'One person of admin and one of sre must approve, two different people; nobody approves their own request; members of admin may force it alone with a reason; who asks must give a reason; approved commands begin on Mon-Fri between 22:00 and 02:00 UTC; requests wait at most 4d.';
  await reads(sentence(page), whole);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(page).waitFor();
  expect((await cli('admin', 'get', 'conn', 'careful')).stdout).toContain(whole);
  await expectAccessible(page);
}, 90_000);

test('what cannot work is refused by the field in the words of the gateway, nothing is saved and nothing typed is lost', async () => {
  await make('strict', '--', 'sh');
  const page = await hoop.signIn('/admin/connections/strict');
  await field(page, 'Time window').fill('22:00-02:00 UTC');
  await field(page, 'Requests wait at most').fill('1h');
  await field(page, 'People who must approve, at least').fill('2');
  await page.getByText('A minimum of approvals needs reviewer groups.').waitFor();
  const closed = /Requests expire after 1h, and the time window 22:00-02:00 UTC is closed for up to 20h/;
  await page.getByText(closed).waitFor();
  expect(await field(page, 'Time window').getAttribute('aria-invalid')).toBe('true');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Nothing was saved' }).waitFor();
  expect(await shown('strict')).toMatchObject({ revision: 1, window: null, minApprovals: 0 });
  expect(await field(page, 'Time window').inputValue()).toBe('22:00-02:00 UTC');
  expect(await field(page, 'Requests wait at most').inputValue()).toBe('1h');
  expect(
    (await cli('admin', 'create', 'conn', 'strict', '--overwrite', '--window', '22:00-02:00 UTC', '--expire', '1h'))
      .stderr,
  ).toMatch(closed);

  // a group that was never heard of is refused, one without members is a warning
  await choose(page, 'Reviewer groups', ['srre']);
  await page.getByText(/Nobody was ever in srre/).waitFor();
  await field(page, 'Reviewer groups').press('Backspace');
  expect((await cli('admin', 'create', 'user', 'gone@example.com', '--groups', 'emptied')).code).toBe(0);
  expect((await cli('admin', 'create', 'user', 'gone@example.com', '--overwrite', '--groups', '')).code).toBe(0);
  await choose(page, 'Reviewer groups', ['emptied']);
  await page.getByText('Nobody can complete a review today: nobody is in emptied.').waitFor();
  await page.getByText('emptied: nobody').waitFor();
  await field(page, 'Requests wait at most').fill('21h');
  await page.getByText(closed).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(page).waitFor();
  expect(await shown('strict')).toMatchObject({
    ...{ window: '22:00-02:00 UTC', minApprovals: 2, reviewers: ['emptied'], expire: '21h' },
    warnings: ['Nobody can complete a review today: nobody is in emptied.'],
  });
}, 90_000);

test('two who edit a connection at once see what the other changed, and neither undoes it', async () => {
  await make('shared', '--tags', 'team=x', '--', 'sh');
  const one = await hoop.signIn('/admin/connections/shared');
  const other = await one.context().newPage();
  await other.goto('/admin/connections/shared');
  await field(other, 'Commands at once').fill('3');
  await one.getByLabel('Value of tag 1').fill('y');
  await one.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(one).waitFor();
  const notice = other.getByRole('alert').filter({ hasText: 'Somebody changed this connection' });
  await notice.getByText('team=y').waitFor();
  expect(await notice.textContent()).toContain('Tags: team=x became team=y');
  // who saves all the same is refused
  const [refused] = await Promise.all([
    other.waitForResponse((response) => response.request().method() !== 'GET' && response.status() === 409),
    other.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  expect(await refused.text()).toContain('connection_outdated');
  expect((await shown('shared')).maxRuns).toBe(0);
  await notice.waitFor();
  await notice.getByRole('button', { name: 'Take it over and keep my changes' }).click();
  expect(await other.getByLabel('Value of tag 1').inputValue()).toBe('y');
  expect(await field(other, 'Commands at once').inputValue()).toBe('3');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(other).waitFor();
  expect(await shown('shared')).toMatchObject({ tags: { team: 'y' }, maxRuns: 3 });
  // who has typed nothing just sees it
  await eventually(async () => (await field(one, 'Commands at once').inputValue()) === '3');
}, 90_000);

test('a request that waits is asked for anew when its command changes on the page, and who asked reads so', async () => {
  await make('gate', '--reviewers', 'sre', '--', 'sh');
  const asked = hoop.stack.hoop(['exec', 'gate', '-i', 'echo hi']);
  onTestFinished(async () => void (await asked.kill()));
  await asked.waitForOutput(/sre/, 60_000);
  const page = await hoop.signIn('/admin/connections/gate');
  await field(page, 'Command').fill('sh -x');
  await page.getByText('1 request that waits asks its reviewers again, and who asked is told.').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(page).waitFor();
  await asked.waitForOutput(
    /connection was changed by admin@localhost \(command\): approvals so far do not count; reviewers are asked again/,
    60_000,
  );
  const [session] = JSON.parse((await cli('sessions', 'list', '-o', 'json')).stdout);
  expect(session).toMatchObject({ connection: 'gate', envelopeVersion: 2, state: 'pending' });
}, 90_000);

test('values of variables reach the command and come back to nobody', async () => {
  await make('secretive', '--', 'sh', '-c', 'echo "$FIRST/$SECOND"');
  const page = await hoop.signIn('/admin/connections/secretive');
  const answers: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/connections')) answers.push(response.text().catch(() => ''));
  });
  const add = async (row: number, name: string, value: string) => {
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel(`Name of variable ${row}`).fill(name);
    await page.getByLabel(`Value of variable ${row}`).fill(value);
  };
  await add(1, 'FIRST', 'one-of-the-secrets');
  await add(2, 'SECOND', 'another-of-the-secrets');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await savedNote(page).waitFor();
  const set = page.getByRole('list', { name: 'Variables that are set' });
  await set.getByText('FIRST').waitFor();
  expect(await page.content()).not.toContain('of-the-secrets');
  expect((await cli('exec', 'secretive')).stdout).toBe('one-of-the-secrets/another-of-the-secrets\n');

  await set.getByRole('button', { name: 'Replace FIRST' }).click();
  await page.getByLabel('Value of variable 1').fill('newest-of-the-secrets');
  await set.getByRole('button', { name: 'Remove SECOND' }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await set.getByText('SECOND').waitFor({ state: 'detached' });
  expect((await cli('exec', 'secretive')).stdout).toBe('newest-of-the-secrets/\n');
  await page.reload();
  await set.getByText('FIRST').waitFor();
  expect(await page.content()).not.toContain('of-the-secrets');
  // a name that begins like one that is set is typed to its end
  await page.getByRole('button', { name: 'Add a variable' }).click();
  await page.getByLabel('Name of variable 1').pressSequentially('FIRST_BORN');
  expect(await page.getByLabel('Name of variable 1').inputValue()).toBe('FIRST_BORN');
  const texts = await Promise.all(answers);
  expect(texts.join('')).toContain('"envNames":["FIRST"]');
  expect(texts.join('')).not.toContain('of-the-secrets');
}, 90_000);

test('a connection is deleted after one more question; other people than admins keep none', async () => {
  await make('doomed', '--', 'sh');
  const page = await hoop.signIn('/admin/connections/doomed', undefined, { viewport: { width: 360, height: 740 } });
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete the connection doomed?' });
  await dialog.getByText(/Requests that wait on it end as failed/).waitFor();
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor();
  await page.getByRole('link', { name: /doomed/ }).waitFor({ state: 'detached' });
  expect((await cli('admin', 'get', 'conn', 'doomed')).stderr).toContain('There is no connection doomed');

  const person = await hoop.addUser('sam@example.com', ['dev']);
  const other = await hoop.signIn('/admin/connections', person);
  await other.getByText('Only members of the group admin may keep connections.', { exact: false }).waitFor();
  expect(hoop.complaints).toEqual([]);
}, 90_000);
