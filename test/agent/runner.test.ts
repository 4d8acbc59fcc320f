import { randomUUID } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, open, readFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { homeAt, openHome, spoolPath } from '#agent/home.ts';
import { markOf } from '#agent/process-mark.ts';
import { connectRunner, type RunnerClient } from '#agent/runner-client.ts';
import { runnerProtocolVersion, type Command, type RunState } from '#agent/runner-protocol.ts';
import { createRunnerServer } from '#agent/runner/server.ts';
import { socketDirectory } from '#agent/runner/socket-path.ts';
import { inspectSpool, openSpool } from '#agent/spool.ts';
import { eventually } from '#test/support/eventually.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoop-runner-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startRunner(options: { idleMs?: number; folder?: string } = {}) {
  const home = openHome(options.folder ?? makeFolder());
  const mark = markOf(process.pid);
  if (mark === null) throw new Error('no mark of this process');
  const ref = { id: randomUUID(), process: mark };
  const socketPath = join(home.runners, `${ref.id.slice(0, 8)}.sock`);
  const happened = { idle: false };
  const server = createRunnerServer({
    ref,
    home,
    socketPath,
    pipeDirectory: home.runners,
    log: pino({ level: 'silent' }),
    idleMs: options.idleMs ?? 60_000,
    onIdle: () => (happened.idle = true),
    onShutdown: () => undefined,
  });
  await server.listen();
  onTestFinished(async () => void (await server.shutdown(0)));

  async function attach(): Promise<{
    client: RunnerClient;
    runs: RunState[];
    seen: string[];
    isClosed: () => boolean;
  }> {
    const runs: RunState[] = [];
    const seen: string[] = [];
    let closed = false;
    const client = await connectRunner(
      { ...ref, protocol: runnerProtocolVersion, socket: socketPath },
      {
        onRun: (run) => runs.push(run),
        onSeen: (sessionId) => seen.push(sessionId),
        onInputAck: () => undefined,
        onClose: () => (closed = true),
      },
    );
    onTestFinished(() => client.close());
    return { client, runs, seen, isClosed: () => closed };
  }
  return { home, attach, happened };
}

const command = (...argv: string[]): Command => ({
  argv,
  env: { PATH: process.env.PATH ?? '' },
  cwd: '/',
  stdin: '',
  maxRuntimeSeconds: 0,
  maxOutputBytes: 1_000_000,
});

async function exitOf(path: string) {
  const summary = await inspectSpool(path);
  const reader = await openSpool(path, summary?.outputBytes);
  const item = await reader.next(summary?.spoolBytes ?? 0, 1_000);
  await reader.close();
  return item?.kind === 'exit' ? item.exit : null;
}

test('a session that was started is not started again, forgotten or not', async () => {
  const { home, attach } = await startRunner();
  const { client, runs, seen } = await attach();
  const sessionId = randomUUID();
  const witness = join(home.directory, 'witness');
  client.start(sessionId, command('sh', '-c', `echo ran >> ${witness}`));
  client.start(sessionId, command('sh', '-c', `echo ran >> ${witness}`));
  await eventually(() => runs.some((run) => run.ended), { describe: 'the end' });
  expect(seen).toEqual([]);
  client.forget(sessionId);
  rmSync(spoolPath(home, sessionId));
  client.start(sessionId, command('sh', '-c', `echo ran >> ${witness}`));
  await eventually(() => seen.length === 1, { describe: 'the refusal' });
  expect(existsSync(spoolPath(home, sessionId))).toBe(false);
  expect(readFileSync(witness, 'utf8')).toBe('ran\n');
});

test('a session that another runner started is not started either', async () => {
  const folder = makeFolder();
  const first = await startRunner({ folder });
  const second = await startRunner({ folder });
  const sessionId = randomUUID();
  const a = await first.attach();
  a.client.start(sessionId, command('true'));
  await eventually(() => a.runs.some((run) => run.ended), { describe: 'the end' });
  const b = await second.attach();
  b.client.start(sessionId, command('true'));
  await eventually(() => b.seen.includes(sessionId), { describe: 'the refusal' });
  expect(b.runs).toEqual([]);
});

