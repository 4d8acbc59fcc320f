/** Slack as an admin sets it up in the console: app, tokens, channels, a test message, and the end of it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import manifest from '../../slack/manifest.json' with { type: 'json' };

const configurations = '/integrations/slack/configurations';
const settings = '/plugins/slack/settings';
const plugin = z.object({
  updatedAt: z.string(),
  configuredAt: z.object({ SLACK_BOT_TOKEN: z.string(), SLACK_APP_TOKEN: z.string() }),
});
const installed = z.object({ appId: z.string(), botToken: z.string(), appToken: z.string() });

let hoop: StackConsole;
let page: Page;
/** As `POST /control/apps` gives it. */
let app: z.infer<typeof installed>;

beforeAll(async () => {
  hoop = await startConsole();
  page = await hoop.signIn('/');
}, 180_000);
afterAll(async () => {
  await hoop?.close();
}, 60_000);

const control = async (path: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(`${hoop.stack.sandbox.url}/control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const form = (name: string) => page.getByRole('form', { name });
const section = (name: string) => page.getByRole('region', { name, exact: true });
const field = (label: 'Bot token' | 'App-level token') => form('Tokens of the Slack app').getByLabel(label);
const saveTokens = () =>
  form('Tokens of the Slack app')
    .getByRole('button', { name: /^Verify and/ })
    .click();
const saved = () => page.getByText('Slack took both tokens').waitFor();
const connection = (name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('button', { name: `Change the channels of ${name}` }) });
/** What the configuration looks like to the API. */
const hoopSays = async (...args: string[]) => {
  const { code, stdout, stderr } = await hoop.stack.hoop([...args, '-o', 'json']).ended;
  expect(stderr + String(code)).toBe('0');
  return stdout.toString();
};

test('the manifest that the page copies makes the app, as hoop slack manifest does', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Slack', exact: true }).click();
  // it is said for a moment only
  const said = page.getByText('Copied').waitFor();
  await page.getByRole('button', { name: 'Copy the manifest' }).click();
  await said;
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const { stdout } = await hoop.stack.hoop(['slack', 'manifest']).ended;
  expect(copied).toBe(stdout.toString().trimEnd());
  for (const scope of manifest.oauth_config.scopes.bot) {
    expect(await section('2. Install it, and find the bot token').getByText(scope, { exact: true }).count()).toBe(1);
  }
  const link = page.getByRole('link', { name: /api\.slack\.com\/apps/ });
  expect(await link.getAttribute('href')).toBe('https://api.slack.com/apps?new_app=1');
  expect(await link.getAttribute('target')).toBe('_blank');
  await expectAccessible(page);

  // the app of the first run goes: two apps with one command would be one too many
  await control('apps/hoop/uninstall', {});
  const fresh = { ...manifest, ...(JSON.parse(copied) as object), display_information: { name: 'hoop of the page' } };
  app = installed.parse(await control('apps', fresh));
});

test('tokens that are wrong are refused at their field with the reason; nothing is saved and nothing typed is lost', async () => {
  await page.getByRole('tab', { name: 'Configurations' }).click();
  await page.waitForURL(`**${configurations}`);
  await field('Bot token').fill(app.appToken);
  await field('App-level token').fill(app.botToken);
  await saveTokens();
  await page.getByText(/SLACK_BOT_TOKEN must start with xoxb-.*swapped/).waitFor();
  await page.getByText(/SLACK_APP_TOKEN must start with xapp-.*swapped/).waitFor();

  const before = await hoopSays('admin', 'get', 'plugin', 'slack');
  await field('Bot token').fill(`${app.botToken}x`);
  await field('App-level token').fill(app.appToken);
  await saveTokens();
  await page.getByText(/SLACK_BOT_TOKEN was refused: .*invalid_auth/).waitFor();
  expect(await page.getByText(/SLACK_APP_TOKEN (was refused|must)/).count()).toBe(0);
  expect(await field('Bot token').getAttribute('aria-invalid')).toBe('true');
  expect([await field('Bot token').inputValue(), await field('App-level token').inputValue()]).toEqual([
    `${app.botToken}x`,
    app.appToken,
  ]);
  const after = await hoopSays('admin', 'get', 'plugin', 'slack');
  expect(plugin.parse(JSON.parse(after))).toEqual(plugin.parse(JSON.parse(before)));
  await expectAccessible(page);
});

test('tokens that are right are saved, the sockets connect before the eyes, and no token is left in the page', async () => {
  await field('Bot token').fill(app.botToken);
  await field('App-level token').fill(app.appToken);
  await saveTokens();
  await saved();
  await section('Connection to Slack').getByText(app.appId).waitFor();
  const status = section('Connection to Slack').getByRole('status');
  await status.getByText('2 of 10 sockets open').waitFor();
  await status.getByText('Connected').waitFor();
  await section('Connection to Slack').getByText('2 sockets').waitFor();
  expect([await field('Bot token').inputValue(), await field('App-level token').inputValue()]).toEqual(['', '']);
  const shown = await page.content();
  for (const token of [app.botToken, app.appToken]) expect(shown).not.toContain(token);
  expect(await hoop.stack.log('gateway')).not.toContain(app.botToken);
  await expectAccessible(page);
});

test('one token is changed without the other, and one without its scope is refused with what it lacks', async () => {
  const made = async (scopes: string[]) =>
    z.object({ token: z.string() }).parse(await control(`apps/${app.appId}/tokens`, { scopes })).token;
  await field('App-level token').fill(await made(['app_configurations:write']));
  await saveTokens();
  await page.getByText(/SLACK_APP_TOKEN was refused: it lacks the scope connections:write/).waitFor();
  await field('App-level token').fill(await made(['connections:write']));
  await saveTokens();
  await saved();
  await saveTokens();
  await page.getByText('Nothing to save').waitFor();
  const { configuredAt } = plugin.parse(JSON.parse(await hoopSays('admin', 'get', 'plugin', 'slack')));
  expect(Date.parse(configuredAt.SLACK_APP_TOKEN)).toBeGreaterThan(Date.parse(configuredAt.SLACK_BOT_TOKEN));
});

test('what becomes of the sockets reaches the page without a reload', { timeout: 180_000 }, async () => {
  const status = section('Connection to Slack').getByRole('status');
  await status.getByText('Connected').waitFor();
  await control(`apps/${app.appId}/socket-mode`, { enabled: false });
  await section('Connection to Slack')
    .getByText(/Socket Mode is off/)
    .first()
    .waitFor();
  // Slack lets a connection that it ends linger for a while
  await status.getByText('0 of 10 sockets open').waitFor({ timeout: 45_000 });
  await status.getByText('Error').waitFor();
  await control(`apps/${app.appId}/socket-mode`, { enabled: true });
  expect(hoop.complaints).toEqual([]);
});

test('a test message arrives in the channel that was chosen, and is refused elsewhere with what to do', async () => {
  const channel = form('Test message').getByLabel('Channel').and(page.locator('input'));
  const send = form('Test message').getByRole('button', { name: 'Send a test message' });
  await send.click();
  await page.getByText('Name the channel that the message goes to.').waitFor();
  await channel.fill('gen');
  await page.getByRole('option', { name: '#general' }).click();
  await send.click();
  await page.getByText('It arrived in #general.').waitFor();
  await hoop.stack.sandbox.message('general', 'bob', 'sent by admin@localhost');
  await channel.fill('C0SECRET04');
  await send.click();
  await page.getByText(/Slack knows no channel C0SECRET04 .*invite the bot there/).waitFor();
  expect(await channel.inputValue()).toBe('C0SECRET04');
});

test('Manage plugins > Slack > Settings: channels are chosen and typed, and requests are asked there', async () => {
  await page.getByRole('link', { name: 'Manage plugins' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Slack', exact: true }).click();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.waitForURL(`**${settings}`);
  await page.getByRole('button', { name: 'Change the channels of bash' }).click();
  await page.getByLabel('Channels, comma separated').fill('');
  await page.getByRole('combobox', { name: 'Choose from Slack' }).fill('sr');
  await page.getByRole('option', { name: '#sre' }).click();
  expect(await page.getByLabel('Channels, comma separated').inputValue()).toBe('#sre');
  await expectAccessible(page);
  await page.getByLabel('Channels, comma separated').fill('#sre, general');
  await form('Channels of bash').getByRole('button', { name: 'Verify and save' }).click();
  await page.getByText('Saved: hoop has posted a line').waitFor();
  await connection('bash').getByText('#general', { exact: true }).waitFor();
  expect(await connection('bash').getByText('#ops', { exact: true }).count()).toBe(0);

  const { code } = await hoop.stack.hoop(['exec', 'bash', '--detach', '-i', 'echo asked-by-channel']).ended;
  expect(code).toBe(0);
  for (const channel of ['sre', 'general']) await hoop.stack.sandbox.message(channel, 'bob', 'echo asked-by-channel');
});

test('each channel that is refused has a line at the field; nothing is saved and other connections stay', async () => {
  const made = await hoop.stack.hoop(['admin', 'create', 'conn', 'other', '--agent', 'default', '--', 'sh']).ended;
  expect(made.code).toBe(0);
  await connection('other').waitFor();
  await page.getByRole('button', { name: 'Change the channels of bash' }).click();
  await page.getByLabel('Channels, comma separated').fill('#sre, nowhere, C0ARCHIVE5');
  await form('Channels of bash').getByRole('button', { name: 'Verify and save' }).click();
  await page.getByText(/There is no public channel #nowhere/).waitFor();
  await page.getByText(/C0ARCHIVE5 is archived/).waitFor();
  expect(await page.getByLabel('Channels, comma separated').inputValue()).toBe('#sre, nowhere, C0ARCHIVE5');
  await expectAccessible(page);
  await form('Channels of bash').getByRole('button', { name: 'Close' }).click();
  await connection('bash').getByText('#general', { exact: true }).waitFor();
  await connection('other').getByText('No channel. It has no reviewers: it runs at once.').waitFor();
});

test('on a phone in the dark the pages fit and are readable', async () => {
  const phone = await hoop.signIn(configurations, undefined, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  for (const [path, text] of [
    [configurations, 'Connection to Slack'],
    [settings, 'bash'],
    ['/integrations/slack', '4. Give both tokens to hoop'],
  ] as const) {
    await phone.goto(path);
    await phone.getByText(text, { exact: true }).waitFor();
    const beyond = await phone.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond).toBeLessThanOrEqual(0);
    await expectAccessible(phone);
  }
  await phone.context().close();
});

test('whoever is no admin is told so, and is asked for nothing', async () => {
  const reviewer = await hoop.signIn(configurations, await hoop.addUser('rita@example.com', ['sre']));
  for (const path of [configurations, settings, '/plugins']) {
    await reviewer.goto(path);
    await reviewer.getByText(/Only members of the group admin may/).waitFor();
  }
  expect(await reviewer.getByRole('link', { name: 'Manage plugins' }).count()).toBe(0);
  await reviewer.context().close();
});

test('deleting the configuration is confirmed, says what follows, and connections keep their channels', async () => {
  await page.getByRole('tab', { name: 'Configurations' }).click();
  await page.getByRole('button', { name: 'Delete the configuration' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete the configuration of Slack?' });
  await dialog.getByText('Connections keep their channels').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('hoop is not connected to Slack yet.').waitFor();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByText('Channels can be set once it is').waitFor();
  await connection('bash').getByText('#sre', { exact: true }).waitFor();
  expect(hoop.complaints).toEqual([]);
});
