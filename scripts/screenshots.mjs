// Takes the pictures of the README's tour, docs/console.md and docs/operations.md from a running hoop: `npm start` in one
// terminal, this in another. `node scripts/screenshots.mjs console` takes those of docs/console.md alone.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = process.env.HOOP_HOME || join(homedir(), '.hoop');
const { apiUrl, sandboxUrl, temporalUiUrl } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'));
const folder = join(root, 'docs/screenshots');
const only = process.argv[2];
mkdirSync(folder, { recursive: true });

const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: ['--no-sandbox'] });
const shoot = async (page, name) => {
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`docs/screenshots/${name}.png`);
};
const open = async (url, size = { width: 1100, height: 720 }) => {
  const page = await browser.newPage({ viewport: size });
  await page.goto(url);
  return page;
};

if (only === 'console') {
  await shootConsole();
  await browser.close();
  process.exit(0);
}

const command = ['exec', 'bash', '-i', 'ls', '--reason', 'look at the checkout'];
const terminal = spawn(process.execPath, [join(root, 'dist/hoop.js'), ...command], { cwd: root });
let shown = "$ npx hoop exec bash -i 'ls' --reason 'look at the checkout'\n";
terminal.stdout.on('data', (data) => (shown += data));
terminal.stderr.on('data', (data) => (shown += data));
const ended = new Promise((resolve) => terminal.once('close', resolve));

const bob = await open(`${sandboxUrl}/?as=bob&channel=ops`);
const approve = bob.getByRole('button', { name: 'Approve', exact: true }).last();
await approve.waitFor();
await shoot(bob, 'slack-request');
await approve.click();
const status = await ended;
shown += `$ echo $?\n${status}\n`;
// earlier messages of the channel may have ended too: the one with buttons is this one
await approve.waitFor({ state: 'hidden' });
await bob.getByText('Approved, running').waitFor({ state: 'hidden' });
await bob.getByText('Finished').last().waitFor();
await shoot(bob, 'slack-approved');

const text = await browser.newPage({ viewport: { width: 900, height: 420 } });
await text.setContent(
  '<body style="margin:0;background:#16181d"><pre style="margin:0;padding:20px;color:#e8e8e8;font:14px/1.45 monospace"></pre></body>',
);
await text.locator('pre').evaluate((pre, output) => (pre.textContent = output), shown);
await text.locator('pre').screenshot({ path: join(folder, 'terminal.png') });
console.log('docs/screenshots/terminal.png');

const alice = await open(`${sandboxUrl}/?as=alice&channel=dm`);
await alice.getByText('Finished').last().waitFor();
await shoot(alice, 'slack-direct-message');

const id = /sessions\/([0-9a-f-]{36})/.exec(shown)[1];
const session = await open(`${apiUrl}/sessions/${id}`, { width: 1100, height: 1000 });
await session.getByLabel('E-mail').fill('admin@localhost');
await session
  .getByRole('textbox', { name: 'Password' })
  .fill(readFileSync(join(home, 'admin-password'), 'utf8').trim());
await session.getByRole('button', { name: 'Sign in' }).click();
await session.getByText('finished', { exact: false }).first().waitFor();
await session.locator('pre[aria-label="Output"]').waitFor();
await shoot(session, 'console-session');

if (temporalUiUrl) {
  const workflow = await open(`${temporalUiUrl}/namespaces/default/workflows/session-${id}`, {
    width: 1300,
    height: 900,
  });
  await workflow.getByText('run on agent default').first().waitFor();
  await shoot(workflow, 'temporal-workflow');
  await shootSearches();
}
await shootConsole();
await browser.close();

/** The command line, as the admin. */
function hoop(...words) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  return execFileSync(process.execPath, [join(root, 'dist/hoop.js'), ...words], options).trim();
}

