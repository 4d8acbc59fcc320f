/** The console of a whole hoop (`startStack`) in a real browser. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { collectComplaints } from '#test/web/support/use-console.ts';
import { launchBrowser } from './browser.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';

export interface StackConsole {
  stack: Stack;
  browser: Browser;
  /** What browsers complained of so far: uncaught errors, React's warnings, the content security policy. */
  complaints: string[];
  /** A page of a browser of its own where nobody is signed in. */
  open(path?: string, options?: OpenOptions): Promise<Page>;
  /** A page of a browser of its own with somebody signed in; `admin@localhost` unless told. */
  signIn(path?: string, who?: { email: string; password: string }, options?: OpenOptions): Promise<Page>;
  /** A user with a password. */
  addUser(email: string, groups: string[]): Promise<{ email: string; password: string }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
}

const userPassword = 'correct horse battery';

export async function startConsole(options?: StackOptions): Promise<StackConsole> {
  const [stack, browser] = await Promise.all([startStack(options), launchBrowser()]);
  const complaints: string[] = [];

  const open = async (path = '/', pageOptions: OpenOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ baseURL: stack.apiUrl, ...pageOptions });
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    await collectComplaints(page, complaints);
    await page.goto(path);
    return page;
  };
  const admin = async () => ({
    email: 'admin@localhost',
    password: (await readFile(join(stack.home, 'admin-password'), 'utf8')).trim(),
  });

  return {
    stack,
    browser,
    complaints,
    open,
    async signIn(path = '/', who, pageOptions) {
      const { email, password } = who ?? (await admin());
      const page = await open(path, pageOptions);
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      return page;
    },
    async addUser(email, groups) {
      const args = ['admin', 'create', 'user', email, '--overwrite', '--groups', groups.join(','), '--password-stdin'];
      const process = stack.hoop(args);
      process.child.stdin.end(userPassword);
      const { code, stderr } = await process.ended;
      if (code !== 0) throw new Error(`hoop ${args.join(' ')}: ${stderr}`);
      return { email, password: userPassword };
    },
    async close() {
      await browser.close();
      await stack.close();
    },
  };
}
