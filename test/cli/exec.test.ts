import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sessionView, type CreateSessionInput } from '#shared/api-schemas.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeSession } from '#test/support/fake-api.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

/** The session once its stream is open. */
function streaming({ api }: HoopCli): Promise<FakeSession> {
  return eventually(() => (api.sessions.size > 0 && api.session.sockets.size > 0 ? api.session : undefined), {
    describe: 'a line to the stream of the session',
  });
}

function askedFor({ api }: HoopCli): CreateSessionInput {
  return api.seen('POST', '/api/sessions').at(-1)?.body as CreateSessionInput;
}

test('a request waits, says who is asked and where, and prints the output once it ran', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'ls']);
  await hoop.waitForOutput(/Waiting for approval: admin, sre \(0 of 2\)\n/);
  const session = await streaming(cli);
  await hoop.waitForOutput(/hoop exec --session/);
  const block = hoop.stderr();
  expect(block).toContain('#ops, console');
  expect(block).toContain(session.view.url);
  expect(block).toMatch(/since +\d\d:\d\d, until .*\(24h|1d\)/);
  expect(block).toContain(`hoop exec --session ${session.view.id}`);

  const sam = ['sam@example.com'];
  const admin = { group: 'admin', met: true, approvedBy: sam };
  session.state('pending', { groups: [admin, { group: 'sre', met: false, approvedBy: [] }], approvals: 1 });
  await hoop.waitForOutput(/Approval by sam@example.com; still waiting for: sre \(1 of 2\)/);
  const groups = [admin, { group: 'sre', met: true, approvedBy: ['kim@example.com'] }];
  session.state('pending', { groups, approvals: 2 });
  session.state('approved', { groups });
  await hoop.waitForOutput(/Approved by sam@example.com, kim@example.com\./);
  session.state('running');
  session.output('stdout', 'file\n');
  session.output('stderr', 'warning\n');
  session.end('finished', { exitCode: 0 });

  const end = await hoop.ended;
  expect(end.code).toBe(0);
  expect(end.stdout.toString()).toBe('file\n');
  expect(end.stderr).toMatch(/still waiting for: sre \(1 of 2\)\nApproved by .*\nwarning\n$/);
  expect(askedFor(cli)).toMatchObject({ connection: 'bash', kind: 'exec', script: 'ls', args: [] });
});

test('a session that needs no review says nothing of its own', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'pending', review: noReview };
  const hoop = await cli.start(['exec', 'bash', '-i', 'true']);
  const session = await streaming(cli);
  session.state('queued');
  session.state('running');
  session.end('finished', { exitCode: 3 });
  expect(await hoop.ended).toMatchObject({ code: 3, stderr: '' });
});

const noReview = { groups: [], approvals: 0, approvalsNeeded: 0, forced: false, askedIn: [] };

test('a start that takes long is said, with the way back', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'pending', review: noReview };
  const hoop = await cli.start(['exec', 'bash', '-i', 'true']);
  await hoop.waitForOutput(/It has not started yet \(pending\)\. Reattach: hoop exec --session/);
  cli.api.session.end('finished', { exitCode: 0 });
  expect((await hoop.ended).code).toBe(0);
});

test('an offline agent is named, and its return too', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'queued', review: noReview, agent: { name: 'default', online: false } };
  const hoop = await cli.start(['exec', 'bash', '-i', 'true']);
  await hoop.waitForOutput(/The agent default is offline; the command runs once it is back/);
  const session = await streaming(cli);
  session.state('queued', { agent: { name: 'default', online: true } });
  await hoop.waitForOutput(/The agent default is back\./);
  session.end('finished', { exitCode: 0 });
  expect((await hoop.ended).code).toBe(0);
});

test('an agent that goes while the command runs is named, for its output stops', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'queued', review: noReview };
  const hoop = await cli.start(['exec', 'bash', '-i', 'true']);
  const session = await streaming(cli);
  session.state('running', { agent: { name: 'default', online: true } });
  session.state('running', { agent: { name: 'default', online: false } });
  await hoop.waitForOutput(/The agent default is offline; the output goes on once it is back\./);
  session.state('running', { agent: { name: 'default', online: true } });
  await hoop.waitForOutput(/The agent default is back\./);
  session.end('finished', { exitCode: 0 });
  expect((await hoop.ended).code).toBe(0);
});

