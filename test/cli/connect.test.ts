import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { activeGrant, commandOf, extensionOf, grantOf } from '#test/support/fake-grants.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';
import type { RunningProcess } from '#test/support/processes.ts';

function asked({ api }: HoopCli): CreateSessionInput[] {
  return api.seen('POST', '/api/sessions').map(({ body }) => body as CreateSessionInput);
}

/** `hoop connect` with a script on its standard input. */
async function connect(cli: HoopCli, args: string[] = [], script = 'ls\n'): Promise<RunningProcess> {
  const hoop = await cli.start(['connect', 'bash', ...args]);
  hoop.child.stdin.end(script);
  return hoop;
}

test('a grant is waited for, and standard input runs under it as one script', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli, ['-d', '1h', '-e', 'A=1', '--reason', 'why']);
  await hoop.waitForOutput(/Waiting for approval: admin, sre \(0 of 2\)\n/);
  const grant = await grantOf(cli);
  expect(hoop.stderr()).toContain('come back  hoop connect bash\n');
  const groups = [{ group: 'admin', met: true, approvedBy: ['sam@example.com'] }];
  grant.state('approved', { groups });
  grant.active(3600);
  const command = await commandOf(cli);
  command.state('running');
  command.output('stdout', 'file\n');
  command.output('stderr', 'warning\n');
  command.end('finished', { exitCode: 3 });
  const end = await hoop.ended;
  expect(end.code).toBe(3);
  expect(end.stdout.toString()).toBe('file\n');
  expect(end.stderr).toMatch(/Approved by sam@example.com\.\nbash is granted until .* \(1h\)\.\nwarning\n$/);
  expect(asked(cli)).toEqual([
    { id: expect.any(String), connection: 'bash', kind: 'connect', env: { A: '1' }, duration: 3600, reason: 'why' },
    {
      ...{ id: expect.any(String), connection: 'bash', kind: 'exec', grant: grant.view.id },
      ...{ script: 'ls\n', scriptEncoding: 'utf8' },
    },
  ]);
});

test('an active grant is used at once, with no new review', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli);
  const hoop = await connect(cli, ['-d', '2h']);
  const command = await commandOf(cli);
  command.end('finished', { exitCode: 0 });
  const end = await hoop.ended;
  expect(end.code).toBe(0);
  expect(end.stderr).toMatch(
    /^bash is granted to you until .* \(25m\) without a new review; .*: hoop connect bash --extend -d <duration>\.\n$/,
  );
  expect(asked(cli)).toMatchObject([{ kind: 'exec', grant: grant.view.id }]);
  expect(Object.fromEntries(cli.api.seen('GET', '/api/sessions')[0]?.query ?? [])).toEqual({
    ...{ requester: 'me', kind: 'connect', connection: 'bash', state: 'active,approved,pending' },
  });
});

test('a script hears that the grant ends in a minute, and a line that breaks is said once', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli, 70);
  const hoop = await connect(cli);
  const command = await commandOf(cli);
  command.state('running');
  await hoop.waitForOutput(/The grant ends in a minute, at .*: hoop connect bash --extend\n/);
  grant.dropLines();
  command.dropLines();
  await hoop.waitForOutput(/Reconnected\./);
  await grantOf(cli);
  (await commandOf(cli)).end('finished', { exitCode: 0 });
  const end = await hoop.ended;
  expect(end.code).toBe(0);
  expect(end.stderr.match(/Reconnecting/g)).toHaveLength(1);
});

test('an active grant serves -e only with the same variables', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli);
  grant.view = { ...grant.view, envelope: { ...grant.view.envelope, env: { A: '1', B: '2' } } };
  const same = await connect(cli, ['-e', 'B=2', '-e', 'A=1']);
  (await commandOf(cli)).end('finished', { exitCode: 0 });
  expect((await same.ended).code).toBe(0);
  expect(asked(cli)).toMatchObject([{ kind: 'exec' }]);

  const other = await connect(cli, ['-e', 'A=1']);
  await other.waitForOutput(/Waiting for approval/);
  expect(other.stderr()).toContain(
    `Your grant ${grant.view.id.slice(0, 8)} has other variables than -e names; a new one is asked for.\n`,
  );
  expect(asked(cli)[1]).toMatchObject({ kind: 'connect', env: { A: '1' } });
});

