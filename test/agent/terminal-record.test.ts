import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { runProcess } from '#test/support/processes.ts';
import { connectAgent, makeHome, startGateway } from './support.ts';
import { openTerminal, shell, type TypingClient } from './terminal-support.ts';

/** One agent runs all commands of this file. */
let gateway: FakeGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await connectAgent(gateway);
});

/** One key after the other, each taken before the next. */
async function typeSlowly(terminal: TypingClient, text: string): Promise<void> {
  for (const key of text) {
    terminal.type(key);
    await terminal.taken();
  }
}

/** A shell, and the name of its terminal. */
async function openShell(): Promise<{ terminal: TypingClient; tty: string }> {
  const terminal = await openTerminal(gateway, shell);
  terminal.type('tty\r');
  await terminal.shows(/\/dev\/\S+\r\n/);
  return { terminal, tty: /\/dev\/\S+/.exec(terminal.screen())?.[0] ?? '' };
}

/** Waits until a program in the terminal reads a line without showing it. */
async function hidesInput(tty: string): Promise<void> {
  await eventually(
    async () => {
      const { stdout } = await runProcess('sh', ['-c', 'stty -a < "$0"', tty]);
      return /(?<!-)\bicanon\b/.test(stdout.toString()) && /-echo\b/.test(stdout.toString());
    },
    { everyMs: 5, describe: 'a terminal that does not show what is typed' },
  );
}

/** A program asks for a password and says how long it was. */
const prompts: [string, string][] = [
  ['read -s', `bash -c 'read -rsp "Password: " p; echo; echo "got \${#p}"'`],
  ['stty', `sh -c 'stty -echo; printf "Password: "; read p; stty echo; echo; echo "got \${#p}"'`],
  ['late and without a prompt', `bash -c 'sleep 0.3; read -rs p; echo "got \${#p}"'`],
];

test.for(prompts)('a password that is typed is not recorded, what is typed around it is: %s', async ([, command]) => {
  const { terminal, tty } = await openShell();
  terminal.type(`${command}\r`);
  await hidesInput(tty);
  await typeSlowly(terminal, 'hunter22\r');
  await terminal.shows(/got 8[^]*\$ $/);
  terminal.type('exit 5\r');
  expect(await terminal.ended()).toMatchObject({ exitCode: 5 });
  expect(terminal.recorded()).not.toMatch(/[hunter2]{3}/);
  expect(terminal.recorded()).toMatch(/^tty\r.*\r+exit 5\r$/);
  expect(terminal.recorded()).toContain(command);
  expect(terminal.screen()).not.toContain('hunter');
});

test.for(prompts)('a password that is pasted with its Enter is not recorded: %s', async ([, command]) => {
  const { terminal, tty } = await openShell();
  terminal.type(`${command}\r`);
  await hidesInput(tty);
  terminal.type('hunter22\r');
  await terminal.shows('got 8');
  terminal.type('exit\r');
  await terminal.ended();
  expect(terminal.recorded()).toBe(`tty\r${command}\rexit\r`);
});

test('a password that was begun when the terminal is ended is not recorded', async () => {
  const { terminal, tty } = await openShell();
  terminal.type("bash -c 'read -rs'\r");
  await hidesInput(tty);
  terminal.type('hunter');
  await terminal.taken();
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 0 });
  await terminal.ended();
  expect(terminal.recorded()).toBe("tty\rbash -c 'read -rs'\r");
});

test('what is typed in a shell with a line editor is recorded, though the terminal itself shows nothing', async () => {
  const terminal = await openTerminal(gateway, shell);
  await terminal.shows('$ ');
  await typeSlowly(terminal, 'echo one');
  terminal.type('\x1b[D\x1b[D\x1b[D');
  await typeSlowly(terminal, 'x\x7f-');
  terminal.type('\r');
  await terminal.shows('-one\r\n');
  terminal.type('exit\r');
  await terminal.ended();
  expect(terminal.recorded()).toBe('echo one\x1b[D\x1b[D\x1b[Dx\x7f-\rexit\r');
});

test('what is typed in a full-screen program is recorded', async () => {
  const terminal = await openTerminal(gateway, { command: ['less', '/etc/passwd'] });
  await terminal.shows('root:');
  await typeSlowly(terminal, '/root\rq');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(terminal.recorded()).toBe('/root\rq');
});

const oneThenTwo = (go: string) => `echo one; until [ -e ${go} ]; do sleep 0.02; done; echo two`;

/** Once what came before is on record for a while. */
async function letGoLater(go: string): Promise<void> {
  const seenAt = performance.now();
  await eventually(() => performance.now() - seenAt > 200, { describe: 'a while' });
  writeFileSync(go, '');
}

test('the record tells when it was: what came later is a chunk of its own', async () => {
  const go = join(makeHome(), 'go');
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', oneThenTwo(go)] });
  await terminal.shows('one');
  await letGoLater(go);
  await terminal.ended();
  const [one, two] = gateway.received(terminal.sessionId).chunks.filter(({ stream }) => stream === 'stdout');
  expect([one, two].map((chunk) => chunk?.data.toString())).toEqual(['one\r\n', 'two\r\n']);
  expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(100);
});

test('a command without a terminal tells the times of its output too', async () => {
  const go = join(makeHome(), 'go');
  const sessionId = gateway.run({ script: `${oneThenTwo(go)} >&2` });
  await eventually(() => gateway.received(sessionId).offset > 0, { describe: 'the first of its output' });
  await letGoLater(go);
  await gateway.ended(sessionId);
  const [one, two] = gateway.received(sessionId).chunks;
  expect(one).toMatchObject({ stream: 'stdout', at: expect.any(Number) });
  expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(100);
});

test('the limit of output counts neither input nor sizes', async () => {
  const terminal = await openTerminal(gateway, {
    command: ['sh', '-c', 'stty -echo -icanon; echo ready; head -c 3000 >/dev/null; echo done'],
    maxOutputBytes: 100,
  });
  await terminal.shows('ready');
  terminal.type('x'.repeat(3000));
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 0 });
  expect(terminal.recorded()).toHaveLength(3000);
});
