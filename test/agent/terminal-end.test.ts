import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, markOf, type ProcessMark } from '#agent/process-mark.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { connectAgent, gone, killed, makeHome, startGateway } from './support.ts';
import { openTerminal, shell, type TypingClient } from './terminal-support.ts';

async function start() {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  return { gateway, agent };
}

/** Starts `command` in the background of a shell; its process. */
function background(terminal: TypingClient, command: string): Promise<ProcessMark> {
  return inBackground(terminal, (file) => `${command} & echo $! > ${file}`);
}

/** `command` leaves the number of a process in the file that it is given. */
async function inBackground(terminal: TypingClient, command: (file: string) => string): Promise<ProcessMark> {
  const file = join(makeHome(), 'pid');
  terminal.type(`${command(file)}\r`);
  const mark = await eventually(() => markOf(Number(readFileSync(file, 'utf8'))), { describe: 'the job' });
  onTestFinished(() => {
    if (isAlive(mark)) process.kill(mark.pid, 'SIGKILL');
  });
  return mark;
}

test.for([
  ['sleep 301'],
  ['nohup sleep 302 >/dev/null 2>&1 </dev/null'],
  [`sh -c 'trap "" HUP TERM; sleep 303; sleep 303'`],
])('stop ends a job in a process group of its own: %s', async ([command]) => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const job = await background(terminal, command ?? '');
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 300 });
  expect(await terminal.ended()).toMatchObject({ reason: 'stopped' });
  await gone(job);
});

test('stop ends a job that was stopped by its own user', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const job = await background(terminal, 'sleep 304');
  process.kill(job.pid, 'SIGSTOP');
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 300_000 });
  expect(await terminal.ended()).toMatchObject({ reason: 'stopped' });
  await gone(job);
});

test('what leaves the session by itself, as daemons do, lives on', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const daemon = await inBackground(
    terminal,
    (file) => `setsid sh -c 'echo $$ > ${file}; exec sleep 305' >/dev/null 2>&1 </dev/null &`,
  );
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 300 });
  expect(await terminal.ended()).toMatchObject({ reason: 'stopped' });
  expect(isAlive(daemon)).toBe(true);
});

test('a job that holds the terminal does not hold the session when the shell has ended', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const job = await background(terminal, 'sleep 306');
  terminal.type('exit 4\r');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 4 });
  await gone(job);
});

test('a job with streams of its own lives on when its shell ends in order', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const job = await background(terminal, 'nohup sleep 307 >/dev/null 2>&1 </dev/null');
  // once it is there it has let go of the terminal
  await eventually(() => readFileSync(`/proc/${job.pid}/comm`, 'utf8') === 'sleep\n', { describe: 'the job itself' });
  terminal.type('exit\r');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit' });
  expect(isAlive(job)).toBe(true);
});

test('SIGKILL of the runner loses the terminal, and ends all that ran in it', async () => {
  const { gateway, agent } = await start();
  const terminal = await openTerminal(gateway, shell);
  const job = await background(terminal, `sh -c 'trap "" HUP TERM; sleep 308; sleep 308'`);
  await killed(agent.runner().process);
  expect(await terminal.ended()).toMatchObject({ reason: 'lost', exitCode: null });
  await gone(job);
  expect(await gateway.runToEnd({ script: 'echo fine' })).toMatchObject({ stdout: 'fine\n' });
});

test('a terminal without input and output is ended after its time, and input or output keeps it', async () => {
  const { gateway } = await start();
  const idle = { ...shell, envelope: { idleSeconds: 6 } };
  const busy = await openTerminal(gateway, {
    ...idle,
    command: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 0.5; echo $i; done'],
  });
  const still = await openTerminal(gateway, idle);
  const end = await still.ended();
  expect(end).toMatchObject({ reason: 'idle', message: 'without input and output for 6 s' });
  expect(end.durationMs).toBeGreaterThanOrEqual(6_000);
  expect(await busy.ended()).toMatchObject({ reason: 'exit', exitCode: 0 });
});

test('the time of a terminal ends by the clock, whatever goes on in it', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['yes'], maxRuntimeSeconds: 1 });
  expect(await terminal.ended()).toMatchObject({ reason: 'run_time', message: 'ran longer than 1 s' });
});

test('no command gets hold of the terminal of another', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  await terminal.shows('$ ');
  const list = 'for fd in /proc/$$/fd/*; do readlink $fd; done; exit';
  const piped = await gateway.runToEnd({ command: ['bash', '-c', list] });
  expect(piped.stdout).toContain('.pipe (deleted)');
  expect(piped.stdout).not.toMatch(/ptmx|pts/);
  const other = await openTerminal(gateway, { command: ['bash', '-c', list] });
  await other.ended();
  expect(other.screen()).toMatch(/\/dev\/pts/);
  expect(other.screen()).not.toContain('ptmx');
  terminal.type('exit\r');
  await terminal.ended();
});

test('the runner keeps nothing of terminals that have ended', async () => {
  const { gateway, agent } = await start();
  const open = () => readFileDescriptors(agent.runner().process.pid).filter((target) => /ptmx|pts|spool/.test(target));
  for (let round = 0; round < 3; round += 1) {
    const terminals = [1, 2, 3].map(() => openTerminal(gateway, { command: ['echo', 'x'] }));
    await Promise.all(terminals.map(async (terminal) => (await terminal).ended()));
  }
  await eventuallyPasses(() => expect(open()).toEqual([]));
});

function readFileDescriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed in the meantime
    }
  });
}
