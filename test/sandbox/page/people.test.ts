import { expect, test } from 'vitest';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { seen, usePage } from './support.ts';

const { world, start, open } = usePage();

test('one picks a person, clicks Approve, and everybody sees the message change', async () => {
  const { sandbox } = await world();
  const bob = await open(sandbox, '');
  await bob.getByRole('link', { name: 'Bob Becker @bob' }).click();
  const carol = await open(sandbox, '?as=carol&channel=ops');
  await carol.getByRole('button', { name: 'Approve' }).waitFor();

  await bob.getByRole('button', { name: 'Approve' }).click();
  for (const page of [bob, carol]) {
    // The mention of bob as the page shows it; live in carol's tab, which nobody touched.
    await page.getByText('approved by @Bob Becker').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await page.getByText('(edited)').waitFor();
  }
  expect(bob.url()).toContain('as=bob');
});

test('what one person writes arrives in the tabs of the others, and counts as unread elsewhere', async () => {
  const { sandbox } = await world();
  const alice = await open(sandbox, '?as=alice&channel=sre');
  const carol = await open(sandbox, '?as=carol&channel=ops');
  const dave = await open(sandbox, '?as=dave&channel=ops');
  await carol.getByLabel('Message #ops').waitFor();
  await alice.getByLabel('Message #sre').fill('is anybody there?');
  await alice.keyboard.press('Enter');
  await alice
    .getByRole('article', { name: /^Alice Archer/ })
    .getByText('is anybody there?')
    .waitFor();

  const entry = carol.getByRole('button', { name: 'sre 1 unread' });
  await entry.waitFor();
  await eventuallyPasses(async () => expect(await carol.title()).toMatch(/^\(1\) #ops as carol/));
  await entry.click();
  await carol.getByText('is anybody there?').waitFor();
  await carol.getByRole('button', { name: 'sre', exact: true }).waitFor();
  await eventuallyPasses(async () => expect(await carol.title()).toMatch(/^#sre as carol/));
  // dave may look into the public channel, and is asked to join before he writes.
  await dave.getByRole('button', { name: /^sre/ }).click();
  await dave.getByRole('button', { name: 'Join channel' }).click();
  await dave.getByLabel('Message #sre').waitFor();
});

test('a private answer is seen by one person only, and goes when it is dismissed', async () => {
  const { sandbox } = await world();
  const bob = await open(sandbox, '?as=bob&channel=ops');
  const carol = await open(sandbox, '?as=carol&channel=ops');
  await bob.getByLabel('Message #ops').fill('/hoop status');
  await bob.keyboard.press('Enter');
  const answer = bob.locator('.message.ephemeral', { hasText: 'you typed status' });
  await answer.getByText('Only visible to you').waitFor();
  await bob.getByLabel('Message #ops').fill('seen?');
  await bob.keyboard.press('Enter');
  await carol.getByText('seen?').waitFor();
  expect(await carol.getByText('you typed status').count()).toBe(0);
  await answer.getByRole('button', { name: 'Dismiss' }).click();
  await answer.waitFor({ state: 'detached' });
});

test('two people stand beside each other, each with messages and modals of their own', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByRole('link', { name: 'Carol Castro beside you' }).click();
  const bob = page.frameLocator('iframe[title="Bob Becker"]');
  const carol = page.frameLocator('iframe[title="Carol Castro"]');
  await bob.getByRole('button', { name: 'Reject' }).click();
  await bob.getByRole('dialog').getByLabel('Reason').fill('not today');
  expect(await carol.getByRole('dialog').count()).toBe(0);
  await carol.getByRole('button', { name: 'Approve' }).click();
  await carol.getByText('approved by @Carol Castro').waitFor();
  await bob.getByText('approved by @Carol Castro').waitFor();

  await page.getByRole('button', { name: '+ Dave' }).click();
  await page.frameLocator('iframe[title="Dave Dunn"]').getByText('approved by @Carol Castro').waitFor();
  // The others were not loaded anew: what was typed is still there.
  expect(await bob.getByLabel('Reason').inputValue()).toBe('not today');
  await page.getByRole('button', { name: 'Close Carol Castro' }).click();
  await page.locator('iframe[title="Carol Castro"]').waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toContain('&with=dave');
  await page.getByRole('button', { name: 'Close Dave Dunn' }).click();
  await page.getByRole('navigation', { name: 'Workspace' }).waitFor();
});

test('an unknown person is asked who they are', async () => {
  const sandbox = await start();
  const page = await open(sandbox, '?as=mallory');
  await page.getByText('There is no person "mallory" in the sandbox workspace.').waitFor();
  await page.getByRole('link', { name: /^Dave Dunn/ }).click();
  await seen(page.getByRole('heading', { name: '#ops' }));
});

test('the page says that it is offline, comes back by itself and has what it missed', async () => {
  const sandbox = await start();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByLabel('Message #ops').fill('half a sent');
  await sandbox.close();
  await page.getByText('Offline: the sandbox cannot be reached.').waitFor();
  const again = await start({ port: Number(new URL(sandbox.url).port), dataDir: sandbox.dataDir });
  await again.control.post('message', { as: 'alice', channel: 'ops', text: 'while you were away' });
  await page.getByText('while you were away').waitFor();
  await page.getByText('Offline').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Message #ops').inputValue()).toBe('half a sent');
  await again.control.post('message', { as: 'alice', channel: 'ops', text: 'live again' });
  await page.getByText('live again').waitFor();
});
