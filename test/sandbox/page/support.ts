/** The sandbox's page in a real browser, on a workspace with a message that waits for a decision. */
import type { App } from '@slack/bolt';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { buildPage } from '#test/support/built-page.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import type { SandboxDeps } from '#sandbox/server.ts';
import { approveBlocks, install, startBolt, startSandbox, type Installed, type TestSandbox } from '../support.ts';

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 375, height: 740 };

const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

export const reasonModal = {
  type: 'modal' as const,
  callback_id: 'reason',
  title: plain('Reject this request'),
  submit: plain('Reject'),
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: plain('Reason'),
      element: { type: 'plain_text_input', action_id: 'reason', multiline: true },
    },
  ],
};

/** Approve rewrites the message, Reject asks why, `/hoop` answers what was typed. */
function decide(bolt: App): void {
  bolt.action('approve', async ({ ack, body, respond }) => {
    await ack();
    await respond({ replace_original: true, text: `approved by <@${body.user.id}>`, blocks: [] });
  });
  bolt.action('reject', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: reasonModal });
  });
  bolt.view('reason', async ({ ack, view, client, body }) => {
    const reason = view.state.values.why!.reason!.value!;
    if (reason === 'no') return ack({ response_action: 'errors', errors: { why: 'Say more.' } });
    await ack();
    await client.chat.postMessage({ channel: 'ops', text: `rejected by <@${body.user.id}>: ${reason}` });
  });
  bolt.command('/hoop', async ({ ack, command }) => ack(`you typed ${command.text}`));
}

export interface PageWorld {
  sandbox: TestSandbox;
  tokens: Installed;
  app: App;
}

/** One browser and one build for the tests of a file. */
export function usePage() {
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

  // Sandbox, app and test share a process that may stand still longer than Slack would wait.
  const start = (deps: Partial<SandboxDeps> = {}) =>
    startSandbox({ pageDir: built.folder, ackTimeoutMs: 60_000, triggerMs: 60_000, ...deps });
  return {
    /** A workspace without apps. */
    start,
    /** A workspace whose `#ops` has a request; `listen` adds to what the app does. */
    async world(listen: (app: App) => void = () => {}): Promise<PageWorld> {
      const sandbox = await start();
      const tokens = await install(sandbox.control);
      const { app } = await startBolt(sandbox, tokens, (bolt) => {
        decide(bolt);
        listen(bolt);
      });
      await app.client.chat.postMessage({ channel: 'ops', text: 'please', blocks: approveBlocks });
      return { sandbox, tokens, app };
    },
    /** A tab of its own; `path` says who it is. */
    async open(
      { url }: { url: string },
      path: string,
      options: { viewport?: typeof DESK; colorScheme?: 'light' | 'dark' } = {},
    ): Promise<Page> {
      const context = await browser.newContext({ viewport: DESK, ...options });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const elsewhere: string[] = [];
      const failures: string[] = [];
      page.on('request', (request) => request.url().startsWith(url) || elsewhere.push(request.url()));
      page.on('pageerror', (error) => failures.push(error.message));
      onTestFinished(() => expect({ elsewhere, failures }).toEqual({ elsewhere: [], failures: [] }));
      await page.goto(`${url}/${path}`);
      return page;
    },
  };
}

/** What the app is sent next is lost; whoever clicked or typed is told so soon. */
export const loseNext = ({ control }: TestSandbox) => control.post('faults', { kind: 'lose', ms: 100 });

/** Waits until something can be seen. */
export async function seen(locator: Locator): Promise<void> {
  await locator.waitFor();
  expect(await locator.count()).toBe(1);
}

/** How much wider the page is than the window. */
export const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** The name of what has the focus, as a screen reader would say it, roughly. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
  });

/** Waits until what has the focus is called so. */
export const focuses = (page: Page, name: string): Promise<void> =>
  eventuallyPasses(async () => expect(await focused(page)).toBe(name));
