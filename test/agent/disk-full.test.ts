import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDiskReserve } from '#agent/runner/disk-reserve.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, makeHome, startGateway, type TestAgent } from './support.ts';

let gateway: FakeGateway;

beforeAll(async () => {
  gateway = await startGateway();
});

interface SmallDisk {
  agent: TestAgent;
  /** Not a byte can be written any more. */
  fill(): void;
  makeRoom(): void;
}

/**
 * An agent whose home is on a disk of 2 MB: a tmpfs where this machine lets us mount one. Elsewhere files may not grow
 * beyond 1 MB, which the kernel refuses in the same places, with EFBIG in place of ENOSPC.
 */
async function onSmallDisk(): Promise<SmallDisk> {
  const home = join(makeHome(), 'disk');
  mkdirSync(home);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', home]).status === 0) {
    onTestFinished(() => void execFileSync('umount', ['-l', home]));
    const agent = await connectAgent(gateway, home);
    const ballast = join(home, 'ballast');
    const fill = () => void spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']);
    return { agent, fill, makeRoom: () => rmSync(ballast, { force: true }) };
  }
  const node = join(home, 'node');
  writeFileSync(node, `#!/bin/sh\nulimit -S -f 2048\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  const agent = await connectAgent(gateway, home, node);
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(agent.child.pid), `--fsize=${bytes}:`]);
  const journal = join(home, 'agent', 'journal.jsonl');
  return {
    agent,
    fill: () => void limit(String(statSync(journal).size + 4096)),
    makeRoom: () => void limit('unlimited'),
  };
}

test('a disk that fills up stops the command, what was stored arrives, and the next command runs', async () => {
  const { agent } = await onSmallDisk();
  const sessionId = gateway.run({ command: ['sh', '-c', 'while :; do head -c 8000 /dev/zero; done'] });
  const end = await gateway.ended(sessionId);
  expect(end).toMatchObject({ reason: 'stopped' });
  expect(end.message).toMatch(/^the disk of the agent is full: the command was stopped.*HOOP_HOME$/);
  expect(end.outputBytes).toBeGreaterThan(100_000);
  expect(gateway.output(sessionId, 'stdout')).toHaveLength(end.outputBytes);
  expect(gateway.faults).toEqual([]);
  gateway.send({ type: 'forget', sessionId });
  const spool = join(agent.home, 'agent', 'spool');
  await eventually(() => readdirSync(spool).length === 0, { describe: 'the spool is removed' });
  expect(await gateway.runToEnd({ script: 'echo next' })).toMatchObject({ exitCode: 0, stdout: 'next\n' });
});

test('on a full disk every command has an end, an order that finds no room is refused, and room is enough to go on', async () => {
  const { fill, makeRoom } = await onSmallDisk();
  fill();
  const answerTo = async (script: string) => {
    const id = gateway.run({ script });
    const isOf = (frame: { sessionId: string }) => frame.sessionId === id;
    return eventually(() => gateway.of('order_refused').find(isOf) ?? gateway.received(id).exited, {
      describe: `an answer for ${id}`,
    });
  };
  expect(await answerTo('exit 3')).toMatchObject({ type: 'exited', reason: 'exit', exitCode: 3 });
  fill();
  // the last block of the journal takes a few more
  const refused = await eventually(
    async () => {
      const answer = await answerTo('exit 3');
      if (answer.type === 'order_refused') return answer;
      expect(answer.reason).toMatch(/^(exit|start_failed)$/);
      return undefined;
    },
    { describe: 'an order that finds no room in the journal' },
  );
  expect(refused.message).toBe("The disk of the agent's journal is full; make room in its HOOP_HOME.");
  makeRoom();
  expect(await gateway.runToEnd({ script: 'echo room' })).toMatchObject({ exitCode: 0, stdout: 'room\n' });
});

test('room that cannot be given up stops nobody from trying again', () => {
  const path = join(makeHome(), 'reserve');
  const reserve = createDiskReserve(path);
  rmSync(path);
  mkdirSync(path);
  reserve.give();
  expect(reserve.refill()).toBe(true); // is held still, as far as can be told
  rmSync(path, { recursive: true });
  reserve.give();
  expect(reserve.refill()).toBe(true);
  expect(statSync(path).size).toBeGreaterThan(0);
  reserve.give();
  expect(statSync(path).size).toBe(0);
});
