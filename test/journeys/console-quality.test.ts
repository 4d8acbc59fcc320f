/** What holds for every page of the console: on a phone and a desk, in the light and the dark, and while hoop is away. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventually } from '#test/support/eventually.ts';
import { tooWide, untilSettled } from '#test/support/layout.ts';
import { collectComplaints } from '#test/web/support/use-console.ts';
import { pageRoutes } from '../../web/routes.tsx';
import { routes } from '../../web/util/paths.ts';

const desk = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };

let hoop: StackConsole;
/** Of an admin's browser. */
let storageState: Awaited<ReturnType<BrowserContext['storageState']>>;
/** Addresses for each route of the console, by its name. */
let addresses: Record<string, string[]>;

beforeAll(async () => {
  hoop = await startConsole();
  const page = await hoop.signIn('/');
  storageState = await page.context().storageState();
  await page.context().close();
  addresses = await makeExamples();
}, 240_000);

afterAll(async () => {
  await hoop?.close();
});

/** Something of each sort to look at. */
async function makeExamples(): Promise<typeof addresses> {
  const make = ['admin', 'create', 'conn', 'open', '--agent', 'default', '--access-modes', 'exec,connect'];
  await succeeds([...make, '--', 'bash']);
  const ran = await succeeds(['exec', 'open', '-i', 'printf "\\033[31mred\\033[0m\\n"; seq 40', '--detach']);
  const waits = await succeeds(['exec', 'bash', '-i', 'systemctl restart billing', '--reason', 'it hangs', '--detach']);
  await eventually(async () => (await succeeds(['sessions', 'show', ran])).includes('finished') || undefined, {
    describe: 'the example has finished',
  });
  return {
    reviews: ['/', '/reviews'],
    subscribe: ['/slack/subscribe'],
    sessions: ['/sessions'],
    session: [`/sessions/${ran}`, `/sessions/${waits}`],
    run: ['/run', '/run?connection=open'],
    connect: ['/connect/open'],
    slack: ['/integrations/slack', '/integrations/slack/configurations'],
    plugins: ['/plugins'],
    slackSettings: ['/plugins/slack/settings'],
    connections: ['/admin/connections'],
    newConnection: ['/admin/connections/new'],
    connection: ['/admin/connections/bash'],
    agents: ['/admin/agents'],
    newAgent: ['/admin/agents/new'],
    agent: ['/admin/agents/default'],
    users: ['/admin/users'],
    groups: ['/admin/groups'],
    audit: ['/admin/audit'],
    health: ['/admin/health'],
    tokens: ['/tokens'],
    cliSignIn: ['/cli'],
    deviceSignIn: ['/device'],
    welcome: ['/welcome'],
    signIn: ['/no/such/page'],
  };
}

async function succeeds(args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hoop.stack.hoop(args).ended;
  if (code !== 0) throw new Error(`hoop ${args.join(' ')}: ${stderr}`);
  return stdout.toString().trim();
}

async function openAsAdmin(path: string, options: Parameters<StackConsole['browser']['newContext']>[0] = {}) {
  const context = await hoop.browser.newContext({ baseURL: hoop.stack.apiUrl, storageState, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  await collectComplaints(page, hoop.complaints);
  await page.goto(path);
  return page;
}

/** What is wrong with the page as it is, each with what it is about. */
async function problemsOf(page: Page): Promise<string[]> {
  const { width } = page.viewportSize() ?? { width: 0 };
  const at = `${new URL(page.url()).pathname} at ${width} px`;
  const headings = await page.locator('h1').count();
  const title = await page.title();
  const problems = [
    ...(await accessibilityProblems(page)),
    ...(await tooWide(page)),
    ...(headings === 1 ? [] : [`${headings} headings of the first level`]),
    ...(/^.+ · hoop$/.test(title) ? [] : [`title ${JSON.stringify(title)}`]),
    ...hoop.complaints.splice(0),
  ];
  return problems.map((problem) => `${at}: ${problem}`);
}

test('every route of the console has an address here', () => {
  const known = new Set<string>(['/', ...Object.values(routes)]);
  expect(pageRoutes.map(({ path }) => path).filter((path) => !known.has(path))).toEqual([]);
  expect(Object.keys(routes).filter((name) => addresses[name] === undefined)).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page can be read and used by all when it is ${colorScheme}, on a desk and on a phone`, async () => {
    const page = await openAsAdmin('/', { colorScheme });
    const problems: string[] = [];
    for (const path of Object.values(addresses).flat()) {
      await page.setViewportSize(desk);
      await page.goto(path);
      await untilSettled(page);
      problems.push(...(await problemsOf(page)));
      await page.setViewportSize(phone);
      problems.push(...(await problemsOf(page)));
    }
    if (problems.length > 0) expect.fail(problems.join('\n\n'));
    expect(hoop.complaints).toEqual([]);
    await page.context().close();
  }, 240_000);
}

test('a gateway that goes away is told on every page, and each goes on by itself once it is back', async () => {
  const open: Page[] = [];
  for (const path of Object.values(addresses).flat()) {
    // Each in a browser of its own, for one allows six lines to a host.
    const page = await openAsAdmin(path);
    await untilSettled(page);
    open.push(page);
  }
  await hoop.stack.kill('gateway');
  // the banner, exactly: a page may say so as well, of what it had asked for just then
  const banner = (page: Page) => page.getByText('The gateway does not answer', { exact: true });
  for (const page of open) await banner(page).waitFor();
  for (const page of open) expect([page.url(), await page.locator('h1').count()]).toEqual([page.url(), 1]);
  await hoop.stack.start('gateway');
  for (const page of open) {
    await banner(page).waitFor({ state: 'detached' });
    await untilSettled(page);
  }
  expect(hoop.complaints).toEqual([]);
  for (const page of open) await page.context().close();
}, 240_000);

test('files of the console come compressed', async () => {
  const page = await openAsAdmin('/');
  const response = page.waitForResponse(/\/assets\/index-.*\.js$/);
  await page.reload();
  expect(await (await response).headerValue('content-encoding')).toMatch(/^(br|gzip)$/);
  await page.context().close();
});

test('the link to the content is the first thing Tab reaches, and skips the menu', async () => {
  const page = await openAsAdmin('/sessions');
  await untilSettled(page);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'content');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Reviews' }).click();
  // the heading of the page that was gone to is read out
  await page.waitForFunction(() => document.activeElement?.textContent === 'Reviews');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  await page.context().close();
});
