/** Terminals in the page, against a whole hoop: a grant is asked for, and what is typed reaches a shell, come what may. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { expectAccessible } from '../support/axe.ts';
import { startConsole, type OpenOptions, type StackConsole } from '../support/console.ts';
import { eventually } from '../support/eventually.ts';

let hoop: StackConsole;

beforeAll(async () => {
  hoop = await startConsole();
  for (const args of [
    ['conn', 'free', '--agent', 'default', '--', 'bash', '--norc'],
    ['conn', 'phone', '--agent', 'default', '--', 'bash', '--norc'],
  ]) {
    const { code, stderr } = await hoop.stack.hoop(['admin', 'create', ...args]).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
  }
}, 180_000);
afterAll(() => hoop?.close(), 60_000);
afterEach(() => {
  expect(hoop.complaints).toEqual([]);
});

/** Signed in. Leaving a terminal is confirmed, and noted in `leaving`. */
async function signIn(
  path: string,
  leaving: string[],
  who?: { email: string; password: string },
  options?: OpenOptions,
): Promise<Page> {
  const page = await hoop.signIn(path, who, options);
  page.on('dialog', (dialog) => {
    leaving.push(dialog.type());
    void dialog.accept();
  });
  return page;
}

/** What stands on the terminal's screen. */
const screenOf = async (page: Page): Promise<string> =>
  (await page.locator('.xterm-rows:visible > div').allTextContents()).map((row) => row.trimEnd()).join('\n');

const shows = (page: Page, text: RegExp): Promise<RegExpExecArray> => {
  let screen = '';
  return eventually(async () => text.exec((screen = await screenOf(page))), {
    describe: () => `${text} on the screen:\n${screen}\n`,
  });
};

/** Types a command as one does, and waits for what it prints. */
async function run(page: Page, command: string, prints: RegExp): Promise<RegExpExecArray> {
  await page.keyboard.type(`${command}\n`);
  return shows(page, prints);
}

const connected = (page: Page) => page.getByText('Connected.').locator('visible=true').waitFor();

/** Asks on the page Run, where nobody has to approve; gives the id of the terminal that opens by itself. */
async function openTerminal(page: Page): Promise<string> {
  await page.getByText('Open a terminal').click();
  await page.getByRole('button', { name: 'Ask for a grant' }).click();
  await page.waitForURL(/\/connect\/\w+\/[0-9a-f-]{36}$/);
  await connected(page);
  return page.url().slice(-36);
}

const detail = async (page: Page, id: string): Promise<SessionDetail> =>
  (await (await page.request.get(`/api/sessions/${id}`)).json()) as SessionDetail;

describe('a terminal under a grant that reviewers approve', () => {
  let page: Page;
  let grant = '';
  const leaving: string[] = [];
  const file = () => join(hoop.stack.home, 'typed');
  const tabs = () => page.getByRole('navigation', { name: 'Terminals' }).getByRole('link');
  afterAll(() => page?.context().close());

  test('opens by itself once they said yes in Slack', async () => {
    page = await signIn('/run?connection=bash', leaving);
    await page.getByText('Open a terminal').click();
    await page.getByLabel('Duration').fill('20m');
    await page.getByRole('button', { name: 'Ask for a grant' }).click();
    await page.getByText('Asked: admin, sre.').waitFor();
    const [asked] = (await (await page.request.get('/api/sessions?kind=connect')).json()) as SessionDetail[];
    grant = asked?.id ?? '';
    const message = await hoop.stack.sandbox.message('ops', 'bob', grant);
    await hoop.stack.sandbox.click('bob', 'ops', message.ts, 'approve');
    await page.waitForURL(/\/connect\/bash\/[0-9a-f-]{36}$/);
    await connected(page);
    await page.getByText(/^1\d minutes left$/).waitFor();
    await run(page, "PS1='ready''> '; echo $TERM", /xterm-256color\nready>/);
    expect((await detail(page, page.url().slice(-36))).grant).toBe(grant);
  });

  test('has the size that fits the page, and Ctrl-C is for what runs in it', async () => {
    const wide = await run(page, 'echo "size $(tput cols) $(stty size)"', /size (\d+) (\d+) (\d+)/);
    await page.setViewportSize({ width: 800, height: 600 });
    await page.keyboard.type(
      `until [ $(tput cols) -lt ${wide[1]} ]; do :; done; echo "less $(tput cols) $(stty size)"\n`,
    );
    const narrow = await shows(page, /less (\d+) (\d+) (\d+)/);
    expect(narrow[1]).toBe(narrow[3]);
    expect(Number(narrow[2])).toBeLessThan(Number(wide[2]));
    await run(page, "sh -c 'echo beg''un; exec sleep 999'", /\nbegun/);
    await page.keyboard.press('Control+c');
    await run(page, 'echo back-$?', /back-130/);
  });

  test('stands as it was when the page is loaded again, which asks before it leaves', async () => {
    await page.reload();
    await connected(page);
    expect(leaving).toEqual(['beforeunload']);
    await shows(page, /back-130\nready>/);
    await run(page, 'echo still-$((6*7))', /still-42/);
  });

  test('loses no key and doubles none while the gateway is killed and started again', async () => {
    const typed = async () => readFile(file(), 'utf8').catch(() => '');
    const lines = Array.from({ length: 40 }, (_, at) => `k${at}\n`);
    await page.keyboard.type(`cat > ${file()}\n`);
    for (const line of lines.slice(0, 10)) await page.keyboard.type(line);
    await eventually(async () => (await typed()).includes('k3\n'), { describe: 'the first of it is there' });
    const killed = hoop.stack.kill('gateway');
    for (const line of lines.slice(10, 25)) await page.keyboard.type(line);
    await killed;
    await page.getByText('The line broke; the terminal goes on').waitFor();
    const started = hoop.stack.start('gateway');
    for (const line of lines.slice(25)) await page.keyboard.type(line);
    await started;
    await connected(page);
    await eventually(async () => (await typed()).endsWith(lines.at(-1) ?? ''), {
      describe: 'all of it is there',
    });
    expect(await typed()).toBe(lines.join(''));
    await page.keyboard.press('Control+d');
    await run(page, 'echo after', /\nafter/);
  });

  test('may have another beside it; others watch what they do not type', async () => {
    const first = page.url();
    await page.getByRole('button', { name: 'New terminal' }).click();
    await page.waitForURL((url) => url.href !== first && /\/connect\/bash\/[0-9a-f-]{36}$/.test(url.href));
    await connected(page);
    await run(page, 'echo second-$((40+2))', /second-42/);
    const other = await signIn(new URL(page.url()).pathname, [], await hoop.addUser('eve@localhost', ['admin']));
    await other.getByText('You watch; only who asked for it types here.').waitFor();
    await shows(other, /second-42/);
    await run(page, 'echo third-$((40+3))', /third-43/);
    await shows(other, /third-43/);
    await expectAccessible(other);
    await other.context().close();
    await tabs().first().click();
    await shows(page, /\nafter/);
  });

  test('says how it ended: with the status of its program, or because the grant was revoked', async () => {
    const order = await tabs().allTextContents();
    expect(order).toHaveLength(2);
    const runsAlone = page.waitForResponse(
      async (answer) =>
        answer.url().includes('state=approved%2Cqueued%2Crunning') &&
        ((await answer.json()) as SessionDetail[]).every(({ id }) => !id.startsWith(order[0] ?? '')),
    );
    await page.locator('.xterm-helper-textarea:visible').focus();
    await page.keyboard.type('exit 3\n');
    await page.getByText('The program has ended with exit status 3.').waitFor();
    await (await runsAlone).finished();
    await expectAccessible(page);
    // what has ended keeps its place
    expect(await tabs().allTextContents()).toEqual(order);
    await tabs().last().click();
    await connected(page);
    await hoop.stack.hoop(['sessions', 'revoke', grant]).ended;
    await page.getByText('The terminal was ended: the grant is over or revoked.').waitFor();
    await page.getByRole('button', { name: 'Ask for a grant' }).waitFor();
    await eventually(async () => (await detail(page, grant)).state === 'revoked', { describe: 'the grant is revoked' });
    await expectAccessible(page);
  });
});

