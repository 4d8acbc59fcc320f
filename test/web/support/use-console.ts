import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { buildPage, type BuiltPage } from '#test/support/built-page.ts';
import { FakeGateway } from './fake-gateway.ts';
import { password, people } from './samples.ts';

/** A gateway of its own and a fresh browser page for each test of a file. */
export interface ConsoleUnderTest {
  readonly gateway: FakeGateway;
  readonly page: Page;
  /** Folder of the built console. */
  readonly folder: string;
  /** What the browser complained of so far; a test that provokes some takes them out. */
  readonly complaints: string[];
  signIn: (person: keyof typeof people, path?: string) => Promise<void>;
  /** Waits until a text is on the page. */
  shows: (text: string | RegExp) => Promise<void>;
  /** A titled part of a page. */
  section: (name: string) => Locator;
  /** The button of a name in the dialog that is open. */
  dialogButton: (name: string) => Locator;
}

/** Sets up browser and gateway around the tests of a file; each test ends without a complaint of the browser. */
export function useConsole(): ConsoleUnderTest {
  let built: BuiltPage;
  let browser: Browser;
  let gateway: FakeGateway;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [built, browser] = await Promise.all([buildPage('vite.web.config.ts'), launchBrowser()]);
  });

  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });

  beforeEach(async () => {
    gateway = new FakeGateway(built.folder);
    await gateway.start();
    context = await browser.newContext({ baseURL: gateway.url });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    complaints = [];
    await collectComplaints(page, complaints);
  });

  afterEach(async () => {
    // what a test held back may still be on its way
    await page?.unrouteAll({ behavior: 'ignoreErrors' });
    await context?.close();
    await gateway?.stop();
    expect(complaints).toEqual([]);
  });

  return {
    get gateway() {
      return gateway;
    },
    get page() {
      return page;
    },
    get folder() {
      return built.folder;
    },
    get complaints() {
      return complaints;
    },
    async signIn(person, path = '/') {
      await page.goto(path);
      await page.getByLabel('E-mail').fill(people[person].email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
    },
    shows: (text) => page.getByText(text).first().waitFor(),
    section: (name) => page.getByRole('region', { name, exact: true }),
    dialogButton: (name) => page.getByRole('dialog').getByRole('button', { name, exact: true }),
  };
}

/** Errors that nobody caught, warnings of React, and what the content security policy held back. */
export async function collectComplaints(page: Page, complaints: string[]): Promise<void> {
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`Content Security Policy: ${violatedDirective} held back ${blockedURI}`);
    });
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Warning:|Maximum update/.test(message.text())) complaints.push(message.text());
  });
}
