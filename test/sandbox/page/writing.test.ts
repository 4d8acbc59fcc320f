import { expect, test } from 'vitest';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { clientOf } from '../support.ts';
import { loseNext, PHONE, tooWide, seen, usePage } from './support.ts';

const { world, open } = usePage();

test('a slash command is completed from its hint and answered privately, on a phone too', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=dave&channel=ops', { viewport: PHONE });
  await page.getByLabel('Message #ops').pressSequentially('/ho');
  const hint = page.getByRole('option', { name: /\/hoop subscribe/ });
  await hint.getByText('Subscribe to notifications sent by Hoop').waitFor();
  await page.keyboard.press('Tab');
  // How it goes on stays in sight while it is typed.
  await page.getByText('/hoop subscribe · Subscribe to notifications').waitFor();
  await page.keyboard.type('status');
  await page.keyboard.press('Enter');
  const answer = page.locator('.message.ephemeral', { hasText: 'you typed status' });
  await answer.getByText('Only visible to you').waitFor();
  expect(await tooWide(page)).toBe(0);
  const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
  expect(messages.map((message) => message.text)).not.toContain('you typed status');
});

test('a command that nobody answers says so and is there to be tried again', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await loseNext(sandbox);
  await page.getByLabel('Message #ops').fill('/hoop status');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('/hoop failed because the app did not respond.').waitFor();
  expect(await page.getByLabel('Message #ops').inputValue()).toBe('/hoop status');
  await page.getByLabel('Message #ops').focus();
  await page.keyboard.press('Enter');
  await page.getByText('you typed status').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
});

test('a command nobody knows is refused, and so is one in a thread', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByLabel('Message #ops').fill('/nonsense');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('/nonsense is not a valid command').waitFor();
  await page.getByRole('article').first().hover();
  await page.getByRole('button', { name: 'Reply to Hoop Bot in a thread' }).click();
  await page.getByLabel('Reply in the thread').fill('/hoop help');
  await page.keyboard.press('Enter');
  await seen(page.getByText('/hoop is not supported in threads.'));
});

test('the button warns when the app did not respond, and works when it does', async () => {
  const { sandbox } = await world();
  await loseNext(sandbox);
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('alert').getByText('The app did not respond.').waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();
  await seen(page.getByText('approved by @Bob Becker'));
});

test('mentions of people, apps and channels are completed by keyboard and shown by name', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=alice&channel=ops');
  await page.getByLabel('Message #ops').pressSequentially('ask @ca');
  await page.getByRole('option', { name: '@carol Carol Castro' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('and @');
  const chosen = (name: string) => page.getByRole('option', { selected: true, name }).waitFor();
  await chosen('@alice');
  await page.keyboard.press('ArrowUp');
  await chosen('@Hoop Bot');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await chosen('@bob');
  await page.keyboard.press('Enter');
  await eventuallyPasses(async () =>
    expect(await page.getByLabel('Message #ops').inputValue()).toBe('ask @carol and @bob '),
  );
  await page.keyboard.press('Enter');
  await page.locator('.message', { hasText: 'ask @Carol Castro and @Bob Becker' }).waitFor();
  await page.keyboard.type('see #sr');
  await page.getByRole('option', { name: '#sre' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('option').first().waitFor({ state: 'detached' });
});

test('a reply goes to its thread, which shows live beside the channel', async () => {
  const { sandbox, app } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByRole('article').first().hover();
  await page.getByRole('button', { name: 'Reply to Hoop Bot in a thread' }).click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByLabel('Reply in the thread').fill('on it');
  await page.keyboard.press('Enter');
  await thread.getByRole('article').getByText('on it').waitFor();
  await page.getByRole('button', { name: '1 reply' }).waitFor();
  const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
  await app.client.chat.postMessage({ channel: 'ops', text: 'ran for 2 s', thread_ts: messages[0]!.ts });
  await thread.getByText('ran for 2 s').waitFor();
  await thread.getByText('2 replies').waitFor();
  // Replies are in the thread only.
  expect(await page.getByText('ran for 2 s').count()).toBe(1);
  await page.keyboard.press('Escape');
  await thread.waitFor({ state: 'detached' });
});

test('a direct message of the app arrives live, and only for whom it is', async () => {
  const { sandbox, tokens } = await world();
  const alice = await open(sandbox, '?as=alice&channel=ops');
  await alice.getByRole('button', { name: 'Hoop Bot app' }).waitFor();
  const client = clientOf(sandbox, tokens.botToken);
  const { channel } = await client.conversations.open({ users: 'U0ALICE001' });
  await client.chat.postMessage({ channel: channel!.id!, text: 'Your request was *approved*.' });
  await alice.getByRole('button', { name: 'Hoop Bot app 1 unread' }).click();
  await alice.getByText('Your request was approved.').waitFor();
  await alice.getByLabel('Message Hoop Bot').fill('thanks');
  await alice.keyboard.press('Enter');
  await alice
    .getByRole('article', { name: /^Alice Archer/ })
    .getByText('thanks')
    .waitFor();
  const bob = await open(sandbox, '?as=bob&channel=dm');
  await seen(bob.getByText('This is the very beginning of Hoop Bot.'));
});

test('what was typed and not sent waits where it was typed', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByLabel('Message #ops').fill('not yet');
  await page.getByRole('button', { name: 'sre', exact: true }).click();
  expect(await page.getByLabel('Message #sre').inputValue()).toBe('');
  await page.getByRole('button', { name: /^ops/ }).click();
  expect(await page.getByLabel('Message #ops').inputValue()).toBe('not yet');
});
