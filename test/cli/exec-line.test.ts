import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeSession } from '#test/support/fake-api.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';
import type { RunningProcess } from '#test/support/processes.ts';

function streaming({ api }: HoopCli, lines = 1): Promise<FakeSession> {
  return eventually(() => {
    const session = api.sessions.size > 0 ? api.session : undefined;
    return session && session.sockets.size > 0 && session.askedOffsets.length >= lines ? session : undefined;
  });
}

function ids({ api }: HoopCli): (string | undefined)[] {
  return api.seen('POST', '/api/sessions').map(({ body }) => (body as CreateSessionInput).id);
}

/** Presses Ctrl-C as often as it takes: one that follows within 200 ms counts as the same. */
async function pressAgain(hoop: RunningProcess): Promise<void> {
  await eventually(() => hoop.child.exitCode !== null || (hoop.child.kill('SIGINT'), false), { everyMs: 300 });
}

/** A command that runs and has printed something. */
async function begun(cli: HoopCli) {
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  session.state('running');
  session.output('stdout', 'begun');
  await hoop.waitForOutput(/begun/);
  return { hoop, session };
}

test('a lost reply is asked for again with the same id, and finds the first session', async () => {
  const cli = await hoopCli();
  cli.api.repliesToLose = 2;
  const end = await cli.run(['exec', 'bash', '-i', 'ls', '--detach']);
  expect(end.code).toBe(0);
  expect(end.stderr).toContain('Trying again');
  expect(ids(cli)).toHaveLength(3);
  expect(new Set(ids(cli)).size).toBe(1);
  expect(cli.api.sessions.size).toBe(1);
  expect(end.stdout.toString()).toBe(`${ids(cli)[0]}\n`);
});

test('a gateway that is away is waited for a while, then given up with status 69', async () => {
  const cli = await hoopCli();
  const { port } = cli.api;
  await cli.api.close();
  const hoop = await cli.start(['exec', 'bash', '-i', 'ls', '--detach']);
  await hoop.waitForOutput(/Cannot reach the gateway at .*connection refused/);
  await cli.api.listen(port);
  expect((await hoop.ended).code).toBe(0);
  await cli.api.close();
  const end = await cli.run(['exec', 'bash', '-i', 'ls']);
  expect(end.code).toBe(69);
  expect(end.stderr).toMatch(/^hoop: Cannot reach the gateway/m);
  await cli.api.listen(port);
});

test('output goes on at the byte where a dropped line broke', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  session.state('running');
  const bytes = randomBytes(300_000);
  session.output('stdout', bytes.subarray(0, 100_000));
  await eventually(() => hoop.stdout().length === 100_000);
  session.dropLines();
  session.output('stdout', bytes.subarray(100_000, 200_000));
  await streaming(cli, 2);
  session.output('stdout', bytes.subarray(200_000));
  session.end('finished', { exitCode: 0 });
  const end = await hoop.ended;
  expect(end.stdout.equals(bytes)).toBe(true);
  expect(session.askedOffsets).toEqual([0, 100_000]);
  expect(end.stderr.match(/The line to the gateway broke/g)).toHaveLength(1);
  expect(end.stderr).toContain('Reconnected.');
  expect(cli.api.seen('POST', `/api/sessions/${session.view.id}/cancel`)).toHaveLength(0);
});

test('a gateway that restarts while the request waits withdraws nothing', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x', '-o', 'json']);
  const session = await streaming(cli);
  const { port } = cli.api;
  await cli.api.close();
  await hoop.waitForOutput(/the request stays/);
  await cli.api.listen(port);
  await streaming(cli, 2);
  session.end('finished', { exitCode: 0 });
  const end = await hoop.ended;
  expect(end.code).toBe(0);
  const events = end.stdout.toString().trimEnd().split('\n');
  expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['session', 'state', 'end']);
});

test('a stream that the gateway refuses is not asked for again', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  session.closeLines(4401);
  const end = await hoop.ended;
  expect(end.code).toBe(77);
  expect(end.stderr).toContain(`hoop login, then reattach: hoop exec --session ${session.view.id}`);
  expect(session.askedOffsets).toHaveLength(1);
});

test('Ctrl-C while waiting withdraws the request', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  hoop.child.kill('SIGINT');
  const end = await hoop.ended;
  expect(end.code).toBe(130);
  expect(end.stderr).toContain('Withdrawn.');
  expect(session.view.state).toBe('cancelled');
});

test('Ctrl-C before the gateway has answered withdraws as well', async () => {
  const cli = await hoopCli();
  const { port } = cli.api;
  await cli.api.close();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  await hoop.waitForOutput(/Trying again/);
  hoop.child.kill('SIGINT');
  const end = await hoop.ended;
  expect(end.code).toBe(130);
  expect(end.stderr).toMatch(/hoop sessions cancel [0-9a-f-]{36}/);
  await cli.api.listen(port);
});

