import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { distFile, type RunningProcess } from '../support/processes.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { tokenOf } from '../support/sign-in.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let bob: string;
let cli: string;

beforeAll(async () => {
  hoop = await startStack();
  bob = await tokenOf(hoop, 'bob@localhost');
  cli = await distFile('hoop.js');
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

const sessionOf = async (run: RunningProcess): Promise<string> =>
  (await run.waitForOutput(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
const json = async <T>(args: string[], token?: string): Promise<T> => {
  const { stdout } = await hoop.hoop([...args, '-o', 'json'], token === undefined ? {} : { token }).ended;
  return JSON.parse(stdout.toString()) as T;
};
const asBob = (...args: string[]): Promise<Terminal> =>
  openTerminal(process.execPath, [cli, ...args], {
    PATH: process.env['PATH'] ?? '',
    HOOP_HOME: hoop.home,
    HOOP_API_URL: hoop.apiUrl,
    HOOP_TOKEN: bob,
  });
const steps = ({ timeline }: SessionDetail) =>
  timeline
    .filter(({ what }) => what !== 'notified' && what !== 'posted')
    .map(({ what, by, via }) => [what, by, via].filter(Boolean).join(' '));

describe('a reviewer in a terminal', () => {
  test('finds what waits, reads it in full, says yes, and it runs; its way is on record', async () => {
    const run = hoop.hoop([
      'exec',
      'bash',
      '-i',
      'echo "$WHAT-$((6*7))" # \u202e',
      '-e',
      'WHAT=out',
      '--reason',
      'try',
    ]);
    const id = await sessionOf(run);
    await hoop.sandbox.message('ops', 'bob', id);
    const waiting = await json<SessionView[]>(['review', 'list'], bob);
    expect(waiting.filter(({ review }) => review.waitsForMe).map((session) => session.id)).toEqual([id]);

    const terminal = await asBob('review', 'approve', id.slice(0, 8));
    await terminal.shows(/\| echo "\$WHAT-\$\(\(6\*7\)\)" # \\u\{202e\}\r\n[^|]*Approve this request\? \[y\/N\] /);
    expect(terminal.screen()).toMatch(/^variables +WHAT=out\r$/m);
    expect(terminal.screen()).toMatch(/^policy +One person of admin and one of sre must approve/m);
    expect(terminal.screen()).not.toContain('\u202e');
    terminal.type('y\r');
    expect(await terminal.ended).toBe(0);
    expect((await run.ended).stdout.toString()).toBe('out-42\n');

    const shown = await json<SessionDetail>(['sessions', 'show', id.slice(0, 8)]);
    expect(steps(shown)).toEqual([
      'asked admin@localhost cli',
      'seen bob@localhost cli',
      'approved bob@localhost cli',
      'started',
      'ended',
    ]);
    await eventuallyPasses(async () => {
      const { timeline } = await json<SessionDetail>(['sessions', 'show', id]);
      expect(timeline).toContainEqual(expect.objectContaining({ what: 'posted', details: { channel: '#ops' } }));
    });
    expect(shown.timeline.find(({ what }) => what === 'started')?.details).toMatchObject({ agent: 'default' });
  });

  test('an answer after the request changed decides nothing', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true']);
    const id = await sessionOf(run);
    const terminal = await asBob('review', 'approve', id);
    await terminal.shows(/\[y\/N\] /);
    expect((await hoop.hoop(['admin', 'create', 'conn', 'bash', '--overwrite', '--', 'bash', '-e']).ended).code).toBe(
      0,
    );
    await eventually(async () => (await json<SessionDetail>(['sessions', 'show', id])).envelopeVersion === 2, {
      describe: 'the request with the changed command',
    });
    terminal.type('y\r');
    expect(await terminal.ended).toBe(77);
    expect(terminal.screen()).toContain('The request changed since you were shown it');
    expect((await json<SessionDetail>(['sessions', 'show', id])).decisions).toEqual([]);
    run.child.kill('SIGINT');
    await run.ended;
  });

  test('a reject asks for its reason, and who asked reads it', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true']);
    const id = await sessionOf(run);
    const terminal = await asBob('review', 'reject', id.slice(0, 8));
    await terminal.shows(/Reason for rejecting it/);
    terminal.type('not on a Friday\r');
    expect(await terminal.ended).toBe(0);
    const end = await run.ended;
    expect(end.code).toBe(77);
    expect(end.stderr).toMatch(/bob.*not on a Friday/is);
  });

  test('nobody approves their own request, and is not asked whether to', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'true'], { token: bob });
    const id = await sessionOf(run);
    const terminal = await asBob('review', 'approve', id);
    expect(await terminal.ended).toBe(77);
    expect(terminal.screen()).toContain('your own request');
    expect(terminal.screen()).not.toContain('[y/N]');
    run.child.kill('SIGINT');
    await run.ended;
  });
});

describe('a script of a reviewer', () => {
  test('decides about the digest it read, and about no other', async () => {
    const run = hoop.hoop(['exec', 'bash', '-i', 'printf "%s" exact']);
    const id = await sessionOf(run);
    const { digest } = await json<SessionDetail>(['review', 'show', id], bob);
    const script = await hoop.hoop(['review', 'show', id, '--script'], { token: bob }).ended;
    expect(script.stdout.toString()).toBe('printf "%s" exact');
    const decide = (named: string) =>
      hoop.hoop(['review', 'approve', id, '--digest', named, '-o', 'json'], { token: bob }).ended;
    const other = await decide('0'.repeat(64));
    expect(other).toMatchObject({ code: 77, stderr: expect.stringContaining('The request changed') });
    expect(other.stdout.toString()).toBe('');
    expect(JSON.parse((await decide(digest)).stdout.toString())).toMatchObject({ id });
    expect((await run.ended).stdout.toString()).toBe('exact');
  });
});

test('who read a long request in Slack has seen it', async () => {
  const run = hoop.hoop(['exec', 'bash', '-i', 'echo a long line of a long script\n'.repeat(600)]);
  const id = await sessionOf(run);
  const asked = await hoop.sandbox.message('ops', 'carol', id);
  await hoop.sandbox.click('carol', 'ops', asked.ts, 'approve');
  const seen = await eventually(
    async () => steps(await json<SessionDetail>(['sessions', 'show', id])).find((step) => step.startsWith('seen')),
    { describe: 'a reviewer who has seen it' },
  );
  expect(seen).toBe('seen carol@localhost slack');
  run.child.kill('SIGINT');
  await run.ended;
});