describe('a terminal under a grant that nobody has to approve', () => {
  let page: Page;
  let grant = '';
  afterAll(() => page?.context().close());

  test('opens at once, and more time is asked for beside it', async () => {
    page = await signIn('/run?connection=free', []);
    grant = (await detail(page, await openTerminal(page))).grant ?? '';
    const before = await detail(page, grant);
    await page.getByRole('button', { name: 'Ask for more time' }).click();
    await page.getByLabel('For how much longer').fill('1h');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText(/^8\d minutes left$/).waitFor();
    const after = await detail(page, grant);
    expect(Date.parse(after.activeUntil ?? '') - Date.parse(before.activeUntil ?? '')).toBe(3_600_000);
  });

  test('takes what is pasted as pasted, up to a bound', async () => {
    const paste = (text: string) =>
      page.locator('.xterm-helper-textarea').evaluate((field, data) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', data);
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    await page.locator('.xterm-helper-textarea').focus();
    await run(page, "printf '\\e[?2004h'; stty -echo; echo read''y; cat -v", /\nready/);
    await paste('two\nlines');
    await page.keyboard.press('Enter');
    await shows(page, /\^\[\[200~two\n(?:\^M)?lines\^\[\[201~/);
    await paste('x'.repeat(300 * 1024));
    await page.getByText('can be pasted at once').waitFor();
    expect(await screenOf(page)).not.toContain('xxxx');
  });

  test('is left and entered again by keyboard', async () => {
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Control+Shift+c');
    await page.getByText('Nothing is marked.').waitFor();
    await page.keyboard.press('Control+Shift+Enter');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Back into the terminal');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'));
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Terminal of free');
  });

  test('ends when the grant is given back', async () => {
    await page.getByRole('button', { name: 'Give back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
    await page.getByText('The terminal was ended: the grant is over or revoked.').waitFor();
    await page.getByRole('button', { name: 'Ask for a grant' }).waitFor();
    expect((await detail(page, grant)).state).toMatch(/closing|ended/);
  });
});

test('on a phone there are the keys that it has not', async () => {
  const page = await signIn('/run?connection=phone', [], undefined, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await openTerminal(page);
  const keys = page.getByRole('group', { name: 'Keys' });
  await run(page, 'echo first', /\nfirst/);
  await keys.getByRole('button', { name: 'Arrow up' }).click();
  await page.keyboard.press('Enter');
  await shows(page, /\nfirst[^]*\nfirst/);
  // it is there before the key that ends it
  await run(page, "sh -c 'echo beg''un; exec cat'", /\nbegun/);
  await keys.getByRole('button', { name: 'Ctrl' }).click();
  await page.keyboard.type('c');
  await shows(page, /\^C/);
  await run(page, 'echo back-$?', /\nback-130/);
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.context().close();
});
