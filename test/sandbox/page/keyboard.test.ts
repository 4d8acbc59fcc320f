import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityProblems } from '#test/support/axe.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { DESK, focused, focuses, PHONE, section, seen, tooWide, usePage } from './support.ts';

const { world, start, open } = usePage();

/** Tabs until something of that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab never gets to ${name}`);
}

/** What axe finds wrong, of any impact. */
const problems = (page: Page) => accessibilityProblems(page, ['minor', 'moderate', 'serious', 'critical']);

test('a request is approved by keyboard alone', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '');
  await page.getByRole('link', { name: 'Bob Becker @bob' }).waitFor();
  await tabTo(page, 'BBBob Becker@bob');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await tabTo(page, 'Approve');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
  expect(outline).toBe('solid');
  await page.keyboard.press('Enter');
  await seen(page.getByText('approved by @Bob Becker'));
});

test('a request is rejected by keyboard alone', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=carol&channel=ops');
  await page.getByRole('button', { name: 'Reject' }).waitFor();
  await tabTo(page, 'Reject');
  await page.keyboard.press('Space');
  await page.getByRole('dialog').waitFor();
  await eventuallyPasses(async () => expect(await page.locator('textarea:focus').count()).toBe(1));
  await page.keyboard.type('too broad');
  await tabTo(page, 'Reject');
  await page.keyboard.press('Enter');
  await seen(page.getByText('rejected by @Carol Castro: too broad'));
});

test('conversations are reached by arrows, by Alt with an arrow, and by the letters of their name', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  const heading = page.locator('h1');
  await page.getByRole('button', { name: 'general', exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await eventuallyPasses(async () => expect(await heading.textContent()).toBe('#secret-ops'));
  // Whoever goes somewhere writes there.
  await focuses(page, 'Message #secret-ops');
  await page.keyboard.type('hello');
  expect(await page.getByLabel('Message #secret-ops').inputValue()).toBe('hello');
  await page.keyboard.press('Alt+ArrowDown');
  await eventuallyPasses(async () => expect(await heading.textContent()).toBe('#sre'));
  await page.keyboard.press('Control+k');
  const jump = page.getByRole('dialog', { name: 'Jump to a conversation' });
  await focuses(page, 'Jump to a channel or app');
  await page.keyboard.type('hoop');
  await page.keyboard.press('Enter');
  await eventuallyPasses(async () => expect(await heading.textContent()).toBe('Hoop Bot'));
  await page.keyboard.press('Control+k');
  await jump.waitFor();
  await page.keyboard.press('Escape');
  await jump.waitFor({ state: 'detached' });
});

test('an overflow menu opens, moves and closes by keyboard, and its choice reaches the app', async () => {
  const chosen: string[] = [];
  const { sandbox, app } = await world((bolt) => {
    bolt.action('more', async ({ ack, action }) => {
      await ack();
      chosen.push((action as unknown as { selected_option: { value: string } }).selected_option.value);
    });
    bolt.action('sure', async ({ ack }) => {
      await ack();
      chosen.push('sure');
    });
  });
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  const options = ['first', 'second'].map((value) => ({ text: plain(value), value }));
  const confirm = {
    title: plain('Are you sure?'),
    text: plain('Gone is gone.'),
    confirm: plain('Yes'),
    deny: plain('No'),
  };
  const elements = [
    { type: 'overflow' as const, action_id: 'more', options },
    { type: 'button' as const, action_id: 'sure', text: plain('Delete'), confirm },
  ];
  await app.client.chat.postMessage({ channel: 'sre', text: 'x', blocks: [{ type: 'actions', elements }] });
  const page = await open(sandbox, '?as=bob&channel=sre');
  await page.getByRole('button', { name: 'More actions' }).focus();
  await page.keyboard.press('Enter');
  await focuses(page, 'first');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await focuses(page, 'More actions');
  await page.keyboard.press('Enter');
  await focuses(page, 'first');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await eventuallyPasses(() => expect(chosen).toEqual(['second']));
  await focuses(page, 'More actions');
  // A confirmation is asked for, and No does nothing.
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Are you sure?' }).getByRole('button', { name: 'No' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Yes' }).click();
  await eventuallyPasses(() => expect(chosen).toEqual(['second', 'sure']));
});

test('on a phone the sidebar is a drawer, a thread fills the screen, and nothing is wider', async () => {
  const { sandbox, app } = await world();
  const wide = `\`\`\`${'x'.repeat(900)}\`\`\``;
  await app.client.chat.postMessage({ channel: 'sre', text: wide, blocks: [section(wide), section('w'.repeat(400))] });
  const page = await open(sandbox, '?as=bob&channel=ops', { viewport: PHONE });
  await page.getByRole('button', { name: 'Open the menu, 1 unread' }).click();
  await page.getByRole('button', { name: 'sre 1 unread' }).click();
  await page.getByRole('heading', { name: '#sre' }).waitFor();
  await page.getByText('wwww').waitFor();
  expect(await tooWide(page)).toBe(0);
  await page.getByRole('navigation').waitFor({ state: 'hidden' });
  await page.getByRole('article').first().hover();
  await page.getByRole('button', { name: 'Reply to Hoop Bot in a thread' }).click();
  expect(await page.getByRole('complementary', { name: 'Thread' }).boundingBox()).toMatchObject({ x: 0, width: 375 });
  expect(await tooWide(page)).toBe(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing wrong with a channel and what opens in it when it is ${colorScheme}`, async () => {
    const { sandbox } = await world();
    const page = await open(sandbox, '?as=bob&channel=ops', { colorScheme });
    await page.getByLabel('Message #ops').fill('/hoop status');
    await page.keyboard.press('Enter');
    await page.locator('.message.ephemeral').waitFor();
    await page.getByLabel('Message #ops').fill('@');
    await page.getByRole('listbox').waitFor();
    expect(await problems(page)).toEqual([]);
    await page.getByLabel('Message #ops').fill('');
    await page.getByRole('article').first().hover();
    await page.getByRole('button', { name: 'Reply to Hoop Bot in a thread' }).click();
    await page.getByRole('complementary', { name: 'Thread' }).getByRole('article').waitFor();
    await page.getByText('4 members').click();
    expect(await problems(page)).toEqual([]);
  });

  test(`axe finds nothing wrong with a modal and with a drawer when it is ${colorScheme}`, async () => {
    const { sandbox } = await world();
    const page = await open(sandbox, '?as=bob&channel=ops', { colorScheme, viewport: PHONE });
    await page.getByRole('button', { name: 'Open the menu' }).click();
    expect(await problems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Please complete').waitFor();
    expect(await problems(page)).toEqual([]);
  });

  test(`axe finds nothing wrong with who one is and with people side by side when it is ${colorScheme}`, async () => {
    const sandbox = await start();
    const who = await open(sandbox, '', { colorScheme });
    await who.getByText('Dave Dunn').waitFor();
    expect(await problems(who)).toEqual([]);
    const beside = await open(sandbox, '?as=bob&with=carol', { colorScheme, viewport: DESK });
    await beside.getByRole('button', { name: '+ Dave' }).waitFor();
    expect(await problems(beside)).toEqual([]);
  });
}