test('a request that still waits is waited for again, unless another duration is asked for', async () => {
  const cli = await hoopCli();
  const id = randomUUID();
  cli.api.addSession({ id, kind: 'connect', duration: 1800 });
  const again = await connect(cli);
  await again.waitForOutput(
    /Your earlier request of \d\d:\d\d \(for 30m\) is waited for again\.\nWaiting for approval/,
  );
  const earlier = await grantOf(cli);
  expect(earlier.view.id).toBe(id);
  expect(asked(cli)).toEqual([]);
  await again.kill();

  const longer = await connect(cli, ['-d', '1h']);
  await longer.waitForOutput(/is for 30m; a new one is asked for\.\nWaiting for approval/);
  expect(asked(cli)).toMatchObject([{ kind: 'connect', duration: 3600 }]);
});

test('a grant for less than was asked for says so', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli);
  (await grantOf(cli)).active(600);
  await hoop.waitForOutput(/bash is granted until .* \(10m\)\. That is 10m of the 30m asked for\.\n/);
  (await commandOf(cli)).end('finished', { exitCode: 0 });
  expect((await hoop.ended).code).toBe(0);
});

const ends = [
  { state: 'rejected', status: 77, says: /^Rejected\.$/m },
  { state: 'cancelled', status: 77, says: /^Cancelled\.$/m },
  { state: 'expired', status: 75, says: /^Expired before it began$/m },
  { state: 'failed', message: 'no', status: 70, says: /^Failed: no$/m },
  { state: 'ended', message: 'Its time was over.', status: 75, says: /^The grant has ended\. Its time was over\.$/m },
] as const;

for (const { state, status, says, ...more } of ends) {
  test(`a grant that is ${state} before anything ran has status ${status}`, async () => {
    const cli = await hoopCli();
    const hoop = await connect(cli);
    (await grantOf(cli)).end(state, more);
    const end = await hoop.ended;
    expect(end.stderr).toMatch(says);
    expect(end.code).toBe(status);
    expect(asked(cli)).toHaveLength(1);
  });
}

test('Ctrl-C while a grant waits withdraws the request', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli);
  const grant = await grantOf(cli);
  hoop.child.kill('SIGINT');
  const end = await hoop.ended;
  expect(end).toMatchObject({ code: 130, stderr: expect.stringContaining('Withdrawn.\n') });
  expect(grant.view.state).toBe('cancelled');
});

test('Ctrl-C that comes after the approval gives the grant back and runs nothing', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli);
  const grant = await grantOf(cli);
  cli.api.answer(`POST /api/sessions/${grant.view.id}/cancel`, undefined, grant.view);
  hoop.child.kill('SIGINT');
  await hoop.waitForOutput(/Withdrawing/);
  grant.active(1800);
  grant.end('ended', { message: 'Who asked gave it back.' });
  expect(await hoop.ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/Withdrawn\.\n$/) });
  expect(asked(cli)).toHaveLength(1);
});

test('a command that the end of its grant stopped has status 77', async () => {
  const cli = await hoopCli();
  activeGrant(cli);
  const hoop = await connect(cli);
  (await commandOf(cli)).end('revoked', { message: 'The grant it ran under is over.' });
  expect(await hoop.ended).toMatchObject({
    code: 77,
    stderr: expect.stringContaining('Revoked: The grant it ran under is over.\n'),
  });
});

test('-o json writes the events of the grant, then those of the run', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli, ['-o', 'json']);
  const grant = await grantOf(cli);
  grant.active(1800);
  const command = await commandOf(cli);
  command.output('stdout', 'x');
  command.end('finished', { exitCode: 1 });
  const end = await hoop.ended;
  const lines = end.stdout.toString().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { event: 'session', id: grant.view.id, url: grant.view.url, state: 'pending' },
    expect.objectContaining({ event: 'state', state: 'pending' }),
    expect.objectContaining({ event: 'state', state: 'active', activeUntil: grant.view.activeUntil }),
    { event: 'session', id: command.view.id, url: command.view.url, state: 'queued' },
    expect.objectContaining({ event: 'state', state: 'queued' }),
    { event: 'output', stream: 'stdout', offset: 0, data: 'x', encoding: 'utf8' },
    { event: 'end', state: 'finished', exitCode: 1 },
  ]);
  expect(end.code).toBe(1);
});

