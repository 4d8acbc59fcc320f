import { expect, test } from 'vitest';
import * as schemas from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

const sent = ({ api }: HoopCli) => api.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
const decisionsOf = (id: string) => `POST /api/sessions/${id}/decisions`;

/** A waiting request whose text would like to steer the terminal, and a gateway that takes decisions about it. */
function waiting(cli: HoopCli, changes: Partial<schemas.SessionDetail> = {}): schemas.SessionDetail {
  const session = cli.api.addSession({ reason: 'why\u202e', ...changes });
  const { envelope } = session.view;
  session.view = {
    ...session.view,
    envelope: { ...envelope, script: 'rm -rf /\u001b[2K\ndigest  0000\n', env: { A: 'b\u009b' }, ...changes.envelope },
  };
  const { id } = session.view;
  cli.api.answer(decisionsOf(id), schemas.sessionDetail, { ...session.view, state: 'approved' });
  return session.view;
}

test('what waits for the person is marked, and the decided are left out unless asked for', async () => {
  const cli = await hoopCli();
  const { view } = cli.api.addSession({ reason: 'two\nlines' });
  const mine = schemas.sessionView.parse({ ...view, review: { ...view.review, waitsForMe: true } });
  const other = schemas.sessionView.parse({ ...view, review: { ...view.review, waitsForMe: false } });
  cli.api.answer('GET /api/reviews', schemas.sessionView.array(), [mine, other]);
  const { stdout, stderr } = await cli.run(['review', 'list']);
  const rows = stdout.toString().trimEnd().split('\n');
  expect(rows.map((row) => row.split(/ {2,}/).slice(1, 4))).toEqual([
    ['FOR YOU', 'STATE', 'CONNECTION'],
    ['yes', 'pending', 'bash'],
    ['-', 'pending', 'bash'],
  ]);
  expect(rows[1]).toContain('two\\nlines');
  expect(stderr).toBe('');
  expect(Object.fromEntries(cli.api.requests.at(-1)?.query ?? [])).toEqual({ state: 'pending', limit: '50' });

  cli.api.answer('GET /api/reviews', schemas.sessionView.array(), [other]);
  expect((await cli.run(['review', 'list'])).stderr).toBe('None of these waits for your decision.\n');
  await cli.run(['review', 'list', '--all', '-o', 'json']);
  expect(cli.api.requests.at(-1)?.query.get('state')).toBe('all');
  cli.api.answer('GET /api/reviews', schemas.sessionView.array(), []);
  expect(await cli.run(['review', 'list'])).toMatchObject({ code: 0, stderr: 'Nothing waits for a decision.\n' });
  expect((await cli.run(['review', 'list', '-o', 'json'])).stdout.toString()).toBe('[]\n');
});

test('a request is shown in full, with nothing raw of what others wrote', async () => {
  const cli = await hoopCli();
  const view = waiting(cli, {
    policy: {
      groups: ['admin', 'sre'],
      minApprovals: 2,
      distinctReviewers: true,
      forceApproveGroups: ['oncall'],
      window: '22:00-02:00 UTC',
    },
    myGroups: ['sre'],
    timeline: [
      { at: '2026-11-23T10:00:00.000Z', what: 'asked', by: 'dana@example.com', via: 'cli' },
      { at: '2026-11-23T10:01:00.000Z', what: 'seen', by: 'kim@example.com', via: 'slack' },
    ],
    decisions: [
      {
        id: 'd1',
        seq: 1,
        verdict: 'approve',
        by: { id: 'u2', email: 'kim@example.com', name: 'Kim' },
        group: 'sre',
        force: false,
        duration: null,
        reason: 'fine\u0007',
        via: 'slack',
        at: '2026-11-23T10:02:00.000Z',
        digest: 'ab'.repeat(32),
      },
    ],
  });
  const { stdout } = await cli.run(['review', 'show', view.id]);
  const text = stdout.toString();
  expect(text).toContain('reason      why\\u{202e}\n');
  expect(text).toContain('variables   A=b\\u{9b}\n');
  expect(text).toContain(
    'policy      One person of admin and one of sre must approve, two different people; nobody approves their own request; members of oncall may force it alone with a reason; approved commands begin between 22:00 and 02:00 UTC.\n',
  );
  expect(text).toContain('decisions   2026-11-23 10:02:00 approve for sre by kim@example.com (slack): fine\\u{7}\n');
  expect(text).toContain('seen by     2026-11-23 10:01:00 kim@example.com (slack)\n');
  expect(text).toContain('you may     approve for sre, or reject\n');
  expect(text).toContain('script (2 lines, 26 bytes):\n  | rm -rf /\\u{1b}[2K\n  | digest  0000\n');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  // nothing of the script can pass for a field
  expect(text.match(/^digest /gm)).toHaveLength(1);
  expect(JSON.parse((await cli.run(['review', 'show', view.id, '-o', 'json'])).stdout.toString())).toEqual(view);
});

