import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetPeak, peakOf } from '../bench/lib/memory.ts';
import { eventually } from '../support/eventually.ts';
import { distFile } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { currentRunner } from './execution/round.ts';

/** About 190 MB of numbers, each line a different one. */
const lines = 22_000_000;
/** Over what each process needs at rest: buffers of a hop, and what the garbage collector has not come by yet. */
const growthMegabytes = 110;

let hoop: Stack;

beforeAll(async () => {
  hoop = await startStack();
  expect((await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended).code).toBe(0);
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

/** `hoop exec` whose output goes nowhere until somebody takes it. */
async function unread(script: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  return spawn(process.execPath, [await distFile('hoop.js'), 'exec', 'free', '-s', '-i', script], {
    env: {
      PATH: process.env.PATH,
      HOOP_HOME: hoop.home,
      HOOP_API_URL: hoop.apiUrl,
      HOOP_TOKEN: hoop.adminToken,
      HOOP_TEST_RUN: process.env.HOOP_TEST_RUN,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('Ctrl-C is heard though nobody reads', async () => {
  const cli = await unread('yes');
  const ended = once(cli, 'close');
  await once(cli.stdout, 'readable');
  // the first interrupts the command, another leaves
  const leaves = () => cli.exitCode !== null || !cli.kill('SIGINT');
  await eventually(leaves, { describe: 'it leaves', everyMs: 250 });
  cli.stdout.resume();
  expect(await ended).toEqual([130, null]);
});

test('a reader at a byte a second costs no memory, slows neither the command nor others, and gets every byte', async () => {
  const done = join(hoop.home, 'done');
  const script = `seq 1 ${lines} | tee >(sha256sum > ${done}.new; mv ${done}.new ${done})`;
  const parts: Record<string, number> = {
    gateway: hoop.pid('gateway'),
    agent: hoop.pid('agent'),
    runner: currentRunner(hoop.home).process.pid,
  };
  const rest: Record<string, number> = {};
  for (const [name, pid] of Object.entries(parts)) {
    await forgetPeak(pid);
    rest[name] = await peakOf(pid);
  }
  const cli = await unread(script);
  const ended = once(cli, 'close');
  const hash = createHash('sha256');
  let read = 0;
  const take = (bytes: Buffer | null): void => {
    if (!bytes) return;
    hash.update(bytes);
    read += bytes.length;
  };
  const slowly = setInterval(() => take(cli.stdout.read(1) as Buffer | null), 1_000);
  await eventually(() => existsSync(done), { deadlineMs: 150_000, describe: 'the end of the command' });
  await eventually(
    async () => {
      const listed = await hoop.hoop(['sessions', 'list', '-o', 'json']).ended;
      return (JSON.parse(listed.stdout.toString()) as { state: string }[])[0]?.state === 'finished';
    },
    { deadlineMs: 150_000, describe: 'the end of the session, recorded' },
  );
  expect(cli.exitCode).toBeNull();
  expect(read).toBeLessThan(400);
  const other = await hoop.hoop(['exec', 'free', '-s', '-i', 'echo other']).ended;
  expect(other.stdout.toString()).toBe('other\n');
  const grown: Record<string, number> = { cli: await peakOf(cli.pid ?? -1) };
  for (const [name, pid] of Object.entries(parts)) grown[name] = (await peakOf(pid)) - (rest[name] ?? 0);
  const over = Object.entries(grown).filter(([, megabytes]) => megabytes > growthMegabytes);
  expect(over).toEqual([]);

  clearInterval(slowly);
  cli.stdout.on('data', take);
  expect(await ended).toEqual([0, null]);
  expect(hash.digest('hex')).toBe(readFileSync(done, 'utf8').split(' ')[0]);
}, 400_000);
