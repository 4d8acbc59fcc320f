/** More time for a grant whose holder types at one gateway while the reviewer and the agent are at the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { distFile } from '../support/processes.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let cli: string;
let kim: string;

beforeAll(async () => {
  hoop = await startStack({ second: true });
  cli = await distFile('hoop.js');
  const create = hoop.hoop(['admin', 'create', 'user', 'kim@localhost', '--groups', 'admin,sre', '--password-stdin']);
  create.child.stdin.end('a long password');
  expect((await create.ended).code).toBe(0);
  const answer = await fetch(`${hoop.apiUrl}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'kim@localhost', password: 'a long password', kind: 'cli' }),
  });
  kim = ((await answer.json()) as { token: string }).token;
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

/** Of the reviewer, at the gateway where the agent is. */
const approve = async (id: string): Promise<void> => {
  const there = { token: kim, env: { HOOP_API_URL: hoop.agentUrl } };
  const end = await hoop.hoop(['review', 'approve', id, '--yes'], there).ended;
  expect(end).toMatchObject({ code: 0 });
};

/** A shell of the admin, at the first gateway, with its grant. */
async function openShell(): Promise<{ shell: Terminal; grant: string }> {
  const shell = await openTerminal(process.execPath, [cli, 'connect', 'bash', '-d', '10m'], {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    TZ: process.env['TZ'] ?? 'UTC',
    HOOP_HOME: hoop.home,
    HOOP_API_URL: hoop.apiUrl,
    HOOP_TOKEN: hoop.adminToken,
  });
  const grant = (await shell.shows(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
  await approve(grant);
  await shell.shows(/bash is granted until .*\r\n[^]*[#$] $/);
  // split, so that what is typed is not taken for what is printed
  shell.type("PS1='ready''> '; mine=$$\r");
  await shell.shows(/ready> $/);
  return { shell, grant };
}

async function askForMore(): Promise<string> {
  const request = { connection: 'bash', kind: 'connect', duration: '20m' };
  const [grant] = await list('/api/sessions?kind=connect&state=active');
  const asked = await fetch(`${hoop.agentUrl}/api/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hoop.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...request, grant: grant?.id }),
  });
  expect(asked.status).toBe(201);
  return ((await asked.json()) as { id: string }).id;
}
async function list(path: string): Promise<{ id: string; state: string; activeUntil: string | null }[]> {
  const answer = await fetch(hoop.agentUrl + path, { headers: { authorization: `Bearer ${hoop.adminToken}` } });
  return (await answer.json()) as { id: string; state: string; activeUntil: string | null }[];
}
const untilOf = async (): Promise<string> =>
  (await list('/api/sessions?kind=connect&state=active'))[0]?.activeUntil ?? '';

/** How the terminal tells a time of today, in the time zone that both are given. */
const clockOf = (iso: string): string => {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');
};
async function sameShell(shell: Terminal, mark: string): Promise<void> {
  shell.type(`echo "${mark}-$((mine - $$))-here"\r`);
  await eventually(() => shell.screen().includes(`${mark}-0-here\r\n`), {
    describe: () => `${mark}-0-here on ${shell.screen().slice(-800)}`,
  });
}
const saidUntil = (shell: Terminal, until: string) =>
  eventually(() => new RegExp(`bash is granted until [^\\r]*${clockOf(until)}[^\\r]* now\\.`).test(shell.screen()), {
    deadlineMs: 60_000,
    describe: () => `the new end, ${until}, on ${shell.screen().slice(-1500)}`,
  });
async function leave(shell: Terminal, grant: string): Promise<void> {
  shell.type('exit 3\r');
  expect(await shell.ended).toBe(3);
  expect((await hoop.hoop(['sessions', 'cancel', grant]).ended).code).toBe(0);
  await eventually(async () => (await untilOf()) === '', { describe: 'the grant is given back' });
}

test('an extension that is approved at the other gateway is said in the terminal, whose shell goes on', async () => {
  const { shell, grant } = await openShell();
  const before = Date.parse(await untilOf());
  await approve(await askForMore());
  const until = await eventually(async () => (Date.parse(await untilOf()) > before ? untilOf() : undefined));
  expect(Date.parse(until) - before).toBe(20 * 60_000);
  await saidUntil(shell, until);
  await sameShell(shell, 'extended');
  await leave(shell, grant);
}, 120_000);

test('one that is approved while the gateway of the terminal is dead is said once the line is back', async () => {
  const { shell, grant } = await openShell();
  const before = Date.parse(await untilOf());
  const more = await askForMore();
  await hoop.kill('gateway');
  await shell.shows(/hoop: The line to the gateway broke; the terminal goes on\./);
  await approve(more);
  const until = await eventually(async () => (Date.parse(await untilOf()) > before ? untilOf() : undefined));
  expect(shell.screen()).not.toContain(' now.');
  await hoop.start('gateway');
  await saidUntil(shell, until);
  await sameShell(shell, 'again');
  await leave(shell, grant);
}, 120_000);