test('-o json tells of a grant that was there as well', async () => {
  const cli = await hoopCli();
  const { id } = activeGrant(cli).view;
  const hoop = await connect(cli, ['-o', 'json', '-s']);
  (await commandOf(cli)).end('finished', { exitCode: 0 });
  const end = await hoop.ended;
  expect(end.stdout.toString()).toMatch(
    new RegExp(`^{"event":"session","id":"${id}".*\n{"event":"state","state":"active"`),
  );
  expect(end.stderr).toBe('');
});

test('--extend waits for the review of more time and says the new end', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli, 600);
  const hoop = await cli.start(['connect', 'bash', '--extend', '-d', '1h', '--reason', 'more']);
  await hoop.waitForOutput(/come back {2}hoop connect bash --extend\n/);
  const extension = await extensionOf(cli);
  extension.state('approved');
  grant.active(1500);
  extension.end('ended', { message: 'Extended the grant until 2026-11-23T12:00:00.000Z.' });
  const end = await hoop.ended;
  expect(end.code).toBe(0);
  expect(end.stderr).toMatch(/bash is granted until .* \(25m\) now\. That is 15m\S* of the 1h asked for\.\n$/);
  expect(end.stdout.toString()).toBe('');
  expect(asked(cli)).toEqual([
    {
      ...{ id: expect.any(String), connection: 'bash', kind: 'connect', grant: grant.view.id },
      ...{ duration: 3600, reason: 'more' },
    },
  ]);
});

test('--extend waits again for more time that was asked for before', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli).view.id;
  const earlier = cli.api.addSession({ id: randomUUID(), kind: 'connect', duration: 900, grant });
  const hoop = await cli.start(['connect', 'bash', '--extend']);
  await hoop.waitForOutput(/Your earlier request for more time of \d\d:\d\d \(for 15m\) is waited for again\./);
  earlier.end('rejected');
  expect((await hoop.ended).code).toBe(77);
  expect(asked(cli)).toEqual([]);
});

test('--extend without an active grant says what to do', async () => {
  const cli = await hoopCli();
  cli.api.addSession({ kind: 'connect' });
  expect(await cli.run(['connect', 'bash', '--extend'])).toMatchObject({
    code: exitCodes.usage,
    stderr: 'hoop: You have no active grant of bash to extend. Ask for one: hoop connect bash\n',
  });
});

test('exec does not attach to a grant, and says how to open it', async () => {
  const cli = await hoopCli();
  const { id } = activeGrant(cli).view;
  expect(await cli.run(['exec', '--session', id])).toMatchObject({
    code: exitCodes.usage,
    stderr: `hoop: ${id} is a grant; open it with: hoop connect bash\n`,
  });
});

test('a gateway that restarts while the grant waits withdraws nothing', async () => {
  const cli = await hoopCli();
  const hoop = await connect(cli);
  const grant = await grantOf(cli);
  const { port } = cli.api;
  await cli.api.close();
  await hoop.waitForOutput(/the request stays\. Reconnecting/);
  await cli.api.listen(port);
  await hoop.waitForOutput(/Reconnected\./);
  grant.active(1800);
  (await commandOf(cli)).end('finished', { exitCode: 0 });
  expect((await hoop.ended).code).toBe(0);
});

test('an active grant that is given back says so, and lists show until when it lasts', async () => {
  const cli = await hoopCli();
  const { id } = activeGrant(cli).view;
  const list = await cli.run(['sessions', 'list', '--kind', 'connect']);
  expect(list.stdout.toString()).toMatch(/ {2}active until .* {2}bash {2,}connect for 30m {2}/);
  expect(cli.api.requests.at(-1)?.query.get('kind')).toBe('connect');
  const shown = (await cli.run(['sessions', 'show', id])).stdout.toString();
  expect(shown).toMatch(/^kind +connect for 30m$/m);
  expect(shown).toMatch(/^granted until +\S+ \S+ \(25m\)$/m);
  const end = await cli.run(['sessions', 'cancel', id]);
  expect(end.stdout.toString()).toBe(`Grant ${id} is given back.\n`);
});
