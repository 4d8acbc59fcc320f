import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { Feed } from '#sandbox/feed.ts';
import { Store } from '#sandbox/store.ts';
import { Workspace } from '#sandbox/workspace.ts';
import { clientOf, install } from '../support.ts';
import { section, seen, usePage } from './support.ts';

const { world, start, open } = usePage();

/** Where a message stands in the window. */
const topOf = async (page: Page, text: string) => (await page.getByText(text, { exact: true }).boundingBox())!.y;

test('text of others is never taken for markup, and links lead only where links may', async () => {
  const { sandbox, app } = await world();
  const nasty = '<img src=x onerror=alert(1)> & <script>alert(2)</script>';
  await sandbox.control.post('message', { as: 'alice', channel: 'sre', text: nasty });
  const escaped = '&lt;img src=x onerror=alert(3)&gt;';
  const text = `${escaped} <javascript:alert(4)|run me> <data:text/html,x|open me> <https://example.com/?a=1&amp;b=2|a page>`;
  await app.client.chat.postMessage({ channel: 'sre', text });
  const rich = [
    { type: 'text', text: nasty },
    { type: 'link', url: 'javascript:alert(5)', text: 'rich run' },
    { type: 'link', url: 'https://example.com/rich', text: 'rich page' },
  ];
  const blocks = [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: rich }] }];
  await app.client.chat.postMessage({ channel: 'sre', text: 'x', blocks: blocks as never });
  const page = await open(sandbox, '?as=bob&channel=sre');
  await page.getByText('rich page').waitFor();
  expect(await page.getByText(nasty).count()).toBe(2);
  expect(await page.locator('.messages :is(img, script, iframe)').count()).toBe(0);
  const links = page.locator('.messages a');
  const hrefs = await links.evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute('href')]));
  expect(hrefs).toEqual([
    ['a page', 'https://example.com/?a=1&b=2'],
    ['rich page', 'https://example.com/rich'],
  ]);
  expect(await links.first().getAttribute('target')).toBe('_blank');
  expect(await links.first().getAttribute('rel')).toBe('noopener noreferrer');
});

test('a link to a message of the workspace opens it here, with its thread', async () => {
  const { sandbox, app } = await world();
  const { ts } = await app.client.chat.postMessage({ channel: 'sre', text: 'look at me' });
  const reply = await app.client.chat.postMessage({ channel: 'sre', text: 'and at me', thread_ts: ts! });
  const link = async (message: string) =>
    (await app.client.chat.getPermalink({ channel: 'C0SRE00003', message_ts: message })).permalink!;
  const elsewhere = (await link(ts!)).replace('sandbox.slack.com', 'other.slack.com');
  const text = `<${await link(ts!)}|the message> <${await link(reply.ts!)}|the reply> <${elsewhere}|elsewhere>`;
  await app.client.chat.postMessage({ channel: 'ops', text });
  for (const name of ['the message', 'the reply']) {
    const page = await open(sandbox, '?as=bob&channel=ops');
    await page.getByRole('link', { name }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await seen(thread.getByText('look at me'));
    await seen(thread.getByText('and at me'));
    expect(new URL(page.url()).searchParams.get('as')).toBe('bob');
    await page.goBack();
    expect(await page.getByRole('link', { name: 'elsewhere' }).getAttribute('target')).toBe('_blank');
  }
});

test('the server lets the page run its own files only', async () => {
  const { url } = await start();
  const policy = (await fetch(`${url}/`)).headers.get('content-security-policy');
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toContain('unsafe');
});

test('rich text and mrkdwn are drawn with lists, quotes, code, dates and people by name', async () => {
  const { sandbox, app } = await world();
  const line = (text: string, style?: object) => ({
    type: 'rich_text_section',
    elements: [{ type: 'text', text, ...(style ? { style } : {}) }],
  });
  const list = (style: string, indent: number, ...texts: string[]) => ({
    ...{ type: 'rich_text_list', style, indent, elements: texts.map((text) => line(text)) },
  });
  const elements = [
    line('Who: alice'),
    line('Where: bash', { bold: true }),
    list('bullet', 0, 'one', 'two'),
    list('ordered', 1, 'within two'),
    list('bullet', 0, 'three'),
    { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'a\n  b' }] },
    {
      type: 'rich_text_section',
      elements: [
        { type: 'user', user_id: 'U0BOB00002' },
        { type: 'channel', channel_id: 'C0OPS00002' },
        { type: 'broadcast', range: 'here' },
        { type: 'emoji', name: 'tada' },
        { type: 'date', timestamp: 1_392_734_382, format: '{date_num}', fallback: 'then' },
      ],
    },
  ];
  await app.client.chat.postMessage({
    ...{ channel: 'sre', text: 'x' },
    blocks: [{ type: 'rich_text', elements }, section('*bold* _slanted_ ~gone~ `code`\n&gt; said')] as never,
  });
  const page = await open(sandbox, '?as=carol&channel=sre');
  await page.getByText('@Bob Becker#ops@here🎉2014-02-18').waitFor();
  const [above, below] = [await topOf(page, 'Who: alice'), await topOf(page, 'Where: bash')];
  expect(below).toBeGreaterThan(above);
  expect(await page.locator('.blocks > div > ul > li').allTextContents()).toEqual(['one', 'twowithin two', 'three']);
  expect(await page.locator('li ol li').textContent()).toBe('within two');
  expect(await page.locator('pre').textContent()).toBe('a\n  b');
  const tags = await page.locator('.section-text :is(b, i, s, code)').evaluateAll((all) => all.map((e) => e.outerHTML));
  expect(tags).toEqual(['<b>bold</b>', '<i>slanted</i>', '<s>gone</s>', '<code>code</code>']);
  expect(await page.locator('.section-text blockquote').textContent()).toBe('said');
});

