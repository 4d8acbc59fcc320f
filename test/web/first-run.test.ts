/** Who is led to the first steps, from where, and until when. */
import { beforeEach, expect, test } from 'vitest';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();
const id = '00000000-0000-4000-8000-000000000001';

/** As `hoop start` leaves a new installation. */
beforeEach(() => {
  ui.gateway.firstRun = {
    open: true,
    dismissed: false,
    agent: { name: 'default', online: true },
    connection: { name: 'bash', agent: 'default', agentOnline: true, command: ['bash'], reviewed: true },
    slack: { team: 'Acme', connected: true, problem: null },
    lastSession: null,
    finished: null,
  };
});

test('where only the first command is left, the inbox leads to it, with the line to copy', async () => {
  await ui.signIn('sam');
  await ui.section('First steps').getByText('3 of 4 done; next: run a first command').waitFor();
  await ui.section('First steps').getByRole('link', { name: 'Go on' }).click();
  await ui.page.getByRole('heading', { name: 'First steps', level: 1 }).waitFor();
  const line = ui.page.getByRole('region', { name: 'the first command' });
  expect(await line.textContent()).toBe("hoop exec bash -i 'ls'");
  const run = ui.page.getByRole('link', { name: 'Run it here' });
  expect(await run.getAttribute('href')).toBe('/run?connection=bash');
});

test('a request that waits for a reviewer is said to, and leads to it', async () => {
  ui.gateway.firstRun.lastSession = { id, connection: 'bash', state: 'pending' };
  await ui.signIn('sam', '/welcome');
  await ui.shows('Your request on bash waits for a reviewer; nobody approves their own.');
  const link = ui.page.getByRole('link', { name: 'Open the last request' });
  expect(await link.getAttribute('href')).toBe(`/sessions/${id}`);
});

test('an admin puts the first steps away', async () => {
  await ui.signIn('sam');
  await ui.section('First steps').getByRole('button', { name: 'Put away for all admins' }).click();
  await ui.section('First steps').waitFor({ state: 'detached' });
  await ui.page.getByRole('link', { name: 'First steps', exact: true }).waitFor({ state: 'detached' });
  expect(ui.gateway.firstRun.dismissed).toBe(true);
});

test('nobody else is led there', async () => {
  Object.assign(ui.gateway.firstRun, { agent: null, connection: null });
  await ui.signIn('kim');
  await ui.shows('Nothing waits for you.');
  expect(await ui.page.getByText('First steps').count()).toBe(0);
  await ui.page.goto('/welcome');
  await ui.page.getByRole('heading', { name: 'No such page' }).waitFor();
});
