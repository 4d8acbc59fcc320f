import { expect, test } from 'vitest';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { eventually } from '#test/support/eventually.ts';
import { activeGrant, commandOf, grantOf } from '#test/support/fake-grants.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

function scripts({ api }: HoopCli): (string | undefined)[] {
  const asked = api.seen('POST', '/api/sessions').map(({ body }) => body as CreateSessionInput);
  return asked.filter(({ kind }) => kind === 'exec').map(({ script }) => script);
}

/** A prompt under a grant that was there. */
async function prompt() {
  const cli = await hoopCli();
  activeGrant(cli);
  const terminal = await cli.onTerminal(['connect', 'bash']);
  const grant = await grantOf(cli);
  await terminal.shows(/bash> /);
  return { cli, terminal, grant };
}

test('each line is a run of its own under the grant, until exit leaves', async () => {
  const cli = await hoopCli();
  const terminal = await cli.onTerminal(['connect', 'bash']);
  await terminal.shows(/Waiting for approval/);
  const grant = await grantOf(cli);
  grant.active(1800);
  await terminal.shows(/bash is granted until .* \(30m\)\.[^]*cd and variables are not kept[^]*bash> /);
  terminal.type('echo one\r');
  const first = await commandOf(cli);
  first.state('running');
  first.output('stdout', 'one');
  first.end('finished', { exitCode: 3 });
  // what the output left of a line is not written over
  await terminal.shows(/one\r\nExit status 3\.\r\n.*bash> /);
  terminal.type('\r');
  terminal.type('echo two\r');
  const second = await commandOf(cli, 1);
  second.output('stderr', 'two');
  second.end('finished', { exitCode: 0 });
  await terminal.shows(/two\r\n\u001b\[1G\u001b\[0Jbash> /);
  terminal.type('exit\r');
  expect(await terminal.ended).toBe(0);
  expect(scripts(cli)).toEqual(['echo one\n', 'echo two\n']);
  expect(terminal.screen()).toContain('hoop connect bash comes back without a review, ');
  expect(terminal.screen()).toContain(`hoop sessions cancel ${grant.view.id.slice(0, 8)} gives it back.`);
  expect(grant.view.state).toBe('active');
});

test('Ctrl-D leaves, and Ctrl-C at the prompt clears the line', async () => {
  const { cli, terminal } = await prompt();
  terminal.type('rm -rf');
  await terminal.shows(/rm -rf/);
  terminal.type('\u0003');
  terminal.type('ls\r');
  (await commandOf(cli)).end('finished', { exitCode: 1 });
  await terminal.shows(/Exit status 1\.[^]*bash> /);
  terminal.type('\u0004');
  expect(await terminal.ended).toBe(0);
  expect(scripts(cli)).toEqual(['ls\n']);
  expect(terminal.screen()).toContain('hoop connect bash comes back without a review, ');
});

test('Ctrl-C interrupts the command, a second one detaches, and the prompt is back', async () => {
  const { cli, terminal } = await prompt();
  terminal.type('sleep 99\r');
  const first = await commandOf(cli);
  first.state('running');
  first.output('stdout', 'begun\n');
  await terminal.shows(/begun/);
  terminal.type('\u0003');
  await terminal.shows(/Ctrl-C again detaches/);
  await eventually(() => first.commands.length === 1);
  first.end('finished', { exitCode: 130 });
  await terminal.shows(/Exit status 130\./);

  terminal.type('sleep 98\r');
  const second = await commandOf(cli, 1);
  second.state('running');
  second.output('stdout', 'again\n');
  await terminal.shows(/again/);
  await eventually(() => /Detached/.test(terminal.screen()) || (terminal.type('\u0003'), false), { everyMs: 300 });
  await terminal.shows(new RegExp(`Reattach: hoop exec --session ${second.view.id}`));
  terminal.type('exit\r');
  expect(await terminal.ended).toBe(0);
  expect(second.view.state).toBe('running');
});

test('Ctrl-Z at the prompt comes back to it', async () => {
  const { cli, terminal } = await prompt();
  const prompts = () => terminal.screen().split('bash> ').length;
  const before = prompts();
  terminal.type('\u001a');
  await eventually(() => (terminal.signal('SIGCONT'), prompts() > before), { everyMs: 100 });
  terminal.type('ls\r');
  await commandOf(cli);
  expect(scripts(cli)).toEqual(['ls\n']);
});

test('pasted lines run one after the other, and Ctrl-C drops those that did not', async () => {
  const { cli, terminal } = await prompt();
  terminal.type('one\rtwo\rthree\r');
  (await commandOf(cli)).end('finished', { exitCode: 1 });
  const second = await commandOf(cli, 1);
  second.state('running');
  second.output('stdout', 'begun\n');
  await terminal.shows(/begun/);
  terminal.type('\u0003');
  await eventually(() => second.commands.length === 1);
  second.end('finished', { exitCode: 130 });
  await terminal.shows(/Exit status 130\.[^]*bash> /);
  terminal.type('exit\r');
  expect(await terminal.ended).toBe(0);
  expect(scripts(cli)).toEqual(['one\n', 'two\n']);
});

test('the end of the grant is said at the prompt, which ends', async () => {
  const { terminal, grant } = await prompt();
  terminal.type('half a li');
  await terminal.shows(/half a li/);
  grant.state('closing');
  grant.end('ended', { message: 'Its time was over.' });
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toMatch(/The grant has ended\. Its time was over\.\r\n$/);
});

test('a grant that is revoked while a command runs stops it, and leaves with status 77', async () => {
  const { cli, terminal, grant } = await prompt();
  terminal.type('sleep 99\r');
  const command = await commandOf(cli);
  command.state('running');
  grant.state('closing');
  command.end('revoked', { message: 'The grant it ran under is over.' });
  await terminal.shows(/Revoked: The grant it ran under is over\./);
  await terminal.shows(/what still runs under it is being stopped/);
  grant.end('revoked');
  expect(await terminal.ended).toBe(77);
  expect(terminal.screen()).toMatch(/Revoked\.\r\n$/);
});

test('the last minute and a later end are announced above the line that is typed', async () => {
  const { terminal, grant } = await prompt();
  terminal.type('half');
  await terminal.shows(/half/);
  grant.active(61);
  await terminal.shows(/The grant ends in a minute, at .*hoop connect bash --extend\r\n[^]*bash> half/);
  grant.active(1800);
  const later = await terminal.shows(/bash is granted until .* \(30m\) now\.\r\n[^]*bash> half/);
  expect(later[0]).not.toContain('ends in a minute');
});

test('a line that is refused leaves the next its chance, a grant that does not count any more ends', async () => {
  const { cli, terminal } = await prompt();
  cli.api.refuse('POST /api/sessions', 'too_large', 'The script is too large.');
  terminal.type('one\r');
  await terminal.shows(/hoop: The script is too large\.\r\n[^]*bash> /);
  cli.api.refuse('POST /api/sessions', 'grant_outdated', 'bash was changed.');
  terminal.type('two\r');
  expect(await terminal.ended).toBe(70);
  expect(terminal.screen()).toContain('hoop: bash was changed.');
});

test('-o json is not for a terminal', async () => {
  const cli = await hoopCli();
  const terminal = await cli.onTerminal(['connect', 'bash', '-o', 'json']);
  expect(await terminal.ended).toBe(64);
  expect(terminal.screen()).toContain('-o json tells of one run');
});