const ends = [
  { title: 'a rejection', state: 'rejected', status: 77, says: /^Rejected by sam@example.com: not today$/m },
  { title: 'a revocation', state: 'revoked', status: 77, says: /^Revoked\.$/m },
  { title: 'a withdrawal by somebody else', state: 'cancelled', status: 77, says: /^Cancelled\.$/m },
  { title: 'an expiry', state: 'expired', status: 75, says: /^Expired before it ran$/m },
  { title: 'a lost run', state: 'lost', status: 75, says: /^Lost: nobody can tell/m },
  { title: 'a failure', state: 'failed', message: 'no space', status: 70, says: /^Failed: no space$/m },
  { title: 'too long a run', state: 'failed', cause: 'run_time', status: 70, says: /^Failed$/m },
] as const;

for (const { title, status, says, state, ...event } of ends) {
  test(`${title} ends with status ${status} and says so`, async () => {
    const cli = await hoopCli();
    const hoop = await cli.start(['exec', 'bash', '-i', 'ls']);
    const session = await streaming(cli);
    const by = { id: 'u2', email: 'sam@example.com', name: 'Sam' };
    const decision = {
      id: 'd1',
      seq: 1,
      by,
      group: null,
      force: false,
      duration: null,
      via: 'slack',
      at: new Date().toISOString(),
    };
    const { digest } = session.view;
    session.view = {
      ...session.view,
      decisions: [{ ...decision, via: 'slack', verdict: 'reject', reason: 'not today', digest }],
    };
    session.end(state, event);
    const end = await hoop.ended;
    expect(end.stderr).toMatch(says);
    expect(end.code).toBe(status);
    expect(end.stdout.length).toBe(0);
  });
}

test('a run that --timeout ended has status 124', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'sleep 99', '--timeout', '10m']);
  (await streaming(cli)).end('failed', { cause: 'run_time', message: 'run time is over' });
  expect((await hoop.ended).code).toBe(124);
  expect(askedFor(cli).timeout).toBe(600);
});

test('-s silences hoop and nothing else', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-s', '-i', 'ls']);
  const session = await streaming(cli);
  session.state('running');
  session.output('stderr', 'theirs\n');
  session.end('failed', { message: 'over' });
  expect(await hoop.ended).toMatchObject({ code: 70, stderr: 'theirs\n' });
});

test('--detach prints the id and nothing else on stdout', async () => {
  const cli = await hoopCli();
  const end = await cli.run(['exec', 'bash', '-i', 'ls', '--detach']);
  expect(end.stdout.toString()).toBe(`${cli.api.session.view.id}\n`);
  expect(end.code).toBe(0);
});

test('all that a request may carry is sent', async () => {
  const cli = await hoopCli();
  const flags = ['-e', 'A=1', '--env', 'B=x=y', '--reason', 'why', '--correlation-id', 'c-1', '--auto-approve'];
  const end = await cli.run(['exec', 'bash', '--detach', ...flags, '--', '-c', 'echo "$@"', '--', '-x'], {
    input: 'from stdin',
  });
  expect(end.code).toBe(0);
  expect(askedFor(cli)).toMatchObject({
    env: { A: '1', B: 'x=y' },
    reason: 'why',
    correlationId: 'c-1',
    args: ['-c', 'echo "$@"', '--', '-x'],
    script: 'from stdin',
    scriptEncoding: 'utf8',
  });
});

test('a script of any bytes arrives as it is, from stdin and from a file', async () => {
  const cli = await hoopCli();
  const script = Buffer.concat([Buffer.from([0, 0xff, 0xfe, 0x80]), randomBytes(100_000)]);
  await cli.run(['exec', 'bash', '--detach'], { input: script });
  expect(askedFor(cli).scriptEncoding).toBe('base64');
  expect(Buffer.from(askedFor(cli).script ?? '', 'base64').equals(script)).toBe(true);
  const path = join(cli.home, 'script');
  await writeFile(path, '\ufeffecho ä\n\u0000');
  await cli.run(['exec', 'bash', '--detach', '-f', path]);
  expect(askedFor(cli)).toMatchObject({ script: '\ufeffecho ä\n\u0000', scriptEncoding: 'utf8' });
});

test('10 MB of any bytes come out exactly, stdout and stderr apart', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'queued', review: noReview };
  const hoop = await cli.start(['exec', 'bash', '-i', 'x']);
  const session = await streaming(cli);
  session.state('running');
  const out = randomBytes(10 * 1024 * 1024);
  const err = randomBytes(300_001);
  for (let at = 0; at < out.length; at += 65_536) session.output('stdout', out.subarray(at, at + 65_536));
  session.output('stderr', err);
  session.end('finished', { exitCode: 0 });
  const errors: Buffer[] = [];
  hoop.child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const end = await hoop.ended;
  expect(end.stdout.equals(out)).toBe(true);
  expect(Buffer.concat(errors).equals(err)).toBe(true);
});

