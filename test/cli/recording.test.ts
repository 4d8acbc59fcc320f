import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readSize } from '#shared/recording.ts';
import type { FakeSession } from '#test/support/fake-api.ts';
import { eventually } from '#test/support/eventually.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

const xterm = { type: 'xterm-256color', columns: 100, rows: 40 };

/** A session that ran, on a terminal unless told. */
function recorded({ api }: HoopCli, onTerminal = true): FakeSession {
  const session = api.addSession({ startedAt: '2026-11-23T10:00:00.500Z', terminal: onTerminal });
  if (onTerminal) session.view.envelope.terminal = xterm;
  return session;
}

const idOf = ({ view }: FakeSession): string => view.id.slice(0, 8);
const logs = (session: FakeSession, ...more: string[]) => ['sessions', 'logs', session.view.id, ...more];
const replay = (session: FakeSession, ...more: string[]) => ['sessions', 'replay', idOf(session), ...more];
const exported = async (cli: HoopCli, session: FakeSession, format: string): Promise<string> =>
  (await cli.run(replay(session, '--export', format))).stdout.toString();

// ---- logs

test('logs begin at the byte that is asked for', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  for (const text of ['one\n', 'two\n', 'three\n']) session.output('stdout', text);
  session.end('finished', { exitCode: 0 });
  expect((await cli.run(logs(session, '--offset', '6'))).stdout.toString()).toBe('o\nthree\n');
  expect((await cli.run(logs(session, '--offset', '99'))).stdout.toString()).toBe('');
});

test('logs of a terminal print what it showed, and nothing that was typed', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  session.output('stdout', '$ ', 0);
  session.output('input', 'ls\r', 10);
  session.output('resize', '90x30', 20);
  session.output('stdout', 'ls\r\n', 30);
  session.end('finished', { exitCode: 0 });
  expect((await cli.run(logs(session))).stdout.toString()).toBe('$ ls\r\n');
});

test('a size that no terminal has is no size', () => {
  const sizeOf = (text: string) => readSize(Buffer.from(text));
  expect(sizeOf('1000x1')).toEqual({ columns: 1000, rows: 1 });
  for (const none of ['0x24', '80x0', '1001x24', '9999x9999', '80', '80x24x1']) expect(sizeOf(none)).toBeNull();
});

test('several readers follow one session from where each began, over a line that breaks, to its end', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.state('running');
  session.output('stdout', 'begun\n');
  const readers = [
    await cli.start(logs(session, '-f')),
    await cli.start(logs(session, '--follow', '--offset', '2')),
    await cli.start(logs(session, '-f')),
  ];
  await eventually(() => session.sockets.size === readers.length);
  session.output('stderr', 'warning\n');
  session.dropLines();
  session.output('stdout', 'more\n');
  await eventually(() => session.askedOffsets.length >= 2 * readers.length && session.sockets.size === readers.length);
  const requests = cli.api.requests.length;
  session.end('finished', { exitCode: 3 });
  const ends = await Promise.all(readers.map(({ ended }) => ended));
  expect(ends.map(({ code, stdout }) => [code, stdout.toString()])).toEqual([
    [0, 'begun\nmore\n'],
    [0, 'gun\nmore\n'],
    [0, 'begun\nmore\n'],
  ]);
  expect(ends[0]?.stderr).toContain('warning\n');
  // over the stream: nothing was asked for again
  expect(cli.api.requests).toHaveLength(requests);
});

test('logs -f -o json tells each event once', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.state('running');
  const reader = await cli.start(logs(session, '-f', '-o', 'json'));
  await eventually(() => session.sockets.size === 1);
  session.output('stdout', 'x');
  await reader.waitForOutput(/"output"/);
  session.dropLines();
  await eventually(() => session.askedOffsets.length >= 2 && session.sockets.size === 1);
  session.end('finished', { exitCode: 0 });
  const lines = (await reader.ended).stdout.toString().trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    ...['session', 'state', 'output', 'end'],
  ]);
});

test('a reader who may not see the session is told, with status 77', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.state('running');
  const reader = await cli.start(logs(session, '-f'));
  await eventually(() => session.sockets.size === 1);
  session.closeLines(4403);
  expect(await reader.ended).toMatchObject({ code: 77, stderr: expect.stringContaining('ended the stream') });
});

test('a recording that is not kept any more says so, and since when', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.end('finished', { exitCode: 0 });
  session.view = { ...session.view, recordingRemovedAt: '2026-12-24T08:00:00Z' };
  for (const args of [logs(session), replay(session)]) {
    const end = await cli.run(args);
    expect(end).toMatchObject({
      code: 0,
      stderr: 'The recording was removed on 2026-12-24 08:00:00: its time was over.\n',
    });
    expect(end.stdout.toString()).toBe('');
  }
});

