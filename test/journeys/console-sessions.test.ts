/** Sessions in the console: finding one, watching it, playing its recording, taking it away, ending it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '#shared/api-schemas.ts';
import type { SessionState } from '#shared/session-states.ts';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { startFreezingProxy } from '#test/support/freezing-proxy.ts';
import { distFile } from '#test/support/processes.ts';
import { openTerminal, type Terminal } from '#test/support/pty.ts';

let hoop: StackConsole;

beforeAll(async () => {
  hoop = await startConsole();
  await run('admin', 'create', 'conn', 'open', '--overwrite', '--agent', 'default', '--', 'bash');
}, 180_000);
afterAll(() => hoop?.close(), 60_000);
afterEach(async () => {
  for (const context of hoop.browser.contexts()) await context.close();
  expect(hoop.complaints).toEqual([]);
});

/** What `hoop` printed. */
async function run(...args: string[]): Promise<Buffer> {
  const { code, stdout, stderr } = await hoop.stack.hoop(args).ended;
  if (code !== 0) throw new Error(`hoop ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Asks for a command and goes away; gives the session's id. */
const ask = async (connection: string, script: string): Promise<string> =>
  (await run('exec', connection, '--detach', '-i', script)).toString().trim();

/** `hoop connect` in a terminal of its own. */
const connectTo = async (connection: string): Promise<Terminal> =>
  openTerminal(process.execPath, [await distFile('hoop.js'), 'connect', connection], {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    HOOP_HOME: hoop.stack.home,
    HOOP_API_URL: hoop.stack.apiUrl,
    HOOP_TOKEN: hoop.stack.adminToken,
  });

/** The latest terminal under `open` that is in this state. */
async function terminalOf(state: SessionState): Promise<string> {
  const list = await run('sessions', 'list', '--kind', 'exec', '--connection', 'open', '-o', 'json');
  const sessions = JSON.parse(list.toString()) as SessionView[];
  return sessions.find((session) => session.terminal && session.state === state)?.id ?? '';
}

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const output = (page: Page) => section(page, 'Output').locator('pre');
const row = (page: Page, id: string) => page.getByRole('row').filter({ hasText: id.slice(0, 8) });

async function download(page: Page, item: string): Promise<{ name: string; bytes: Buffer }> {
  await section(page, 'Output').getByRole('button', { name: 'Download' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: item, exact: true }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test('what the list is narrowed to is in the address, and survives a reload and the way back', async () => {
  const done = await ask('open', 'true');
  const waits = await ask('bash', 'true');
  const page = await hoop.signIn('/sessions');
  await row(page, done).getByText('Finished').waitFor();
  await expectAccessible(page);
  await page.getByLabel('Connection').fill('bash');
  await page.keyboard.press('Enter');
  await row(page, done).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'State Any' }).click();
  await page.getByRole('checkbox', { name: 'Pending' }).check();
  await page.getByRole('checkbox', { name: 'Running' }).check();
  await page.keyboard.press('Escape');
  await page.getByLabel('Asked by').fill('me');
  await page.waitForURL(/requester=me/);
  await page.reload();
  await row(page, waits).getByText('Pending').waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    state: 'pending,running',
    connection: 'bash',
    requester: 'me',
  });
  await row(page, waits).getByRole('link').click();
  await page.getByRole('heading', { name: 'exec on bash', level: 1 }).waitFor();
  await page.goBack();
  await row(page, waits).waitFor();
  expect(await row(page, done).count()).toBe(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear' }).click();
  await row(page, done).waitFor();
  await page.goto(`/sessions?id=${waits.slice(0, 8)}&kind=exec&since=2020-01-01`);
  await row(page, waits).waitFor();
  await row(page, done).waitFor({ state: 'detached' });
});

test('a command streams into the open page with its colours, and nothing it writes does anything else', async () => {
  const goOn = join(hoop.stack.home, 'go-on');
  const id = await ask(
    'open',
    `printf '\\033[31mred\\033[0m\\033[5;5H and\\033]0;taken\\007 so on\\n'
     printf 'ten%%\\rall of it\\n' >&2
     until [ -e '${goOn}' ]; do sleep 0.1; done
     printf '\\033]52;c;aGFjaw==\\007<script>document.title = "taken"</script>\\033P0;1|data\\033\\\\\\342\\200\\256 the end\\n'`,
  );
  const page = await hoop.signIn(`/sessions/${id}`);
  await output(page).getByText('all of it').waitFor();
  const red = output(page).getByText('red', { exact: true });
  expect(await red.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(179, 38, 30)');
  await section(page, 'Output').getByText('Live.').waitFor();
  await writeFile(goOn, '');
  await output(page).getByText('the end').waitFor();
  await section(page, 'State').getByText('Finished').waitFor();
  const lines = ((await output(page).textContent()) ?? '').trimEnd().split('\n');
  expect(lines.toSorted()).toEqual(
    ['<script>document.title = "taken"</script>\\u{202e} the end', 'all of it', 'red and so on'].toSorted(),
  );
  expect(await section(page, 'Output').innerHTML()).not.toMatch(/[\u001b\u0007\u009b\u202e]|aGFjaw/);
  expect(await page.title()).toBe('exec on open · hoop');
  await expectAccessible(page);
});

test('output whose line has died without a word is taken up again, and no line of it is lost or doubled', async () => {
  const proxy = await startFreezingProxy(hoop.stack.apiUrl);
  onTestFinished(() => proxy.close());
  const steps = ['two', 'three'].map((step) => join(hoop.stack.home, `step-${step}`));
  const [two = '', three = ''] = steps;
  const until = (file: string) => `until [ -e '${file}' ]; do sleep 0.1; done`;
  const id = await ask('open', `echo line-one; ${until(two)}; echo line-two; ${until(three)}; echo line-three`);
  const page = await hoop.signIn('/sessions');
  await page.goto(`${proxy.url}/sessions/${id}`);
  await output(page).getByText('line-one').waitFor();
  proxy.freeze();
  await writeFile(two, '');
  await section(page, 'Output').getByText('The line is silent; reconnecting…').waitFor();
  proxy.thaw();
  await output(page).getByText('line-two').waitFor();
  await section(page, 'Output').getByText('Live.').waitFor();
  await writeFile(three, '');
  await output(page).getByText('line-three').waitFor();
  await section(page, 'State').getByText('Finished').waitFor();
  expect(((await output(page).textContent()) ?? '').trim().split('\n')).toEqual(['line-one', 'line-two', 'line-three']);
});

test('a running terminal is watched as it goes, also when the line to it has died without a word', async () => {
  const proxy = await startFreezingProxy(hoop.stack.apiUrl);
  onTestFinished(() => proxy.close());
  const terminal = await connectTo('open');
  await terminal.shows(/[#$] $/);
  terminal.type('echo first-$((20+1))\r');
  await terminal.shows(/first-21/);
  const page = await hoop.signIn('/sessions');
  await page.goto(`${proxy.url}/sessions/${await terminalOf('running')}`);
  const screen = section(page, 'Output').getByRole('group', { name: 'Terminal' });
  const shown = (text: string) => screen.getByText(text, { exact: true }).first().waitFor();
  const watching = section(page, 'Output').getByText('You watch; only who asked for it types here.');
  await shown('first-21');
  await watching.waitFor();
  terminal.type('echo second-$((20+2))\r');
  await shown('second-22');
  proxy.freeze();
  terminal.type('echo third-$((20+3))\r');
  await section(page, 'Output').getByText('The line is silent; reconnecting…').waitFor();
  proxy.thaw();
  await shown('third-23');
  await watching.waitFor();
  expect(await screen.getByText(/^third-23$/).count()).toBe(1);
  terminal.type('exit\r');
  await section(page, 'State').getByText('Finished').waitFor();
  await terminal.ended;
}, 120_000);

test('the file of an output is what the command wrote, byte for byte', async () => {
  const file = join(hoop.stack.home, 'written');
  const id = await ask('open', `head -c 700000 /dev/urandom | tee '${file}'; echo no >&2`);
  const page = await hoop.signIn(`/sessions/${id}`);
  await section(page, 'State').getByText('Finished').waitFor();
  const taken = await download(page, 'Only stdout');
  expect(taken.name).toBe(`hoop-${id.slice(0, 8)}.stdout.log`);
  expect(taken.bytes.equals(await readFile(file))).toBe(true);
  expect((await download(page, 'Only stderr')).bytes.toString()).toBe('no\n');
  expect((await download(page, 'Output')).bytes.length).toBe(700_003);
});

test('a terminal is played to its last screen, back, and taken away as the command line exports it', async () => {
  const terminal = await connectTo('open');
  await terminal.shows(/[#$] $/);
  terminal.type("PS1='ready''> '\r");
  await terminal.shows(/ready> $/);
  terminal.resize(90, 25);
  terminal.type('until stty size | grep 90; do :; done\r');
  await terminal.shows(/25 90\r\n/);
  terminal.type('clear; printf "\\033[32mlast-%s\\033[0m\\n" screen\r');
  await terminal.shows(/last-screen/);
  terminal.type('exit\r');
  await terminal.ended;
  const id = await terminalOf('finished');

  const page = await hoop.signIn(`/sessions/${id}`);
  const player = page.getByRole('group', { name: 'Player' });
  const screen = section(page, 'Output').getByRole('group', { name: 'Recording' });
  await player.getByLabel('Speed').selectOption('8x');
  await player.getByLabel('Pauses').selectOption('Skip pauses over 1 s');
  await player.getByRole('button', { name: 'Play' }).click();
  await screen.getByText('last-screen').first().waitFor();
  await player.getByText('90×25').waitFor();
  await player.getByRole('button', { name: 'Play' }).waitFor();
  await player.getByLabel('Show what was typed').check();
  await page.getByRole('region', { name: 'Typed' }).getByText(/exit⏎/).waitFor();
  await expectAccessible(page);
  await player.getByLabel('Position').press('Home');
  await player.getByText('100×40').waitFor();
  await screen.getByText('last-screen').first().waitFor({ state: 'detached' });
  await player.getByLabel('Position').press('End');
  await screen.getByText('last-screen').first().waitFor();

  const { name, bytes } = await download(page, 'Recording (asciicast)');
  const events = (cast: Buffer) => cast.toString().split('\n').slice(1);
  expect(name).toBe(`hoop-${id.slice(0, 8)}.cast`);
  expect(events(bytes)).toEqual(events(await run('sessions', 'replay', id, '--export', 'asciicast')));
}, 120_000);

test('a request is withdrawn, a running command revoked, and either asked for again', async () => {
  const waits = await ask('bash', 'true');
  const page = await hoop.signIn(`/sessions/${waits}`);
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await section(page, 'State').getByText('Its requester withdrew it; nothing ran.').waitFor();
  const steps = section(page, 'Timeline').getByRole('listitem');
  await steps.filter({ hasText: 'Withdrawn by admin@localhost in the console' }).waitFor();
  await steps.filter({ hasText: 'Asked for by admin@localhost in the CLI' }).waitFor();

  const runs = hoop.stack.hoop(['exec', 'open', '-i', 'echo begun; exec sleep 600']);
  await page.goto('/sessions?state=running');
  await page
    .getByRole('row')
    .getByRole('link', { name: /exec on open/ })
    .click();
  await output(page).getByText('begun').waitFor();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await section(page, 'State').getByText('It was revoked.').waitFor();
  expect((await runs.ended).code).toBe(77);

  await page.getByRole('link', { name: 'Run again' }).click();
  await page.waitForURL(/\/run\?again=[0-9a-f-]{36}$/);
}, 60_000);

test('new sessions wait at the top while somebody reads further down', async () => {
  const client = new pg.Client({ connectionString: hoop.stack.databaseUrl });
  await client.connect();
  await client.query(
    `insert into sessions (id, kind, state, connection_name, agent_name, requester_id, digest, policy, created_at, expires_at, ended_at, exit_code, workflow_started_at)
     select gen_random_uuid(), 'exec', 'finished', 'many', 'default', u.id, repeat('a', 64), '{"groups":[],"minApprovals":0,"distinctReviewers":false,"forceApproveGroups":[]}',
       now() - (n || ' hours')::interval, now(), now(), n, now()
     from generate_series(1, 120) n, users u where u.email = 'admin@localhost'`,
  );
  await client.end();
  const page = await hoop.signIn('/sessions?kind=exec');
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await page.getByRole('row').nth(100).scrollIntoViewIfNeeded();
  const id = await ask('open', 'true');
  await page.getByRole('button', { name: '1 new session' }).click();
  await row(page, id).getByText('Finished').waitFor();
  await page.getByRole('button', { name: '1 new session' }).waitFor({ state: 'detached' });
  await page.goto('/sessions?connection=many');
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await page.getByRole('row').nth(120).waitFor();
  await page.getByRole('button', { name: 'Show older ones' }).waitFor({ state: 'detached' });
  const exits = await page.locator('tbody tr td:last-child').allTextContents();
  expect(exits).toEqual(Array.from({ length: 120 }, (_, at) => String(at + 1)));
});