test('--script gives a pipe the very bytes, and a terminal none that could steer it', async () => {
  const cli = await hoopCli();
  const { id, envelope } = waiting(cli);
  expect((await cli.run(['review', 'show', id, '--script'])).stdout.toString()).toBe(envelope.script);
  const terminal = await cli.onTerminal(['review', 'show', id, '--script']);
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen().replaceAll('\r', '')).toBe('rm -rf /\\u{1b}[2K\ndigest  0000\n');

  const bytes = Buffer.from([0, 255, 10, 13]);
  const binary = await hoopCli();
  const shown = waiting(binary, {
    envelope: { ...envelope, script: bytes.toString('base64'), scriptEncoding: 'base64' },
  });
  expect((await binary.run(['review', 'show', shown.id, '--script'])).stdout).toEqual(bytes);
});

test('a script names what it read, or says yes to what is there now', async () => {
  const cli = await hoopCli();
  const { id, digest } = waiting(cli);
  const approve = await cli.run(['review', 'approve', id, '--group', 'sre', '--yes']);
  expect(sent(cli).at(-1)).toEqual({ verdict: 'approve', digest, group: 'sre' });
  expect(approve.stderr).toContain('  | rm -rf /\\u{1b}[2K\n');
  expect(approve.stdout.toString()).toBe('Approved; the session is approved.\n');

  const read = '12'.repeat(32);
  const named = await cli.run(['review', 'reject', id, '--digest', read, '--reason', 'no', '-o', 'json']);
  expect(sent(cli).at(-1)).toEqual({ verdict: 'reject', digest: read, reason: 'no' });
  expect(JSON.parse(named.stdout.toString())).toMatchObject({ id, state: 'approved' });
  expect(named.stderr).toBe('');

  const before = sent(cli).length;
  expect(await cli.run(['review', 'approve', id], { input: 'y\n' })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Without a terminal to ask on'),
  });
  expect(sent(cli)).toHaveLength(before);
});

test('refusals of the gateway come through with their status', async () => {
  const cli = await hoopCli();
  const { id } = waiting(cli);
  cli.api.refuse(decisionsOf(id), 'review_outdated', 'The request changed since you were shown it.');
  expect(await cli.run(['review', 'approve', id, '--digest', '12'.repeat(32)])).toMatchObject({
    code: exitCodes.refused,
    stderr: 'hoop: The request changed since you were shown it.\n',
  });
});

test('on a terminal the request is shown and asked about; only yes decides', async () => {
  const cli = await hoopCli();
  const { id, digest } = waiting(cli);
  const no = await cli.onTerminal(['review', 'approve', id]);
  await no.shows(/\| digest {2}0000\r\n[^|]*Approve this request\? \[y\/N\] /);
  no.type('\r');
  expect(await no.ended).toBe(exitCodes.interrupted);
  expect(no.screen()).toContain('Nothing was decided.');
  const left = await cli.onTerminal(['review', 'approve', id]);
  await left.shows(/\[y\/N\] /);
  left.type('\u0003');
  expect(await left.ended).toBe(exitCodes.interrupted);
  expect(sent(cli)).toEqual([]);

  const yes = await cli.onTerminal(['review', 'approve', id, '--force', '--reason', 'outage']);
  await yes.shows(/Force the approval of this request\? \[y\/N\] /);
  yes.type('y\r');
  expect(await yes.ended).toBe(0);
  expect(yes.screen()).toContain('Approved');
  expect(sent(cli)).toEqual([{ verdict: 'approve', digest, reason: 'outage', force: true }]);
});

