/** The page Run against a whole hoop: a script is written, asked for, approved and watched. */
import { createHash, randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { expectAccessible } from '../support/axe.ts';
import { startConsole, type StackConsole } from '../support/console.ts';
import { eventually } from '../support/eventually.ts';

let hoop: StackConsole;
let page: Page;

beforeAll(async () => {
  hoop = await startConsole();
  const made = [
    ['user', 'admin@localhost', '--overwrite', '--groups', 'admin,lonely'],
    ['agent', 'away'],
    ['conn', 'free', '--agent', 'default', '--', 'bash'],
    ['conn', 'digest', '--agent', 'default', '--', 'sha256sum'],
    ['conn', 'strict', '--agent', 'default', '--require-reason', '--access-modes', 'exec', '--', 'bash'],
    ['conn', 'faraway', '--agent', 'away', '--', 'bash'],
    ['conn', 'only-mine', '--agent', 'default', '--reviewers', 'lonely', '--', 'bash'],
    ['conn', 'terminals', '--agent', 'default', '--access-modes', 'connect', '--', 'bash'],
  ];
  for (const args of made) {
    const { code, stderr } = await hoop.stack.hoop(['admin', 'create', ...args]).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
  }
  page = await hoop.signIn('/run');
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

beforeEach(async () => {
  await page.goto('/sessions'); // a page that goes keeps its draft
  await page.evaluate(() => window.sessionStorage.clear());
});

afterEach(() => {
  expect(hoop.complaints).toEqual([]);
});

const editor = () => page.getByRole('textbox', { name: 'Script' });
const run = () => page.getByRole('button', { name: 'Run', exact: true });

async function open(connection: string): Promise<void> {
  await page.goto(`/run?connection=${connection}`);
  await editor().waitFor();
}

/** As one types: what stood there before is replaced. */
async function write(script: string): Promise<void> {
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(script);
}

async function sessionShown(): Promise<string> {
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
  return page.url().slice(-36);
}

const get = async <T>(path: string): Promise<T> => {
  const answer = await page.request.get(path);
  expect(answer.status()).toBe(200);
  return (await answer.json()) as T;
};
const sessionsOn = (connection: string) => get<SessionView[]>(`/api/sessions?connection=${connection}`);

describe('a script', () => {
  test('runs at once where nobody has to approve, and its output is on the page that follows', async () => {
    await page.goto('/run');
    await page.getByPlaceholder('Search by name').fill('free');
    await page.getByRole('option', { name: 'free' }).click();
    await page.getByText('Nobody has to approve').first().waitFor();
    await write('echo "out-$((6*7)) $WORD $1"');
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.keyboard.type('WORD');
    await page.getByLabel('Value of variable 1', { exact: true }).fill('fish');
    await page.getByRole('button', { name: 'Add an argument' }).click();
    await page.keyboard.type('-s');
    await page.keyboard.press('Enter');
    await page.keyboard.type('an argument');
    await expectAccessible(page);
    await editor().click();
    await page.keyboard.press('Control+Enter');
    const id = await sessionShown();
    await page.getByText('out-42 fish an argument').first().waitFor();
    expect((await get<SessionDetail>(`/api/sessions/${id}`)).envelope).toMatchObject({
      args: ['-s', 'an argument'],
      env: { WORD: 'fish' },
    });
    expect(await page.evaluate(() => Object.keys(window.sessionStorage))).toEqual([]);
  });

  test('waits for its reviewers, and its output comes to the page once they said yes in Slack', async () => {
    await open('bash');
    await page.getByText('One person of admin and one of sre must approve').first().waitFor();
    await write('echo said-$((40+2)); read -r line < <(sleep 0.2; echo later); echo "$line"');
    await page.getByLabel('Reason').fill('to see it');
    await run().click();
    const id = await sessionShown();
    await page.getByText('Waits for approval').first().waitFor();
    const asked = await hoop.stack.sandbox.message('ops', 'bob', id);
    await hoop.stack.sandbox.click('bob', 'ops', asked.ts, 'approve');
    await page.getByText('said-42').first().waitFor();
    await page.getByText('later').first().waitFor();
    expect((await get<SessionDetail>(`/api/sessions/${id}`)).reason).toBe('to see it');
  });

  test('where a reason is asked for, none is said at the field, and nothing that was written is lost', async () => {
    await open('strict');
    await write('echo with a reason');
    await run().click();
    const reason = page.getByLabel('Reason');
    await page.getByText('Say why: strict asks for a reason.').waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    expect(await reason.getAttribute('aria-invalid')).toBe('true');
    expect(await sessionsOn('strict')).toEqual([]);
    await reason.fill('because');
    await run().click();
    await sessionShown();
    await page.getByText('with a reason', { exact: true }).first().waitFor();
  });

  test('says before it is sent that the agent is offline, and that nobody could approve it', async () => {
    await open('faraway');
    await page.getByText('The agent away is offline').waitFor();
    await page.getByText('waits until it is back').waitFor();
    await open('only-mine');
    await page.getByText('Nobody could approve this today: nobody but you is in lonely.').waitFor();
    await expectAccessible(page);
  });

  test('of a file that is no text arrives byte for byte', async () => {
    const bytes = Buffer.concat([randomBytes(3000), Buffer.from([0, 0xff, 0x0d, 0x0a])]);
    await open('digest');
    await page.locator('input[type=file]').setInputFiles({ name: 'some.bin', mimeType: '', buffer: bytes });
    await page.getByText('some.bin').waitFor();
    await run().click();
    await sessionShown();
    const digest = page.getByText(createHash('sha256').update(bytes).digest('hex')).first();
    await digest.waitFor();
    expect(await digest.isVisible()).toBe(true);
  });

  test('of a file of text arrives byte for byte too, and shows what would be invisible', async () => {
    const text = '\ufeffone\r\ntwo \u202e three\rfour\n';
    await open('digest');
    await page.locator('input[type=file]').setInputFiles({ name: 'a.txt', mimeType: '', buffer: Buffer.from(text) });
    await editor().getByText('\\u{202e}').waitFor();
    await editor().getByText('\\u{d}').first().waitFor();
    await run().click();
    await sessionShown();
    const digest = page.getByText(createHash('sha256').update(text).digest('hex')).first();
    await digest.waitFor();
    expect(await digest.isVisible()).toBe(true);
  });

  test('whose answer was lost is one session, however often it is sent', async () => {
    await open('free');
    await write('echo once');
    await page.route('**/api/sessions', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await run().click();
    await page.getByText('What you wrote is kept.').waitFor();
    await eventually(async () => (await sessionsOn('free')).length > 1, { describe: 'the request arrived' });
    const before = (await sessionsOn('free')).map(({ id }) => id);
    await page.unroute('**/api/sessions');
    await page.reload();
    await editor().getByText('echo once').waitFor();
    await run().click();
    expect(await sessionShown()).toBe(before[0]);
    expect((await sessionsOn('free')).map(({ id }) => id)).toEqual(before);
  });

  test('that was sent and changed since says so, and goes out as another one when told to', async () => {
    await open('free');
    await write('echo first');
    await page.route('**/api/sessions', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await run().click();
    await page.getByText('What you wrote is kept.').waitFor();
    await page.unroute('**/api/sessions');
    await write('echo second');
    await run().click();
    await page.getByText('This was sent before, and changed since').waitFor();
    await page.getByRole('button', { name: 'Send this as another request' }).click();
    await sessionShown();
    await page.getByText('second', { exact: true }).first().waitFor();
    expect((await sessionsOn('free')).map(({ state }) => state)).toContain('finished');
  });

  test('of an earlier session is taken over as a new request', async () => {
    await open('strict');
    await write('echo "again $1"');
    await page.getByRole('button', { name: 'Add an argument' }).click();
    await page.keyboard.type('-s');
    await page.keyboard.press('Enter');
    await page.keyboard.type('two lines');
    await page.getByLabel('Reason').fill('for the first time');
    await run().click();
    const first = await sessionShown();
    await page.goto(`/run?again=${first}`);
    await page.getByText(`the session ${first.slice(0, 8)}`).waitFor();
    await editor().getByText('echo "again $1"').waitFor();
    expect(await page.getByLabel('Argument 2', { exact: true }).inputValue()).toBe('two lines');
    expect(await page.getByLabel('Reason').inputValue()).toBe('for the first time');
    await page.getByLabel('Reason').fill('once more');
    await run().click();
    await page.waitForURL((url) => /\/sessions\//.test(url.href) && !url.href.endsWith(first));
    const [second, ...others] = await sessionsOn('strict');
    expect(second?.reason).toBe('once more');
    expect(others.map(({ id }) => id)).toContain(first);
  });
});

describe('a draft', () => {
  test('survives a reload, and is gone for whoever signs in after a sign-out', async () => {
    const other = await hoop.addUser('wanda@localhost', []);
    const mine = await hoop.signIn('/run?connection=free', other);
    const script = mine.getByRole('textbox', { name: 'Script' });
    await script.click();
    await mine.keyboard.insertText('echo draft');
    await mine.reload();
    await script.getByText('echo draft').waitFor();
    await mine.getByRole('button', { name: 'Sign out' }).click();
    await mine.getByLabel('E-mail').waitFor();
    expect(await mine.evaluate(() => Object.keys(window.sessionStorage))).toEqual([]);
    await mine.context().close();
  });

  test('Tab indents in the editor, and after Escape it leads on', async () => {
    await open('free');
    await write('if true');
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    expect(await editor().evaluate((box) => box.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Add an argument');
  });

  test('is for a connection that allows scripts; one that has terminals only is chosen for a terminal', async () => {
    await page.goto('/run?connection=terminals');
    await page.getByRole('button', { name: 'Ask for a grant' }).waitFor();
    await page.getByText('Run a script').click();
    await page.getByPlaceholder('Search by name').fill('terminals');
    await page.getByText('No connection is called so').waitFor();
    expect(await page.getByRole('option').count()).toBe(0);
  });

  test('on a phone everything of it can be reached', async () => {
    const phone = await hoop.signIn('/run?connection=bash', undefined, {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    await phone.getByRole('textbox', { name: 'Script' }).waitFor();
    await expectAccessible(phone);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await phone.context().close();
  });
});
