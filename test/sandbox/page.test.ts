import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { buildPage } from '#test/support/built-page.ts';
import { approveBlocks, clientOf, install, startBolt, startSandbox } from './support.ts';

let browser: Browser;
let built: Awaited<ReturnType<typeof buildPage>>;
beforeAll(async () => {
  built = await buildPage('vite.sandbox.config.ts');
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

const modal = {
  type: 'modal' as const,
  callback_id: 'reason',
  title: { type: 'plain_text' as const, text: 'Reject this request' },
  submit: { type: 'plain_text' as const, text: 'Reject' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', action_id: 'reason', multiline: true },
    },
  ],
};

/** A workspace with a message that waits for a decision, and an app that answers clicks. */
async function setUp() {
  const sandbox = await startSandbox({ pageDir: built.folder, ackTimeoutMs: 500 });
  const tokens = await install(sandbox.control);
  const { app } = await startBolt(sandbox, tokens, (bolt) => {
    bolt.action('approve', async ({ ack, body, respond }) => {
      await ack();
      await respond({ replace_original: true, text: `approved by ${body.user.id}`, blocks: [] });
    });
    bolt.action('reject', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: modal });
    });
    bolt.view('reason', async ({ ack, view }) => {
      const reason = view.state.values.why!.reason!.value!;
      if (reason === 'no') await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
      else await ack();
    });
    bolt.command('/hoop', async ({ ack, command }) => ack(`you typed ${command.text}`));
  });
  await app.client.chat.postMessage({ channel: 'ops', text: 'please', blocks: approveBlocks });
  return sandbox;
}

async function open(
  url: string,
  viewport = { width: 1100, height: 800 },
): Promise<{ page: Page; elsewhere: string[] }> {
  const page = await browser.newPage({ viewport });
  onTestFinished(() => page.close());
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) elsewhere.push(request.url());
  });
  await page.goto(url);
  return { page, elsewhere };
}

test('one picks a person, clicks Approve, and everybody sees the message change', async () => {
  const sandbox = await setUp();
  const bob = await open(sandbox.url);
  await bob.page.getByText('Bob Becker').click();
  const carol = await open(`${sandbox.url}/?as=carol&channel=ops`);
  await carol.page.getByRole('button', { name: 'Approve' }).waitFor();

  await bob.page.getByRole('button', { name: 'Approve' }).click();
  for (const { page } of [bob, carol]) {
    // The mention of bob as the page shows it; live in carol's tab, which nobody touched.
    await page.getByText('approved by U0BOB00002').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  }
  expect(bob.page.url()).toContain('as=U0BOB00002');
  expect([...bob.elsewhere, ...carol.elsewhere]).toEqual([]);
});

test('a modal is filled by keyboard, shows what is wrong, and closes when it is right', async () => {
  const sandbox = await setUp();
  const { page } = await open(`${sandbox.url}/?as=bob&channel=ops`);
  await page.getByRole('button', { name: 'Reject' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').waitFor();
  const submit = dialog.getByRole('button', { name: 'Reject' });
  await submit.click();
  await dialog.getByText('Please complete this required field.').waitFor();
  await page.getByLabel('Reason').focus();
  await page.keyboard.type('no');
  await submit.click();
  await dialog.getByText('Say more.').waitFor();
  await page.getByLabel('Reason').focus();
  await page.keyboard.type(', because');
  await submit.click();
  await dialog.waitFor({ state: 'detached' });
  expect((await sandbox.control.get('views?as=bob')).views).toEqual([]);
});

test('a slash command is completed from its hint and answered privately, on a phone too', async () => {
  const sandbox = await setUp();
  const phone = await open(`${sandbox.url}/?as=dave&channel=ops`, { width: 390, height: 780 });
  const { page } = phone;
  await page.getByLabel('Message #ops').pressSequentially('/ho');
  await page.getByRole('option', { name: /\/hoop subscribe/ }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('status');
  await page.keyboard.press('Enter');
  const answer = page.locator('.message.ephemeral', { hasText: 'you typed status' });
  await answer.getByText('Only visible to you').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
  expect(messages.map((message) => message.text)).not.toContain('you typed status');
});

test('the page warns when the app did not respond', async () => {
  const sandbox = await setUp();
  await sandbox.control.post('faults', { kind: 'lose' });
  const { page } = await open(`${sandbox.url}/?as=bob&channel=ops`);
  await page.getByRole('button', { name: 'Approve' }).click();
  const warning = page.getByRole('alert');
  await warning.waitFor();
  expect(await warning.textContent()).toContain('The app did not respond.');
});

test('replies stay in their thread, and text is never taken for markup', async () => {
  const sandbox = await setUp();
  const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
  const text = '<img src=x onerror=alert(1)> & <script>';
  await sandbox.control.post('message', { as: 'alice', channel: 'ops', text, thread_ts: messages[0]?.ts });
  const { page } = await open(`${sandbox.url}/?as=bob&channel=ops`);
  await page.getByRole('button', { name: '1 reply' }).click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByText(text).waitFor();
  expect(await page.getByText(text).count()).toBe(1);
  expect(await page.locator('img').count()).toBe(0);
});

test('each section of a rich text begins on a line of its own', async () => {
  const sandbox = await setUp();
  const sections = ['Who: alice', 'Where: bash'].map((text) => ({
    type: 'rich_text_section',
    elements: [{ type: 'text', text }],
  }));
  const client = clientOf(sandbox, (await install(sandbox.control)).botToken);
  await client.chat.postMessage({
    channel: 'sre',
    text: 'x',
    blocks: [{ type: 'rich_text', elements: sections as never }],
  });
  const { page } = await open(`${sandbox.url}/?as=bob&channel=sre`);
  const [who, where] = [page.getByText('Who: alice'), page.getByText('Where: bash')];
  await where.waitFor();
  const [above, below] = [await who.boundingBox(), await where.boundingBox()];
  expect(below?.y).toBeGreaterThanOrEqual(above!.y + above!.height);
  expect(below?.x).toBe(above?.x);
});
