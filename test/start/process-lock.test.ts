import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endProcess, identify, isRunning } from '#workers/supervisor/process-identity.ts';
import { takeLock, waitForLock } from '#workers/supervisor/process-lock.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/processes.ts';

describe('the lock of a home', () => {
  let folder = '';
  let count = 0;
  const freshPath = () => join(folder, `lock-${(count += 1)}`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hoop-lock-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('names the process that holds it', async () => {
    const path = freshPath();
    await takeLock(path);
    expect(await takeLock(path)).toEqual({ heldBy: identify(process.pid) });
  });

  it('can be taken again after its release', async () => {
    const path = freshPath();
    const lock = await takeLock(path);
    if ('release' in lock) await lock.release();
    expect(await takeLock(path)).toHaveProperty('release');
  });

  it('is taken over from a process that was killed', async () => {
    const path = freshPath();
    const holder = startProcess('sleep', ['60']);
    await writeFile(path, JSON.stringify(identify(holder.pid)));
    expect(await takeLock(path)).toHaveProperty('heldBy.pid', holder.pid);
    await holder.kill();
    expect(await takeLock(path)).toHaveProperty('release');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(identify(process.pid));
  });

  it('is not mistaken for that of another process with the same pid', async () => {
    const path = freshPath();
    await writeFile(path, JSON.stringify({ pid: process.pid, started: 'an earlier boot/1' }));
    expect(await takeLock(path)).toHaveProperty('release');
  });

  it('goes to one of many who ask at once, also over a stale one', async () => {
    const path = freshPath();
    await writeFile(path, JSON.stringify({ pid: 1, started: 'never' }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => takeLock(path)));
    expect(answers.filter((answer) => 'release' in answer)).toHaveLength(1);
  });

  it('is waited for until the holder lets go', async () => {
    const path = freshPath();
    const first = await takeLock(path);
    const order: string[] = [];
    const second = waitForLock(path, () => order.push('waiting')).then(() => order.push('taken'));
    await eventually(() => order.length > 0, { describe: 'it waits' });
    expect(order).toEqual(['waiting']);
    if ('release' in first) await first.release();
    await second;
    expect(order).toEqual(['waiting', 'taken']);
  });
});

describe('ending a process', () => {
  it('kills what does not listen to the signal, once the grace is over', async () => {
    const deaf = startProcess('sh', ['-c', "trap '' TERM; echo deaf; while :; do sleep 0.05; done"]);
    await deaf.waitForOutput(/deaf/);
    const identity = identify(deaf.pid);
    if (!identity) throw new Error('the process is gone already');
    await endProcess(identity, 'SIGTERM', 100);
    expect(isRunning(identity)).toBe(false);
    expect(await deaf.ended).toMatchObject({ signal: 'SIGKILL' });
  });

  it('leaves a process alone that merely has the same pid', async () => {
    const bystander = startProcess('sleep', ['60']);
    await endProcess({ pid: bystander.pid, started: 'another' }, 'SIGKILL', 100);
    expect(bystander.child.signalCode).toBeNull();
    await bystander.kill();
  });
});