/** Waits until nothing scrolls and no more older messages come. */
async function isStill(page: Page): Promise<void> {
  let before: unknown;
  const place = () =>
    page.locator('.messages').evaluate(async (box) => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return `${box.scrollTop} of ${box.scrollHeight}`;
    });
  await eventually(
    async () => {
      const last = before;
      return (before = await place()) === last;
    },
    { everyMs: 200, describe: 'the list is still' },
  );
}

/** A workspace whose #ops has a history, written as the sandbox itself writes it. */
async function withMessages(count: number) {
  const first = await start();
  await first.close();
  const store = new Store(first.dataDir);
  const workspace = new Workspace(store, { now: () => Date.now() }, new Feed());
  store.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const text = `message ${index}`;
      workspace.post({ channel: 'C0OPS00002', user: 'U0CAROL003', username: 'carol', text, blocks: [section(text)] });
    }
  });
  await store.close();
  return start({ dataDir: first.dataDir });
}

test('two thousand messages stay quick, and reading them is not disturbed by what happens', async () => {
  const sandbox = await withMessages(2_000);
  const client = clientOf(sandbox, (await install(sandbox.control)).botToken);
  const post = (text: string) => client.chat.postMessage({ channel: 'ops', text, blocks: [section(text)] });
  const { ts } = await post('the last one');
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByText('the last one', { exact: true }).waitFor();
  // What makes it quick, on a slow machine too: only the newest are asked for and drawn.
  const articles = page.getByRole('article');
  expect(await articles.count()).toBe(100);

  // At the end it follows what comes.
  const log = page.getByRole('region', { name: 'Conversation' });
  const below = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await post('one more');
  await page.getByText('one more', { exact: true }).waitFor();
  await eventuallyPasses(async () => expect(await below()).toBeLessThan(2));

  // Scrolled up, older ones come, and what one reads stays where it is.
  await log.hover();
  await page.mouse.wheel(0, -2_000);
  await eventually(async () => (await articles.count()) > 150, { describe: 'older messages' });
  await isStill(page);
  const read = await page.evaluate(() => {
    const box = document.querySelector('.messages')!.getBoundingClientRect();
    const inSight = [...document.querySelectorAll('article')].find(
      (entry) => entry.getBoundingClientRect().top > box.top,
    );
    return inSight!.querySelector('p:not(.author)')!.textContent;
  });
  const before = await topOf(page, read);
  await client.chat.update({
    channel: 'C0OPS00002',
    ts: ts!,
    text: 'x',
    blocks: [section('much\nlonger\nthan\nit\nwas')],
  });
  await post('and another');
  await page.getByText('and another', { exact: true }).waitFor();
  expect(Math.abs((await topOf(page, read)) - before)).toBeLessThan(2);
  expect(await below()).toBeGreaterThan(500);
  await page.getByRole('button', { name: '↓ Newest' }).click();
  await eventuallyPasses(async () => expect(await below()).toBeLessThan(2));
  await seen(page.getByText('and another', { exact: true }));
});