test('a grant has no recording of its own', async () => {
  const cli = await hoopCli();
  const grant = cli.api.addSession({ kind: 'connect', duration: 1800 });
  expect(await cli.run(replay(grant))).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('hoop sessions list --kind exec --connection bash'),
  });
});

// ---- replay

/** Milliseconds that playing it took, and what it showed. */
async function played(cli: HoopCli, session: FakeSession, ...more: string[]) {
  const began = performance.now();
  const end = await cli.run(replay(session, ...more));
  return { ms: performance.now() - began, end };
}

test('replay keeps the recorded pauses, cut and sped up as asked', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.output('stdout', 'a', 0);
  session.output('stderr', 'b', 1500);
  session.output('stdout', 'c', 3_600_000);
  session.end('finished', { exitCode: 7 });
  const cut = await played(cli, session, '--skip-idle', '1s');
  expect(cut.end).toMatchObject({ code: 0, stderr: 'b' });
  expect(cut.end.stdout.toString()).toBe('ac');
  expect(cut.ms).toBeGreaterThan(2000);
  const fast = await played(cli, session, '--no-skip-idle', '--speed', '1000');
  expect(fast.end.stdout.toString()).toBe('ac');
  expect(fast.ms).toBeGreaterThan(3500);
});

test('a recording without times is printed at once', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  for (const text of ['a', 'b', 'c', 'd']) session.output('stdout', text);
  session.end('finished', { exitCode: 0 });
  const { end } = await played(cli, session, '--no-skip-idle');
  expect(end.stdout.toString()).toBe('abcd');
});

test('a terminal is played byte for byte, and what it did to the terminal is undone', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  const bytes = '\u001b[?1049h\u001b[?2004h\u001b[?1000h\u001b[?25l\u001b=\u001b[31mfull\nscreen';
  session.output('stdout', bytes, 0);
  session.end('finished', { exitCode: 0 });
  const terminal = await cli.onTerminal(replay(session));
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toContain(bytes);
  const after = terminal.screen().slice(terminal.screen().indexOf('screen') + 'screen'.length);
  for (const undone of ['[?1049l', '[?2004l', '[?1000l', '[?25h', '>', '[0m']) {
    expect(after).toContain(`\u001b${undone}`);
  }
});

test('the output of a command without a terminal begins each line at the left', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.output('stdout', 'one\ntwo\n', 0);
  session.end('finished', { exitCode: 0 });
  const terminal = await cli.onTerminal(replay(session));
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toBe('one\r\ntwo\r\n');
});

test('Ctrl-C leaves a replay, q too, and the space bar pauses it', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  session.output('stdout', '\u001b[?1049hbegun', 0);
  session.output('stdout', 'much later', 3_600_000);
  session.end('finished', { exitCode: 0 });
  for (const [key, status] of [
    ['\u0003', 130],
    ['q', 0],
  ] as const) {
    const terminal = await cli.onTerminal(replay(session, '--no-skip-idle'));
    await terminal.shows(/begun/);
    terminal.type(' ');
    terminal.type(key);
    expect(await terminal.ended).toBe(status);
    expect(terminal.screen()).toContain('begun\u001b[?1049l');
    expect(terminal.screen()).not.toContain('later');
  }
});

test('a signal that ends a replay leaves the terminal as it was', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  session.output('stdout', '\u001b[?1049hbegun', 0);
  session.output('stdout', 'much later', 3_600_000);
  const terminal = await cli.onTerminal(replay(session, '--no-skip-idle'));
  await terminal.shows(/begun/);
  terminal.signal('SIGTERM');
  expect(await terminal.ended).toBe(143);
  expect(terminal.screen()).toContain('begun\u001b[?1049l');
});

test('a terminal smaller than the recorded one is warned of', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  session.view.envelope.terminal = { ...xterm, columns: 200 };
  session.output('stdout', 'x', 0);
  session.end('finished', { exitCode: 0 });
  const terminal = await cli.onTerminal(replay(session));
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toContain('It was recorded on a terminal of 200x40; on this one of 100x40');
});

// ---- export

/** https://docs.asciinema.org/manual/asciicast/v2/ */
const castHeader = z.strictObject({
  version: z.literal(2),
  width: z.int().positive(),
  height: z.int().positive(),
  timestamp: z.int().optional(),
  duration: z.number().optional(),
  idle_time_limit: z.number().optional(),
  command: z.string().optional(),
  title: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  theme: z.unknown().optional(),
});
const castEvent = z.tuple([z.number().nonnegative(), z.enum(['o', 'i', 'm', 'r']), z.string()]);