test('Ctrl-C that loses the race against the approval interrupts the command', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  cli.api.refuse(
    `POST /api/sessions/${session.view.id}/cancel`,
    'session_already_running',
    'The command is already running; revoke stops it.',
  );
  hoop.child.kill('SIGINT');
  await eventually(() => session.commands.length > 0);
  expect(session.commands).toEqual([{ command: 'interrupt' }]);
  session.state('running');
  session.end('finished', { exitCode: 130 });
  expect((await hoop.ended).code).toBe(130);
});

test('Ctrl-C interrupts a running command, and a second one detaches', async () => {
  const cli = await hoopCli();
  const { hoop, session } = await begun(cli);
  hoop.child.kill('SIGINT');
  await hoop.waitForOutput(/Ctrl-C again detaches/);
  await eventually(() => session.commands.length === 1);
  expect(session.commands).toEqual([{ command: 'interrupt' }]);
  await pressAgain(hoop);
  const end = await hoop.ended;
  expect(end.code).toBe(130);
  expect(end.stderr).toContain(`Reattach: hoop exec --session ${session.view.id}`);
  expect(session.view.state).toBe('running');
});

test('of a slow reader, nothing is said among the output', async () => {
  const cli = await hoopCli();
  const { hoop, session } = await begun(cli);
  const said = hoop.stderr();
  hoop.child.stderr.pause();
  const frame = Buffer.alloc(4000, '.');
  const frames = 10_000; // more than sockets hold
  for (let count = 0; count < frames; count += 1) session.output('stderr', frame);
  const unsent = () => [...session.sockets].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
  let before = 0;
  await eventually(() => before === (before = unsent()) && before > 0, { everyMs: 200, describe: 'a line at a stop' });
  hoop.child.stderr.resume();
  session.end('finished', { exitCode: 0 });
  const { stderr, code } = await hoop.ended;
  expect(code).toBe(0);
  // compared by length: a difference of megabytes is no message
  expect(stderr.slice(said.length).replaceAll('.', '').slice(0, 500)).toBe('');
  expect(stderr).toHaveLength(said.length + frames * frame.length);
});

test('Ctrl-C works while nobody reads the output', async () => {
  const cli = await hoopCli();
  const { hoop, session } = await begun(cli);
  hoop.child.stdout.pause();
  session.output('stdout', Buffer.alloc(5_000_000));
  hoop.child.kill('SIGINT');
  await eventually(() => session.commands.length === 1);
  hoop.child.once('exit', () => hoop.child.stdout.resume());
  await pressAgain(hoop);
  expect((await hoop.ended).code).toBe(130);
});

test('Ctrl-C on a terminal, passed on once more by npx, counts once', async () => {
  const cli = await hoopCli();
  // however late the second signal is here, for `hoop` it comes at the same time
  const stoppedClock = { NODE_OPTIONS: '--import=data:text/javascript,performance.now=()=>1000' };
  const terminal = await cli.onTerminal(['exec', 'bash'], stoppedClock);
  const session = await streaming(cli);
  await terminal.shows(/Waiting for approval/);
  session.state('running');
  session.output('stdout', 'begun');
  await terminal.shows(/begun/);
  terminal.type('\u0003');
  // the terminal drops what was not read yet when it takes a Ctrl-C, which the signal past it could overtake
  await terminal.shows(/Ctrl-C again detaches/);
  terminal.signal('SIGINT');
  session.output('stdout', 'still here');
  await terminal.shows(/still here/);
  session.end('finished', { exitCode: 130 });
  expect(await terminal.ended).toBe(130);
  expect(session.commands).toEqual([{ command: 'interrupt' }]);
  expect(terminal.screen()).not.toContain('Detached');
});

test('Ctrl-C while --detach is not answered says how to withdraw', async () => {
  const cli = await hoopCli();
  cli.api.repliesToLose = Number.POSITIVE_INFINITY;
  const hoop = await cli.start(['exec', 'bash', '-i', 'x', '--detach']);
  await hoop.waitForOutput(/Trying again/);
  hoop.child.kill('SIGINT');
  const end = await hoop.ended;
  expect(end.code).toBe(130);
  expect(end.stderr).toContain(`hoop sessions cancel ${cli.api.session.view.id}`);
  expect(end.stdout.toString()).toBe('');
});

test('errors on the way to a reader of stderr that went away do not end the run', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  session.state('running');
  hoop.child.stderr.destroy();
  session.output('stderr', Buffer.alloc(1_000_000));
  session.output('stdout', 'all the same');
  session.end('finished', { exitCode: 5 });
  const end = await hoop.ended;
  expect(end.stdout.toString()).toBe('all the same');
  expect(end.code).toBe(5);
});