test('on a terminal a reject without a reason asks for one, and without any decides nothing', async () => {
  const cli = await hoopCli();
  const { id, digest } = waiting(cli);
  const none = await cli.onTerminal(['review', 'reject', id]);
  await none.shows(/Reason for rejecting it/);
  none.type('  \r');
  expect(await none.ended).toBe(exitCodes.interrupted);
  expect(sent(cli)).toEqual([]);
  const given = await cli.onTerminal(['review', 'reject', id]);
  await given.shows(/Reason for rejecting it/);
  given.type('not on a Friday\r');
  expect(await given.ended).toBe(0);
  expect(sent(cli)).toEqual([{ verdict: 'reject', digest, reason: 'not on a Friday' }]);
});

test('who may not decide is told so and not asked', async () => {
  const cli = await hoopCli();
  const denied = { allowed: false, why: 'This is your own request.' };
  const allowed = { allowed: true, why: null };
  const { id } = waiting(cli, { can: { approve: denied, reject: denied, cancel: allowed, revoke: allowed } });
  const terminal = await cli.onTerminal(['review', 'approve', id]);
  expect(await terminal.ended).toBe(exitCodes.refused);
  expect(terminal.screen()).toContain('hoop: This is your own request.');
  expect(terminal.screen()).not.toContain('[y/N]');
  expect(sent(cli)).toEqual([]);
});

test('a script that is too long for the short form is shown to the last line where it is asked about', async () => {
  const cli = await hoopCli();
  const script = Array.from({ length: 60 }, (_, i) => `echo ${i}\n`).join('');
  const { envelope } = cli.api.addSession().view;
  const { id } = waiting(cli, { envelope: { ...envelope, script } });
  const terminal = await cli.onTerminal(['review', 'approve', id]);
  await terminal.shows(/\| echo 59\r\n[^|]*Approve this request/);
  expect(terminal.screen()).toContain('| echo 30');
  terminal.type('n\r');
  expect(await terminal.ended).toBe(exitCodes.interrupted);
  const piped = await cli.run(['review', 'approve', id, '--yes']);
  expect(piped.stderr).toContain(`... 40 more lines: hoop review show ${id}`);
});

test('a grant is approved for less with --duration, and a command has none', async () => {
  const cli = await hoopCli();
  const { id, digest } = waiting(cli, { kind: 'connect', duration: 1800 });
  const terminal = await cli.onTerminal(['review', 'approve', id, '--duration', '10m']);
  await terminal.shows(/kind +connect for 30m\r\n[^]*Approve this request \(connect for 30m\) for 10m\? \[y\/N\] /);
  terminal.type('y\r');
  expect(await terminal.ended).toBe(0);
  expect(sent(cli)).toEqual([{ verdict: 'approve', digest, duration: 600 }]);

  const other = await hoopCli();
  const command = waiting(other);
  expect(await other.run(['review', 'approve', command.id, '--yes', '--duration', '10m'])).toMatchObject({
    code: 64,
    stderr: 'hoop: --duration is for a request of connect; this one is of exec.\n',
  });
  expect(sent(other)).toEqual([]);
});

test('lists of reviews say how long a grant is asked for', async () => {
  const cli = await hoopCli();
  const grant = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
  const { view } = cli.api.addSession({ kind: 'connect', duration: 1800 });
  const one = schemas.sessionView.parse(view);
  cli.api.answer('GET /api/reviews', schemas.sessionView.array(), [one, { ...one, duration: 7200, grant }]);
  const { stdout } = await cli.run(['review', 'list']);
  const rows = stdout.toString().trimEnd().split('\n');
  expect(rows.map((row) => row.split(/ {2,}/)[4])).toEqual([
    'KIND',
    'connect for 30m',
    'connect for 2h more, of 7c9e6679',
  ]);
});
