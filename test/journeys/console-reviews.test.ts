/** Reviewers at work in the console of a whole hoop: requests of the real command line, decided by keyboard and on a phone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import type { RunningProcess } from '#test/support/processes.ts';

let hoop: StackConsole;
let ria: Page;
const people = {} as Record<'ria' | 'rob' | 'lea' | 'otto', { email: string; password: string }>;

beforeAll(async () => {
  hoop = await startConsole();
  people.ria = await hoop.addUser('ria@example.com', ['ops']);
  people.rob = await hoop.addUser('rob@example.com', ['ops']);
  people.lea = await hoop.addUser('lea@example.com', ['leads']);
  people.otto = await hoop.addUser('otto@example.com', ['others']);
  const rules = ['--reviewers', 'ops', '--force-approve-groups', 'leads'];
  const made = hoop.stack.hoop(['admin', 'create', 'conn', 'shell', '--agent', 'default', ...rules, '--', 'bash']);
  expect((await made.ended).code).toBe(0);
  ria = await hoop.signIn('/reviews', people.ria);
}, 180_000);

afterAll(async () => {
  await hoop?.close();
});

/** `hoop exec` by the local admin, who is in none of the groups that review `shell`. */
async function ask(script: string, ...more: string[]): Promise<{ run: RunningProcess; id: string }> {
  const run = hoop.stack.hoop(['exec', 'shell', '-i', script, ...more]);
  const [, id = ''] = await run.waitForOutput(/sessions\/([0-9a-f-]{36})/, 60_000);
  return { run, id };
}

async function detailOf(id: string): Promise<SessionDetail> {
  const headers = { authorization: `Bearer ${hoop.stack.adminToken}` };
  return (await fetch(`${hoop.stack.apiUrl}/api/sessions/${id}`, { headers })).json() as Promise<SessionDetail>;
}

const waitingRow = (page: Page, id: string) =>
  page.getByRole('region', { name: 'Waiting for you' }).locator(`[data-review="${id}"]`);
/** The row that has the keyboard. */
const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['review'] ?? null);
const focuses = (page: Page, id: string) => eventuallyPasses(async () => expect(await focused(page)).toBe(id));
/** Writes into the dialog once it has the keyboard, and sends it off. */
async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('dialog').locator('textarea:focus').waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Control+Enter');
}
const titled = (page: Page, title: string) => eventuallyPasses(async () => expect(await page.title()).toBe(title));

test('a request arrives in an open inbox, is approved by keyboard, and the waiting command prints its output', async () => {
  await ria.getByText('Nothing waits for you.').waitFor();
  const { run, id } = await ask('echo from the inbox; exit 3', '--reason', 'to see it arrive');
  const row = waitingRow(ria, id);
  await row.getByText('to see it arrive').waitFor();
  await row.getByText('echo from the inbox; exit 3').waitFor();
  await row.getByText(/^expires /).waitFor();
  await titled(ria, '(1) Reviews · hoop');
  await ria.getByRole('link', { name: /Reviews.*1 waiting for you/ }).waitFor();
  await expectAccessible(ria);

  await ria.keyboard.press('j');
  await focuses(ria, id);
  await ria.keyboard.press('a');
  const dialog = ria.getByRole('dialog', { name: 'Approve this request' });
  await dialog.getByRole('region', { name: 'Standard input' }).getByText('echo from the inbox; exit 3').waitFor();
  await expectAccessible(ria);
  await say(ria, 'go on');
  await ria.getByText('Your approval counts.').waitFor();
  const end = await run.ended;
  expect([end.code, end.stdout.toString()]).toEqual([3, 'from the inbox\n']);
  await ria.getByText('Nothing waits for you.').waitFor();
  await titled(ria, 'Reviews · hoop');
  await ria.getByRole('region', { name: 'Recent' }).getByText('Exit 3').waitFor();
});