test('-o json writes the events, one a line', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-o', 'json', '-i', 'x']);
  const session = await streaming(cli);
  session.state('running');
  session.output('stdout', 'ä\n');
  session.output('stderr', Buffer.from([0xff, 0]));
  session.end('finished', { exitCode: 1 });
  const end = await hoop.ended;
  const { id, url } = session.view;
  const lines = end.stdout.toString().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { event: 'session', id, url, state: 'pending' },
    expect.objectContaining({ event: 'state', state: 'pending', approvals: 0 }),
    expect.objectContaining({ event: 'state', state: 'running' }),
    { event: 'output', stream: 'stdout', offset: 0, data: 'ä\n', encoding: 'utf8' },
    { event: 'output', stream: 'stderr', offset: 3, data: '/wA=', encoding: 'base64' },
    { event: 'end', state: 'finished', exitCode: 1 },
  ]);
  expect(end.code).toBe(1);
});

test('texts of others do not reach the terminal raw', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { connection: 'bash', message: 'nobody\u001b[2J but you\u202e' };
  const hoop = await cli.start(['exec', 'bash', '-i', 'ls']);
  const session = await streaming(cli);
  session.end('failed', { message: 'bad\u001b]0;title\u0007' });
  const { stderr } = await hoop.ended;
  expect(stderr).toContain('nobody\\u{1b}[2J but you\\u{202e}');
  expect(stderr).toContain('Failed: bad\\u{1b}]0;title\\u{7}');
  expect(stderr).not.toContain('\u001b');
});

test('--wait withdraws when it is over and ends with status 75', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'ls', '--wait', '1s']);
  const end = await hoop.ended;
  expect(end.stderr).toContain('Withdrawn: there was no approval within --wait.');
  expect(end.code).toBe(75);
  expect(cli.api.session.view.state).toBe('cancelled');
});

test('--session replays the output of a session that has ended, found by the beginning of its id', async () => {
  const cli = await hoopCli();
  const session = cli.api.addSession();
  session.output('stdout', 'once more');
  session.end('finished', { exitCode: 4 });
  cli.api.answer('GET /api/sessions', sessionView.array(), [sessionView.parse(session.view)]);
  cli.api.answer('GET /api/reviews', sessionView.array(), []);
  const end = await cli.run(['exec', '--session', session.view.id.slice(0, 8)]);
  expect(end).toMatchObject({ code: 4, stderr: '' });
  expect(end.stdout.toString()).toBe('once more');
});

test('a reader that goes away ends hoop quietly, as SIGPIPE would', async () => {
  const cli = await hoopCli();
  cli.api.newSession = { state: 'queued', review: noReview };
  const hoop = await cli.start(['exec', 'bash', '-i', 'yes']);
  const session = await streaming(cli);
  hoop.child.stdout.destroy();
  session.output('stdout', Buffer.alloc(1_000_000, 'y\n'));
  const end = await hoop.ended;
  expect(end).toMatchObject({ code: 141, stderr: '' });
});

test('refusals of the gateway end with the status of their code', async () => {
  const cli = await hoopCli();
  cli.api.refuse('POST /api/sessions', 'connection_unknown', 'There is no connection nope.');
  expect(await cli.run(['exec', 'nope'])).toMatchObject({ code: 64, stderr: 'hoop: There is no connection nope.\n' });
  cli.api.refuse('POST /api/sessions', 'not_allowed', 'You may not use bash.');
  expect(await cli.run(['exec', 'bash'])).toMatchObject({ code: 77, stderr: 'hoop: You may not use bash.\n' });
});

test('a script that is too large is refused before anything is sent', async () => {
  const cli = await hoopCli();
  const large = Buffer.alloc(8 * 1024 * 1024 + 1, 'x');
  const refusal = { code: 64, stderr: 'hoop: the script may have at most 8388608 bytes\n' };
  expect(await cli.run(['exec', 'bash'], { input: large })).toMatchObject(refusal);
  expect(await cli.run(['exec', 'bash', '-f', '/dev/zero'])).toMatchObject(refusal);
  expect(cli.api.requests).toEqual([]);
});

test('what others wrote cannot pass for a line of hoop', async () => {
  const cli = await hoopCli();
  const hoop = await cli.start(['exec', 'bash', '-i', 'ls']);
  (await streaming(cli)).end('failed', { message: 'one\nApproved by boss.' });
  expect((await hoop.ended).stderr).toMatch(/^Failed: one\\nApproved by boss\.\n$/m);
});
