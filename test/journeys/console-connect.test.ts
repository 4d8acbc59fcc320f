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
    ['conn', 'quick', '--agent', 'default', '--', 'bash', '--norc'],
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

/** Signed in; leaving a terminal is confirmed, and counted. */
async function signIn(path: string, options?: OpenOptions, who?: { email: string; password: string }) {
  const page = await hoop.signIn(path, who, options);
  const warned: string[] = [];
  page.on('dialog', (dialog) => {
    warned.push(dialog.type());
    void dialog.accept();
  });
  return { page, warned };
}

/** What stands on the terminal's screen. */
const screenOf = async (page: Page): Promise<string> =>
  (await page.locator('.xterm-rows:visible > div').allTextContents()).map((row) => row.trimEnd()).join('\n');

const shows = (page: Page, text: RegExp): Promise<RegExpExecArray> => {
  let screen = '';
  return eventually(async () => text.exec((screen = await screenOf(page))), {
    deadlineMs: 20_000,
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
async function openFree(page: Page, connection = 'free'): Promise<string> {
  await page.goto(`/run?connection=${connection}`);
  await page.getByText('Open a terminal').click();
  await page.getByRole('button', { name: 'Ask for a grant' }).click();
  await page.waitForURL(/\/connect\/\w+\/[0-9a-f-]{36}$/);
  await connected(page);
  return page.url().slice(-36);
}

const detail = async (page: Page, id: string): Promise<SessionDetail> =>
  (await (await page.request.get(`/api/sessions/${id}`)).json()) as SessionDetail;

describe('a terminal', () => {
  test('opens once the grant is approved in Slack, and outlives page and gateway until it is revoked', async () => {
    const { page, warned } = await signIn('/run?connection=bash');
    await page.getByText('Open a terminal').click();
    await page.getByLabel('Duration').fill('20m');
    await page.getByLabel('Reason').fill('to look around');
    await page.getByRole('button', { name: 'Ask for a grant' }).click();
    await page.getByText('Asked: admin, sre.').waitFor();
    await expectAccessible(page);
    const [grant] = (await (await page.request.get('/api/sessions?kind=connect')).json()) as SessionDetail[];
    const asked = await hoop.stack.sandbox.message('ops', 'bob', grant?.id ?? '');
    await hoop.stack.sandbox.click('bob', 'ops', asked.ts, 'approve');
    await page.waitForURL(/\/connect\/bash\/[0-9a-f-]{36}$/);
    await connected(page);
    await page.getByText(/^1\d minutes left$/).waitFor();

    await run(page, "PS1='ready''> '; echo $TERM", /xterm-256color\nready>/);
    const wide = await run(page, 'echo "size $(tput cols) $(stty size)"', /size (\d+) (\d+) (\d+)/);
    await page.setViewportSize({ width: 800, height: 600 });
    const narrow = await run(
      page,
      `until [ "$(tput cols)" -lt ${wide[1]} ]; do :; done; echo "narrow $(tput cols) $(stty size)"`,
      /narrow (\d+) (\d+) (\d+)/,
    );
    expect(narrow[1]).toBe(narrow[3]);
    expect(Number(narrow[2])).toBeLessThan(Number(wide[2]));

    // Ctrl-C is the program's
    await run(page, "sh -c 'echo beg''un; exec sleep 999'", /\nbegun/);
    await page.keyboard.press('Control+c');
    await run(page, 'echo back-$?', /back-130/);

    // the page is loaded again
    await page.reload();
    await connected(page);
    expect(warned).toContain('beforeunload');
    await shows(page, /back-130[^]*ready>/);
    await run(page, 'echo still-$((6*7))', /still-42/);

    // the gateway dies while something is typed
    const file = join(hoop.stack.home, 'typed');
    await page.keyboard.type(`cat > ${file}\n`);
    const numbers = Array.from({ length: 120 }, (_, at) => `line-${at}`);
    const typing = (async () => {
      for (const line of numbers) await page.keyboard.type(`${line}\n`, { delay: 3 });
    })();
    await eventually(async () => (await readFile(file, 'utf8').catch(() => '')).includes('line-20\n'), {
      deadlineMs: 20_000,
      describe: 'some of it was typed',
    });
    await hoop.stack.kill('gateway');
    await page.getByText('The line broke; the terminal goes on').waitFor();
    await hoop.stack.start('gateway');
    await typing;
    await connected(page);
    await eventually(async () => (await readFile(file, 'utf8')).endsWith('line-119\n'), { deadlineMs: 20_000 });
    await page.keyboard.press('Control+d');
    await run(page, 'echo after', /\nafter/);
    expect(await readFile(file, 'utf8')).toBe(numbers.map((line) => `${line}\n`).join(''));

    // another one under the same grant, which others watch
    const first = page.url();
    await page.getByRole('button', { name: 'New terminal' }).click();
    await page.waitForURL((url) => url.href !== first && /\/connect\/bash\/[0-9a-f-]{36}$/.test(url.href));
    await connected(page);
    await run(page, 'echo second-$((40+2))', /second-42/);
    const eve = await hoop.addUser('eve@localhost', ['admin']);
    const { page: other } = await signIn(new URL(page.url()).pathname, undefined, eve);
    await other.getByText('You watch; only who asked for it types here.').waitFor();
    await shows(other, /second-42/);
    await run(page, 'echo third-$((40+3))', /third-43/);
    await shows(other, /third-43/);
    await expectAccessible(other);
    await page.getByRole('navigation', { name: 'Terminals' }).getByRole('link').first().click();
    await shows(page, /\nafter/);

    await run(page, 'exit 3', /exit/);
    await page.getByText('The program has ended with exit status 3.').waitFor();
    await page.getByRole('navigation', { name: 'Terminals' }).getByRole('link').last().click();
    await hoop.stack.hoop(['sessions', 'revoke', grant?.id ?? '']).ended;
    await page.getByText('The terminal was ended: the grant is over or revoked.').waitFor();
    await other.getByText('The terminal was ended: the grant is over or revoked.').waitFor();
    await page.getByRole('button', { name: 'Ask for a grant' }).waitFor();
    await other.context().close();
    await page.context().close();
  });

  test('opens by itself where nobody has to approve; more time is asked for, and it ends when it is given back', async () => {
    const { page } = await signIn('/');
    const id = await openFree(page);
    const { grant } = await detail(page, id);
    const before = await detail(page, grant ?? '');
    await page.getByRole('button', { name: 'Ask for more time' }).click();
    await page.getByLabel('For how much longer').fill('1h');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText(/^(8\d|90) minutes left$/).waitFor();
    const after = await detail(page, grant ?? '');
    expect(Date.parse(after.activeUntil ?? '') - Date.parse(before.activeUntil ?? '')).toBe(3_600_000);
    await page.locator('.xterm-helper-textarea').focus();
    await run(page, 'echo goes-on-$((1+1))', /goes-on-2/);
    await page.getByRole('button', { name: 'Give back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
    await page.getByText('The terminal was ended: the grant is over or revoked.').waitFor();
    await page.getByRole('button', { name: 'Ask for a grant' }).waitFor();
    expect((await detail(page, grant ?? '')).state).toMatch(/closing|ended/);
    await page.context().close();
  });

  test('takes what is pasted as pasted, up to a bound; it is left by keyboard, and what is marked is copied', async () => {
    const { page } = await signIn('/');
    await openFree(page, 'quick');
    const paste = (text: string) =>
      page.locator('.xterm-helper-textarea').evaluate((field, data) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', data);
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    await run(page, "printf '\\e[?2004h'; stty -echo; echo read''y; cat -v", /\nready/);
    await paste('two\nlines');
    await page.keyboard.type('\n');
    await shows(page, /\^\[\[200~two\n(?:\^M)?lines\^\[\[201~/);
    await paste('x'.repeat(300 * 1024));
    await page.getByText('can be pasted at once').waitFor();
    expect(await screenOf(page)).not.toContain('xxxx');

    await page.keyboard.press('Control+Shift+Enter');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Back into the terminal');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.className === 'xterm-helper-textarea');
    await page.keyboard.press('Control+Shift+c');
    await page.getByText('Nothing is marked.').waitFor();
    await page.context().close();
  });

  test('on a phone has the keys that a phone has not', async () => {
    const { page } = await signIn('/', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await openFree(page, 'phone');
    const keys = page.getByRole('group', { name: 'Keys' });
    await run(page, 'echo first', /\nfirst/);
    await keys.getByRole('button', { name: 'Arrow up' }).click();
    await page.keyboard.type('\n');
    await shows(page, /\nfirst[^]*\nfirst/);
    await run(page, "sh -c 'echo beg''un; exec sleep 999'", /\nbegun/);
    await keys.getByRole('button', { name: 'Ctrl' }).click();
    await page.keyboard.type('c');
    await run(page, 'echo back-$?', /back-130/);
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.context().close();
  });
});