test('a stop that comes before its start keeps the command from starting', async () => {
  const { home, attach } = await startRunner();
  const { client, runs, seen } = await attach();
  const sessionId = randomUUID();
  client.stop(sessionId, 0);
  client.start(sessionId, command('true'));
  await eventually(() => runs.some((run) => run.ended), { describe: 'the end' });
  expect(seen).toEqual([]);
  expect(await exitOf(spoolPath(home, sessionId))).toMatchObject({ reason: 'stopped', exitCode: null });
  expect(runs.every((run) => run.process === null)).toBe(true);
});

test('the newest agent has the runner, and hears of everything it holds', async () => {
  const { attach } = await startRunner();
  const old = await attach();
  const sessionId = randomUUID();
  old.client.start(sessionId, command('sh', '-c', 'echo hello; exec sleep 60'));
  await eventually(() => old.runs.some((run) => run.outputBytes === 6), { describe: 'output' });
  const next = await attach();
  await eventually(() => old.isClosed(), { describe: 'the old line to be closed' });
  expect(next.client.runs).toMatchObject([{ sessionId, outputBytes: 6, ended: false }]);
  next.client.stop(sessionId, 1_000);
  await eventually(() => next.runs.some((run) => run.ended), { describe: 'the end' });
});

test('a runner is idle only without agent and without command', async () => {
  const { home, attach, happened } = await startRunner({ idleMs: 50 });
  const { client, runs } = await attach();
  happened.idle = false; // it may have been, before the agent came
  const sessionId = randomUUID();
  client.start(sessionId, command('sleep', '0.5'));
  await eventually(() => runs.some((run) => run.process !== null), { describe: 'the start' });
  expect(happened.idle).toBe(false);
  client.close();
  await eventually(() => happened.idle, { everyMs: 1, describe: 'the runner to be idle' });
  expect(await inspectSpool(spoolPath(home, sessionId))).toMatchObject({ ended: true });
});

test('a place for sockets that somebody else made is not used', () => {
  const temporary = makeFolder();
  const home = homeAt(`/${'x'.repeat(120)}`);
  const path = socketDirectory(home, temporary);
  expect(path.length).toBeLessThan(100);
  expect(socketDirectory(home, temporary)).toBe(path);

  rmSync(path, { recursive: true });
  mkdirSync(path, { mode: 0o755 });
  expect(() => socketDirectory(home, temporary)).toThrow('does not belong to this user alone');

  rmSync(path, { recursive: true });
  symlinkSync(makeFolder(), path);
  expect(() => socketDirectory(home, temporary)).toThrow('does not belong to this user alone');
});

/** Every thread that writes files waits so long, as for a disk that stalls. */
function stallDisk(folder: string, seconds: number): void {
  const fifos = ['1', '2', '3', '4'].map((name) => join(folder, `stall-${name}`));
  execFileSync('mkfifo', fifos);
  for (const fifo of fifos) open(fifo, 'r', (_error, file) => closeSync(file));
  spawn('sh', ['-c', `sleep ${seconds}; for f; do : > "$f"; done`, 'sh', ...fifos], { stdio: 'ignore' });
}

test('what a command wrote before its end is read, however long the disk holds it up', async () => {
  const folder = makeFolder();
  const { home, attach } = await startRunner({ folder });
  const { client, runs } = await attach();
  const sessionId = randomUUID();
  // more than may wait for the disk, by less than a pipe holds: the command ends, and the last of it is there still
  const bytes = 1_230_000;
  stallDisk(folder, 2);
  const service = join(folder, 'service');
  const there = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done';
  const script = `sleep 600 >/dev/null 2>&1 & ${there}; echo $! > ${service}; head -c ${bytes} /dev/zero`;
  client.start(sessionId, { ...command('sh', '-c', script), maxOutputBytes: 2 * bytes });
  await eventually(() => runs.at(-1)?.ended, { describe: 'the end of the run' });
  expect(await inspectSpool(spoolPath(home, sessionId))).toMatchObject({ outputBytes: bytes, ended: true });
  // nor is that a reason to kill what it left running with streams of its own
  const left = Number(readFileSync(service, 'utf8'));
  expect(markOf(left)).not.toBeNull();
  process.kill(left, 'SIGKILL');
});
