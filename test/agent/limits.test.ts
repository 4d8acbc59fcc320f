import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { markOf } from '#agent/process-mark.ts';
import { createTimeLimits } from '#agent/runner/time-limits.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, makeHome, startGateway } from './support.ts';

/** One agent runs all commands of this file. */
let gateway: FakeGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await connectAgent(gateway);
});

/** Waits until the session has written `text` to stdout. */
async function seen(sessionId: string, text: string) {
  await eventually(() => gateway.output(sessionId, 'stdout').includes(text), { describe: `${text} from the command` });
}

test('a command that runs longer than allowed is ended and says so', async () => {
  const end = await gateway.runToEnd({ script: 'echo going; exec sleep 300', maxRuntimeSeconds: 1 });
  expect(end).toMatchObject({ reason: 'run_time', signal: 'SIGTERM', exitCode: null });
  expect(end.message).toBe('ran longer than 1 s');
  expect(end.durationMs).toBeGreaterThanOrEqual(1_000);
});

describe('the clock of a run', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const dayMs = 24 * 60 * 60 * 1000;
  const limitsOf = (maxRuntimeSeconds: number) => {
    const over: string[] = [];
    const limits = createTimeLimits({
      startedAt: performance.now(),
      maxRuntimeSeconds,
      ownRuntimeSeconds: 0,
      idleSeconds: 0,
      onOver: (_, message) => over.push(message),
    });
    return { limits, over };
  };

  test('reaches further than a timer does', () => {
    const { limits, over } = limitsOf((30 * dayMs) / 1000);
    limits.begin();
    vi.advanceTimersByTime(30 * dayMs - 1_000);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(over).toEqual(['ran longer than 2592000 s']);
  });

  test('counts what the gateway gave before the command was there', () => {
    const { limits, over } = limitsOf(10);
    limits.limit(60);
    vi.advanceTimersByTime(5_000); // in which it is started
    limits.begin();
    vi.advanceTimersByTime(54_000);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(over).toEqual(['ran longer than 60 s']);
  });
});

describe('a command under a grant', () => {
  const until = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
  const under = (runSeconds: number, maxRuntimeSeconds = 0) => {
    const order = gateway.makeOrder({
      script: 'echo going; exec sleep 300',
      maxRuntimeSeconds,
      order: { runSeconds, grantUntil: until(0) },
    });
    gateway.sendOrder(order);
    return order;
  };

  test('is ended by the agent itself when the time of the grant is over', async () => {
    const { sessionId } = under(1);
    expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'run_time', signal: 'SIGTERM' });
  });

  test('goes on for as long as the gateway extends it, by its signature alone, and never less', async () => {
    // all that is said of it is on its way at once: whoever is slow, the extension comes before the first limit
    const order = under(5);
    gateway.extend(order, 300, until(1), generateKeyPairSync('ed25519').privateKey); // somebody else's
    gateway.extend(order, 7, until(2));
    gateway.extend(order, 1, until(1)); // came late
    const end = await gateway.ended(order.sessionId);
    expect(end.reason).toBe('run_time');
    expect(end.durationMs).toBeGreaterThan(6_500);
    expect(end.durationMs).toBeLessThan(200_000);
  });

  test('is extended no further than its own limit', async () => {
    const order = under(5, 6);
    gateway.extend(order, 300, until(1));
    const end = await gateway.ended(order.sessionId);
    expect(end).toMatchObject({ reason: 'run_time', message: 'ran longer than 6 s' });
  });
});

test('output over the limit ends the command; what is recorded stops at the limit', async () => {
  const end = await gateway.runToEnd({ command: ['yes'], maxOutputBytes: 100_001 });
  expect(end).toMatchObject({ reason: 'output_limit', signal: 'SIGTERM', outputBytes: 100_001 });
  expect(end.stdout).toHaveLength(100_001);
  expect(end.message).toBe('more than 100001 bytes of output');
});

test('output of exactly the limit is no excess', async () => {
  const end = await gateway.runToEnd({ command: ['head', '-c', '1000', '/dev/zero'], maxOutputBytes: 1000 });
  expect(end).toMatchObject({ reason: 'exit', exitCode: 0, outputBytes: 1000 });
});