test('after a decision the keyboard is at the next request; a reject ends the waiting command with its reason', async () => {
  const [first, second] = [await ask('echo first'), await ask('echo second')];
  await waitingRow(ria, second.id).waitFor();
  await waitingRow(ria, first.id).waitFor();
  await ria.getByRole('heading', { name: 'Reviews', level: 1 }).focus();
  // the newest is on top
  await ria.keyboard.press('j');
  await focuses(ria, second.id);
  await ria.keyboard.press('j');
  await focuses(ria, first.id);
  await ria.keyboard.press('k');
  await focuses(ria, second.id);
  await ria.keyboard.press('r');
  await ria.getByRole('dialog', { name: 'Reject this request' }).getByLabel('Reason').waitFor();
  await say(ria, 'rather not');
  await ria.getByText('You rejected this request.').waitFor();
  const end = await second.run.ended;
  expect(end.code).toBe(77);
  expect(end.stderr).toMatch(/ria.*rather not/is);
  await focuses(ria, first.id);
  await ria.keyboard.press('a');
  await ria.getByRole('dialog').getByText('echo first').waitFor();
  await say(ria, '');
  expect((await first.run.ended).stdout.toString()).toBe('first\n');
  await ria.getByText('Nothing waits for you.').waitFor();
});

test('what a script hides is shown by its numbers, and what is long is read on its page before it is approved', async () => {
  const script = `: ${'\u202e'}fdp.exe ${'\u200b'}\n${Array.from({ length: 40 }, (_, at) => `echo ${at}\n`).join('')}`;
  const { run, id } = await ask(script);
  await waitingRow(ria, id).getByText('\\u{202e}').waitFor();
  await ria.getByRole('heading', { name: 'Reviews', level: 1 }).focus();
  await ria.keyboard.press('j');
  await focuses(ria, id);
  await ria.keyboard.press('a');
  await ria.getByText('This request is too long for the list.').waitFor();
  expect(new URL(ria.url()).pathname).toBe(`/sessions/${id}`);
  const input = ria.getByRole('region', { name: 'Standard input' });
  await input.locator('[class^="tok-"]').first().waitFor();
  expect(await input.textContent()).toBe(script.replace('\u202e', '\\u{202e}').replace('\u200b', '\\u{200b}'));
  await ria.getByText('It has 2 characters that would not be visible').waitFor();
  await ria.getByText('One person of ops must approve; nobody approves their own request').waitFor();
  await expectAccessible(ria);
  await ria.keyboard.press('a');
  await ria.getByRole('dialog', { name: 'Approve this request' }).waitFor();
  await say(ria, '');
  await ria.getByText('Your approval counts.').waitFor();
  expect((await run.ended).stdout.toString()).toMatch(/^0\n1\n2\n[^]*39\n$/);
  await ria.getByRole('link', { name: '← Reviews' }).click();
});

