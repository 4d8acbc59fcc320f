import { beforeAll, expect, test } from 'vitest';
import { markOf } from '#agent/process-mark.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, startGateway } from './support.ts';
import { openTerminal, shell } from './terminal-support.ts';

/** One agent runs all commands of this file. */
let gateway: FakeGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await connectAgent(gateway);
});

test('a shell runs in a terminal, takes what is typed, and its status is the end', async () => {
  const terminal = await openTerminal(gateway, shell);
  await terminal.shows('$ ');
  terminal.type('tty && echo "$TERM" && stty size\r');
  await terminal.shows(/\/dev\/\S+\r\nxterm-256color\r\n24 80\r\n/);
  terminal.type('exit 7\r');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 7, signal: null });
  expect(gateway.faults).toEqual([]);
});

test('job control works: the shell has the terminal', async () => {
  const terminal = await openTerminal(gateway, shell);
  terminal.type('sleep 300 & jobs; exit\r');
  await terminal.shows('[1]+  Running');
  expect(terminal.screen()).not.toContain('no job control');
});

test('a change of size reaches the program', async () => {
  const terminal = await openTerminal(gateway, shell);
  gateway.send({ type: 'resize', sessionId: terminal.sessionId, columns: 132, rows: 50 });
  terminal.type('stty size\r');
  await terminal.shows('50 132\r\n');
  await terminal.attach({ columns: 90, rows: 30 });
  terminal.type('stty size; exit\r');
  await terminal.shows('30 90\r\n');
  await terminal.ended();
  const sizes = gateway.received(terminal.sessionId).chunks.filter(({ stream }) => stream === 'resize');
  expect(sizes.map(({ data }) => data.toString())).toEqual(['80x24', '132x50', '90x30']);
});

test('what is typed after changes of size meets the last of them, however fast they follow', async () => {
  const terminal = await openTerminal(gateway, shell);
  const { sessionId } = terminal;
  for (const columns of [130, 131, 132]) gateway.send({ type: 'resize', sessionId, columns, rows: 50 });
  terminal.type('stty size; exit\r');
  await terminal.shows('50 132\r\n');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
});

test('Ctrl-C interrupts the program in the foreground, not the shell', async () => {
  const terminal = await openTerminal(gateway, shell);
  terminal.type(`sh -c 'echo "began $((6 * 7))"; exec sleep 300'\r`);
  await terminal.shows('began 42');
  terminal.type('\x03');
  await terminal.shows('^C');
  terminal.type('echo "was $?"; exit\r');
  await terminal.shows('was 130\r\n');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 0 });
});

test('Ctrl-D at the beginning of a line ends the input', async () => {
  const terminal = await openTerminal(gateway, { command: ['cat'] });
  terminal.type('one\r');
  await terminal.shows('one\r\none\r\n');
  terminal.type('\x04');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 0 });
});

test('a program that is not there, or not executable, ends as it would without a terminal', async () => {
  const missing = gateway.run({
    command: ['no-such-command-here'],
    terminal: { type: 'xterm', columns: 80, rows: 24 },
  });
  const end = await gateway.ended(missing);
  expect(end).toMatchObject({ reason: 'not_found', exitCode: 127, outputBytes: 0 });
  expect(end.message).toContain('"no-such-command-here" was not found');
  const folder = gateway.run({ command: ['/etc/passwd'], terminal: { type: 'xterm', columns: 80, rows: 24 } });
  expect(await gateway.ended(folder)).toMatchObject({ reason: 'start_failed', exitCode: 126 });
});

test('a program ended by a signal says which', async () => {
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', 'kill -KILL $$'] });
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: null, signal: 'SIGKILL' });
});

test('what was written last is all there', async () => {
  const endings = Array.from({ length: 10 }, () => openTerminal(gateway, { command: ['seq', '1', '3000'] }));
  for (const terminal of await Promise.all(endings)) {
    await terminal.ended();
    const lines = terminal.screen().split('\r\n');
    expect(lines).toHaveLength(3_001);
    expect(lines.at(-2)).toBe('3000');
  }
});

test('stop ends every job of the terminal, in whatever process group', async () => {
  const terminal = await openTerminal(gateway, shell);
  terminal.type('nohup sleep 301 >/dev/null 2>&1 & echo "first=$!"\r');
  terminal.type('(trap "" HUP TERM; exec sleep 302) & echo "second=$!"\r');
  await terminal.shows(/first=\d+[^]*second=\d+\r\n/);
  const pids = [...terminal.screen().matchAll(/(?:first|second)=(\d+)/g)].map((match) => Number(match[1]));
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 5_000 });
  expect(await terminal.ended()).toMatchObject({ reason: 'stopped' });
  expect(pids).toHaveLength(2);
  for (const pid of pids) await eventually(() => markOf(pid) === null, { describe: `the end of ${pid}` });
});