test('the limit counts both streams together', async () => {
  const end = await gateway.runToEnd({
    script: 'head -c 700 /dev/zero; head -c 700 /dev/zero >&2',
    maxOutputBytes: 1000,
  });
  expect(end).toMatchObject({ reason: 'output_limit', outputBytes: 1000 });
});

test('stop ends the whole process group', async () => {
  const sessionId = gateway.run({ script: 'sleep 300 & echo $!; wait' });
  await seen(sessionId, '\n');
  gateway.send({ type: 'stop', sessionId, graceMs: 300_000 });
  const end = await gateway.ended(sessionId);
  expect(end).toMatchObject({ reason: 'stopped', signal: 'SIGTERM', exitCode: null });
  const child = Number(gateway.output(sessionId, 'stdout').toString());
  await eventually(() => markOf(child) === null, { describe: `the end of the child ${child}` });
});

test('stop reaches the jobs of a shell that has process groups of their own, also one that was suspended', async () => {
  const sessionId = gateway.run({
    script: 'set -m; sleep 300 & echo $!; sleep 301 & kill -STOP $!; echo $!; echo; wait %1',
  });
  await seen(sessionId, '\n\n');
  gateway.send({ type: 'stop', sessionId, graceMs: 300_000 });
  const end = await gateway.ended(sessionId);
  expect(end).toMatchObject({ reason: 'stopped' });
  const jobs = gateway.output(sessionId, 'stdout').toString().trim().split('\n').map(Number);
  expect(jobs).toHaveLength(2);
  for (const job of jobs) await eventually(() => markOf(job) === null, { describe: `the end of the job ${job}` });
});

test('stop kills what does not end by itself within the grace', async () => {
  const sessionId = gateway.run({ script: "trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done" });
  await seen(sessionId, 'ready');
  gateway.send({ type: 'stop', sessionId, graceMs: 200 });
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', signal: 'SIGKILL' });
});

test('a command that ends in order on SIGTERM keeps its own status', async () => {
  const sessionId = gateway.run({ script: "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done" });
  await seen(sessionId, 'ready');
  gateway.send({ type: 'stop', sessionId, graceMs: 300_000 });
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', exitCode: 9, signal: null });
  expect(gateway.output(sessionId, 'stdout').toString()).toBe('ready\nbye\n');
});

test('SIGINT reaches the command and is its own affair', async () => {
  const sessionId = gateway.run({ script: "trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.05; done" });
  await seen(sessionId, 'ready');
  gateway.send({ type: 'signal', sessionId, signal: 'SIGINT' });
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'exit', exitCode: 4 });
  expect(gateway.output(sessionId, 'stdout').toString()).toBe('ready\ncaught\n');
});

test('a stop on the heels of the order leaves nothing running', async () => {
  const sessionId = gateway.run({ script: 'sleep 300' });
  gateway.send({ type: 'stop', sessionId, graceMs: 0 });
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', exitCode: null });
});

test('a stop for a session the agent does not know changes nothing', async () => {
  gateway.send({ type: 'stop', sessionId: '00000000-0000-4000-8000-000000000000', graceMs: 0 });
  expect(await gateway.runToEnd({ script: 'echo fine' })).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
});

test('a command whose output cannot be stored is stopped and says so, up to what was stored', async () => {
  const home = makeHome();
  const node = join(home, 'node');
  // no file of agent or runner may grow beyond 512 kB
  writeFileSync(node, `#!/bin/bash\nulimit -f 512\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  const ownGateway = await startGateway();
  await connectAgent(ownGateway, home, node);
  const sessionId = ownGateway.run({ command: ['yes'] });
  const end = await ownGateway.ended(sessionId);
  expect(end).toMatchObject({ reason: 'stopped', exitCode: null });
  expect(end.message).toContain('the disk of the agent is full');
  expect(end.outputBytes).toBe(ownGateway.received(sessionId).offset);
  expect(ownGateway.faults).toEqual([]);
});
