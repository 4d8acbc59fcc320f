/** An agent from its first name to its end, on pages, with the real program. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventually } from '#test/support/eventually.ts';
import { distFile, startProcess, type RunningProcess } from '#test/support/processes.ts';

let hoop: StackConsole;
let machine: string;

beforeAll(async () => {
  [hoop, machine] = await Promise.all([startConsole(), mkdtemp(join(tmpdir(), 'hoop-machine-'))]);
  // a machine where hoop is installed
  await mkdir(join(machine, 'bin'));
  const program = join(machine, 'bin', 'hoop');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${await distFile('hoop.js')}' "$@"\n`);
  await chmod(program, 0o755);
}, 120_000);

afterAll(async () => {
  await endAllOf(machine);
  await hoop?.close();
  await rm(machine, { recursive: true, force: true });
});

/** The agent's runner outlives it by design. */
async function endAllOf(home: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`HOOP_HOME=${home}`)) process.kill(Number(pid), 'SIGKILL');
  }
}

/** Types a line at that machine. */
function type(line: string): RunningProcess {
  const { HOOP_TEST_RUN } = process.env;
  const env = { PATH: `${join(machine, 'bin')}:${process.env.PATH}`, HOOP_HOME: machine, HOOP_TEST_RUN };
  return startProcess('bash', ['-c', line], { env });
}

const cli = async (...args: string[]) => {
  const running = hoop.stack.hoop(args);
  running.child.stdin.end();
  const { code, stdout, stderr } = await running.ended;
  return { code, stdout: stdout.toString(), stderr };
};
const shownCommand = async (page: Page) =>
  (await page.getByRole('region', { name: 'command to start the agent' }).textContent()) ?? '';

test('an agent that is made on a page is started with the command it shows, and the page sees it come and go', async () => {
  const page = await hoop.signIn('/admin/agents');
  await page.getByRole('link', { name: 'New agent' }).click();
  await page.getByLabel('Name of the agent').fill('Edge!');
  await page.getByRole('button', { name: 'Create the agent' }).click();
  await page.getByText(/^must be 1 to 63 lower-case letters/).waitFor();
  await page.getByLabel('Name of the agent').fill('default');
  await page.getByRole('button', { name: 'Create the agent' }).click();
  await page.getByText('There is an agent of this name already', { exact: false }).waitFor();
  await page.getByLabel('Name of the agent').fill('edge');
  await page.getByRole('button', { name: 'Create the agent' }).click();
  await page.getByText('Waiting for the agent to connect...').waitFor();
  const command = await shownCommand(page);
  expect(command).toMatch(/^HOOP_GATEWAY_URL=http:\S+ HOOP_AGENT_TOKEN=hoop_agent_[\w-]{40,} hoop start agent$/);
  await expectAccessible(page);

  const agent = type(command);
  onTestFinished(async () => void (await agent.kill()));
  await page.getByText(/^The agent is connected, from /).waitFor();

  // it runs what a connection asks it to
  await page.getByRole('link', { name: 'The page of edge' }).click();
  await page.getByRole('heading', { name: 'edge', level: 1 }).waitFor();
  expect(await page.content()).not.toContain('hoop_agent_');
  expect((await cli('admin', 'create', 'conn', 'there', '--agent', 'edge', '--', 'sh')).code).toBe(0);
  await page.getByRole('link', { name: 'there', exact: true }).waitFor();
  expect((await cli('exec', 'there', '-i', 'echo from $0 there')).stdout).toBe('from sh there\n');
  const running = hoop.stack.hoop(['exec', 'there', '-i', 'echo up; read line < /dev/null; sleep 300']);
  onTestFinished(async () => void (await running.kill()));
  await running.waitForOutput(/up/, 60_000);
  const instances = page.getByRole('region', { name: 'Instances' });
  await instances.getByText('Runs 1:').waitFor();
  await expectAccessible(page);
  await instances.getByRole('link', { name: /^Session / }).click();
  await page.getByText('echo up; read line', { exact: false }).first().waitFor();
  await page.goBack();

  agent.child.kill('SIGKILL');
  await instances.getByText('offline', { exact: true }).waitFor();
  await instances.getByText(/last seen/).waitFor();
  // with its key it is known again, without a token; what ran goes on
  const again = type(command.replace(/ HOOP_AGENT_TOKEN=\S+/, ''));
  onTestFinished(async () => void (await again.kill()));
  await instances.getByText('online', { exact: true }).waitFor();
  await instances.getByText('Runs 1:').waitFor();
  const id = (await instances.getByRole('link', { name: /^Session / }).getAttribute('aria-label'))?.slice(8) ?? '';
  expect((await cli('sessions', 'revoke', id)).code).toBe(0);
  await instances.getByText('Runs nothing.').waitFor();
}, 150_000);

test('an agent has its limit and a new token from its page, and goes once nothing needs it', async () => {
  expect((await cli('admin', 'create', 'agent', 'spare')).code).toBe(0);
  expect((await cli('admin', 'create', 'conn', 'lent', '--agent', 'spare', '--', 'sh')).code).toBe(0);
  const page = await hoop.signIn('/admin/agents/spare', undefined, { viewport: { width: 360, height: 740 } });
  await page.getByText('never connected', { exact: true }).waitFor();
  await page.getByLabel('Commands at once, on each instance').fill('many');
  await page.getByText('Write a whole number, such as 4.').waitFor();
  await page.getByLabel('Commands at once, on each instance').fill('4');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
  await eventually(
    async () => JSON.parse((await cli('admin', 'get', 'agent', 'spare', '-o', 'json')).stdout).maxRuns === 4,
  );

  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'A new token for spare?' });
  await dialog.getByText('The token before enrols no machine any more.', { exact: false }).waitFor();
  await dialog.getByRole('button', { name: 'Make a new token' }).click();
  await page.getByText('Waiting for the agent to connect...').waitFor();
  expect(await shownCommand(page)).toContain('hoop_agent_');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await expectAccessible(page);

  const remove = page.getByRole('button', { name: 'Delete', exact: true });
  expect(await remove.getAttribute('aria-disabled')).toBe('true');
  await page.getByText('Its connections need it.').waitFor();
  expect((await cli('admin', 'delete', 'conn', 'lent')).code).toBe(0);
  await page.getByText('Its connections need it.').waitFor({ state: 'detached' });
  await remove.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  await page.getByRole('link', { name: /^spare/ }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: /^default/ }).waitFor();
  await expectAccessible(page);
  expect(hoop.complaints).toEqual([]);
}, 90_000);
