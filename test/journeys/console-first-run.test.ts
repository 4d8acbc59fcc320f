/** From an installation with nothing but its first admin to the output of a first command, on pages alone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { makeMachine, type Machine } from '#test/support/machine.ts';
import manifest from '../../slack/manifest.json' with { type: 'json' };

let hoop: StackConsole;
let machine: Machine;
let page: Page;

beforeAll(async () => {
  [hoop, machine] = await Promise.all([startConsole({ empty: true }), makeMachine()]);
}, 180_000);

afterAll(async () => {
  await machine?.remove();
  await hoop?.close();
});

const step = (title: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });
const backToFirstSteps = () => page.getByRole('link', { name: 'First steps', exact: true }).click();

/** An app made from hoop's manifest, as one makes it at Slack. */
async function installApp(): Promise<{ botToken: string; appToken: string }> {
  const answer = await fetch(`${hoop.stack.sandbox.url}/control/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  return z.object({ botToken: z.string(), appToken: z.string() }).parse(await answer.json());
}

test('an admin of an empty installation is led to the first steps, and each shows that it is done', async () => {
  page = await hoop.signIn('/');
  await page.getByRole('heading', { name: 'First steps', level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/welcome');
  await step('Start an agent').getByText('Next', { exact: true }).waitFor();
  await step('Make a connection').getByText('so the agent comes first').waitFor();
  await step('Run a first command').getByText('It needs a connection.').waitFor();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Make an agent' }).click();
  await page.getByLabel('Name of the agent').fill('first');
  await page.getByRole('button', { name: 'Create the agent' }).click();
  const command = await page.getByRole('region', { name: 'command to start the agent' }).textContent();
  machine.type(command ?? '');
  await page.getByText(/^The agent is connected, from /).waitFor();
  await backToFirstSteps();
  await step('Start an agent').getByText('first is online.').waitFor();

  await step('Make a connection').getByRole('link', { name: 'Make a connection' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('shell');
  await page.getByRole('combobox', { name: 'Agent', exact: true }).selectOption('first');
  await page.getByRole('textbox', { name: 'Command', exact: true }).fill('bash');
  await page.getByRole('button', { name: 'Create the connection' }).click();
  await page.getByRole('heading', { name: 'shell', level: 1 }).waitFor();
  await backToFirstSteps();
  await step('Make a connection').getByText('shell on first; what is asked of it runs at once.').waitFor();

  await page.getByRole('link', { name: 'Connect Slack' }).click();
  const { botToken, appToken } = await installApp();
  await page.getByRole('tab', { name: 'Configurations' }).click();
  const tokens = page.getByRole('form', { name: 'Tokens of the Slack app' });
  await tokens.getByLabel('Bot token').fill(botToken);
  await tokens.getByLabel('App-level token').fill(appToken);
  await tokens.getByRole('button', { name: /^Verify and/ }).click();
  await page.getByText('Slack took both tokens').waitFor();
  await backToFirstSteps();
  await step('Connect Slack').getByText('Done', { exact: true }).waitFor();
  await expectAccessible(page);

  await step('Run a first command').getByRole('link', { name: 'Run it here' }).click();
  await page.getByRole('textbox', { name: 'Script' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('echo first-$((40+2))');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
  await page.getByText('first-42', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'First steps', exact: true }).waitFor({ state: 'detached' });
  expect(hoop.complaints).toEqual([]);
}, 180_000);

test('once a command ran nobody is led there any more, and the page says that it is done', async () => {
  await page.goto('/');
  await page.getByRole('heading', { name: 'Reviews', level: 1 }).waitFor();
  expect(await page.getByRole('heading', { name: 'First steps' }).count()).toBe(0);
  await page.goto('/welcome');
  await page.getByText('hoop is set up').waitFor();
  await page.getByRole('link', { name: 'See its output' }).click();
  await page.getByText('first-42', { exact: true }).first().waitFor();
  expect(hoop.complaints).toEqual([]);
});