/** What docs/operations.md shows: requests that wait, found by a search, and one of them. Withdrawn afterwards. */
async function shootSearches() {
  const connections = { db: 'sre', billing: 'sre,admin' };
  for (const [name, groups] of Object.entries(connections)) {
    hoop('admin', 'create', 'conn', name, '--overwrite', '--agent', 'default', '--reviewers', groups, '--', 'cat');
  }
  const ask = (connection) => hoop('exec', connection, '-i', 'select 1', '--detach');
  const asked = [ask('db'), ask('billing'), ask('db')];
  const between = new Date().toISOString();
  asked.push(ask('db'), ask('bash'));

  const size = { width: 1560, height: 460 };
  const found = await browser.newPage({ viewport: size });
  const labels = ['Status', 'Workflow ID', 'HoopConnection', 'HoopRequester', 'HoopGroupsAsked', 'Start'];
  const columns = JSON.stringify({ default: labels.map((label) => ({ label })) });
  // what the button with the gear below the list keeps
  await found.addInitScript((value) => localStorage.setItem('namespace-workflow-table-columns', value), columns);
  const query = `ExecutionStatus = 'Running' AND HoopState = 'pending' AND HoopGroupsAsked = 'sre' AND StartTime < '${between}'`;
  await found.goto(`${temporalUiUrl}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);
  await found.getByText(asked[2]).first().waitFor();
  await shoot(found, 'temporal-search');

  const waiting = await open(`${temporalUiUrl}/namespaces/default/workflows/session-${asked[1]}`, {
    width: 1300,
    height: 640,
  });
  await waiting.getByText('User Metadata').first().click();
  await waiting.frameLocator('iframe').getByText('expires').first().waitFor();
  await shoot(waiting, 'temporal-waiting');
  for (const id of asked) hoop('sessions', 'cancel', id);
  for (const name of Object.keys(connections)) hoop('admin', 'delete', 'conn', name);
}

/** What docs/console.md shows: pages in the light, and a request in the dark and on a phone too. */
async function shootConsole() {
  const desk = { width: 1280, height: 860 };
  const context = await browser.newContext({ baseURL: apiUrl, viewport: desk });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('admin@localhost');
  await page.getByRole('textbox', { name: 'Password' }).fill(readFileSync(join(home, 'admin-password'), 'utf8').trim());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  const show = async (path, name) => {
    await page.goto(path);
    await settled(page);
    await shoot(page, name);
  };

  await show('/welcome', 'console-welcome');
  const make = ['admin', 'create', 'conn', '--overwrite', '--agent', 'default', '--access-modes', 'exec,connect'];
  hoop(...make, 'billing-db', '--reviewers', 'sre', '--tags', 'team=billing', '--', 'cat');
  hoop(...make, 'staging', '--', 'bash');
  hoop('admin', 'create', 'user', 'dana@example.com', '--overwrite', '--groups', 'sre');
  const script =
    "update invoices set state = 'paid'\n where id = 4711;\nselect id, state from invoices where id = 4711;";
  const asked = [
    hoop('exec', 'billing-db', '-i', script, '--reason', 'Invoice 4711 was paid twice', '--detach'),
    hoop('exec', 'bash', '-i', 'systemctl restart billing', '--reason', 'Workers hang since 9:40', '--detach'),
  ];
  const ran = hoop('exec', 'staging', '-i', "printf 'check %s: \\033[32mok\\033[0m\\n' 1 2 3", '--detach');
  await page.goto(`/sessions/${ran}`);
  await page.getByText('check 3').first().waitFor();
  await shoot(page, 'console-output');
  await show('/reviews', 'console-reviews');
  await show(`/sessions/${asked[0]}`, 'console-request');
  await page.emulateMedia({ colorScheme: 'dark' });
  await show(`/sessions/${asked[0]}`, 'console-request-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 740 });
  await show(`/sessions/${asked[0]}`, 'console-request-phone');
  await page.setViewportSize(desk);
  const others = {
    run: '/run?connection=staging',
    connection: '/admin/connections/billing-db',
    health: '/admin/health',
  };
  for (const [name, path] of Object.entries(others)) await show(path, `console-${name}`);
  await context.close();
  for (const id of asked) hoop('sessions', 'cancel', id);
  for (const name of ['billing-db', 'staging']) hoop('admin', 'delete', 'conn', name);
}

/** Nothing that is seen is still loading. */
async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.locator('.mantine-Skeleton-root:visible').first().waitFor({ state: 'detached' });
}