test('a grant is approved for less than was asked', async () => {
  const answer = await fetch(`${hoop.stack.apiUrl}/api/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hoop.stack.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ connection: 'shell', kind: 'connect', duration: '30m', reason: 'to look around' }),
  });
  const { id } = (await answer.json()) as SessionView;
  await waitingRow(ria, id).getByText('connect for 30m').waitFor();
  await waitingRow(ria, id).focus();
  await ria.keyboard.press('a');
  const dialog = ria.getByRole('dialog', { name: 'Approve this request' });
  await dialog.getByLabel('For how long').fill('10m');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await ria.getByText('Your approval counts.').waitFor();
  const { startedAt, activeUntil } = await eventually(
    async () => {
      const detail = await detailOf(id);
      return detail.activeUntil === null ? undefined : detail;
    },
    { describe: 'the grant is active' },
  );
  const lasts = Date.parse(activeUntil ?? '') - Date.parse(startedAt ?? '');
  expect(Math.round(lasts / 60_000)).toBe(10);
});

test('a force needs a reason and is marked; who asked reads why they cannot approve', async () => {
  const { run, id } = await ask('echo forced');
  const admin = await hoop.signIn(`/sessions/${id}`);
  await admin.getByText('This is your own request; somebody else has to approve it.').waitFor();
  await admin.keyboard.press('a');
  await admin.getByRole('status').getByText('This is your own request; somebody else has to approve it.').waitFor();
  expect(await admin.getByRole('button', { name: 'Approve' }).getAttribute('aria-disabled')).toBe('true');

  const lea = await hoop.signIn(`/sessions/${id}`, people.lea);
  await lea.getByText('Only members of ops review this request, and you are in none of them.').waitFor();
  await lea.getByRole('button', { name: 'Force approval' }).click();
  const dialog = lea.getByRole('dialog', { name: 'Force the approval' });
  await dialog.getByRole('button', { name: 'Force approval' }).click();
  await dialog.getByText('Say why: the requester will read it.').waitFor();
  await dialog.getByLabel('Reason').fill('the site is down');
  await dialog.getByRole('button', { name: 'Force approval' }).click();
  expect((await run.ended).stdout.toString()).toBe('forced\n');
  const decisions = lea.getByRole('region', { name: 'Decisions' });
  await decisions.getByText('forced', { exact: true }).waitFor();
  await decisions.getByText('the site is down').waitFor();
  await admin.getByRole('region', { name: 'Decisions' }).getByText('forced', { exact: true }).waitFor();
  await Promise.all([admin.context().close(), lea.context().close()]);
});

test('of two who decide at once the second is told who was first', async () => {
  const { run, id } = await ask('echo once');
  const rob = await hoop.signIn(`/sessions/${id}`, people.rob);
  await rob.getByRole('button', { name: 'Reject' }).click();
  await rob.getByRole('dialog').getByLabel('Reason').fill('too late');
  await waitingRow(ria, id).focus();
  await ria.keyboard.press('a');
  await ria.getByRole('dialog').getByText('echo once').waitFor();
  await say(ria, '');
  expect((await run.ended).stdout.toString()).toBe('once\n');
  await rob.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
  await rob.getByText(/This session has already ended \(finished\)\..*ria@example\.com\) approved it/).waitFor();
  expect((await detailOf(id)).decisions.map(({ by, verdict }) => [by.email, verdict])).toEqual([
    ['ria@example.com', 'approve'],
  ]);
  await rob.context().close();
});

test('the link of the message in Slack leads through the sign-in to the request, on a phone too', async () => {
  const run = hoop.stack.hoop(['exec', 'bash', '-i', 'echo linked']);
  const [, id = ''] = await run.waitForOutput(/sessions\/([0-9a-f-]{36})/, 60_000);
  const message = await hoop.stack.sandbox.message('ops', 'bob', id);
  const [link = ''] = new RegExp(`http[^"]*/sessions/${id}`).exec(JSON.stringify(message.blocks)) ?? [];
  const sre = await hoop.addUser('sid@example.com', ['sre', 'admin']);
  const phone = await hoop.open(link, { viewport: { width: 360, height: 740 } });
  await phone.getByLabel('E-mail').fill(sre.email);
  await phone.getByLabel('Password', { exact: true }).fill(sre.password);
  await phone.getByRole('button', { name: 'Sign in', exact: true }).click();
  await phone.getByRole('region', { name: 'Standard input' }).getByText('echo linked').waitFor();
  expect(new URL(phone.url()).pathname).toBe(`/sessions/${id}`);
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await expectAccessible(phone);
  await phone.getByRole('region', { name: 'Review', exact: true }).getByRole('button', { name: 'Approve' }).click();
  await phone.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  expect((await run.ended).stdout.toString()).toBe('linked\n');

  const otto = await hoop.signIn(`/sessions/${id}`, people.otto);
  await otto.getByText('There is no session with this id, or it is not one that you may see.').waitFor();
  await Promise.all([phone.context().close(), otto.context().close()]);
  expect(hoop.complaints).toEqual([]);
});