/** Throws for what is no asciicast v2 file. */
function readCast(text: string) {
  expect(text.endsWith('\n')).toBe(true);
  const [first = '', ...rest] = text.slice(0, -1).split('\n');
  const events = rest.map((line) => castEvent.parse(JSON.parse(line)));
  const times = events.map(([at]) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (const [, code, data] of events) if (code === 'r') expect(data).toMatch(/^\d+x\d+$/);
  return { header: castHeader.parse(JSON.parse(first)), events };
}

test('a terminal is exported as asciicast, with what was typed and its sizes', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  const smile = Buffer.from('\u{1f600}');
  session.output('stdout', '$ ', 5);
  session.output('input', 'l', 1000);
  session.output('stdout', smile.subarray(0, 3), 1250);
  session.output('resize', '120x50', 1300);
  session.output('stdout', smile.subarray(3), 1400);
  session.output('stdout', '\u001b[0m\r\n', 1200); // a clock that was set back
  session.output('stdout', smile.subarray(0, 2), 1500); // ends within a character
  session.end('finished', { exitCode: 0 });
  const { header, events } = readCast(await exported(cli, session, 'asciicast'));
  expect(header).toMatchObject({ width: 100, height: 40, env: { TERM: 'xterm-256color' } });
  expect(header.timestamp).toBe(Date.parse('2026-11-23T10:00:00Z') / 1000);
  expect(header.title).toMatch(/^bash: bash \(dana@example\.com, 2026-11-23 10:00:00\)$/);
  expect(events).toEqual([
    [0.005, 'o', '$ '],
    [1, 'i', 'l'],
    [1.3, 'r', '120x50'],
    [1.4, 'o', '\u{1f600}'],
    [1.4, 'o', '\u001b[0m\r\n'],
    [1.5, 'o', '\ufffd'],
  ]);
});

test('a command without a terminal is exported as asciicast for one of the usual size', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  session.output('stdout', 'a\n', 5);
  session.output('stderr', 'b\n', 6);
  session.end('finished', { exitCode: 0 });
  const { header, events } = readCast(await exported(cli, session, 'asciicast'));
  expect(header).toMatchObject({ width: 80, height: 24 });
  expect(events).toEqual([
    [0.005, 'o', 'a\r\n'],
    [0.006, 'o', 'b\r\n'],
  ]);
});

test('the text of a terminal is what stood on its screen', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  const lines = Array.from({ length: 30_000 }, (_, n) => `line ${n} \u{1f600}`);
  session.output('stdout', '\u001b[31m$\u001b[0m lsx\b \b\r\n', 0);
  session.output('input', 'secret', 1);
  session.output('stdout', `0 %\r100 %\r\n${'w'.repeat(250)}\r\n`, 2);
  session.output('stdout', '\u001b[?1049hfull screen\u001b[?1049l', 3);
  session.output('stdout', 'cleared\r\n\u001b[H\u001b[2J\u001b[3J', 4);
  session.output('stdout', `${lines.join('\r\n')}\r\n`, 5);
  session.output('stdout', '$ exit  \r\n', 6);
  session.end('finished', { exitCode: 0 });
  const text = await exported(cli, session, 'text');
  expect(text).toBe(['$ ls ', '100 %', 'w'.repeat(250), 'cleared', ...lines, '$ exit  ', ''].join('\n'));
});

test('the text of plain output is that output', async () => {
  const cli = await hoopCli();
  const session = recorded(cli, false);
  const lines = Array.from({ length: 3000 }, (_, n) => `${n} `.repeat(n % 90));
  session.output('stdout', `${lines.join('\n')}\n`);
  session.end('finished', { exitCode: 0 });
  expect(await exported(cli, session, 'text')).toBe(`${lines.join('\n')}\n`);
});

test('a recording is exported to a file that only its owner reads', async () => {
  const cli = await hoopCli();
  const session = recorded(cli);
  session.output('stdout', 'x', 5);
  session.end('finished', { exitCode: 0 });
  const path = join(cli.home, 'session.cast');
  expect(await cli.run(replay(session, '--export', 'asciicast', '--output', path))).toMatchObject({ code: 0 });
  expect(readCast(await readFile(path, 'utf8')).events).toEqual([[0.005, 'o', 'x']]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const nowhere = join(cli.home, 'none', 'session.cast');
  expect(await cli.run(replay(session, '--export', 'text', '--output', nowhere))).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('cannot write the recording: '),
  });
});
