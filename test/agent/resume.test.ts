import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { markOf } from '#agent/process-mark.ts';
import { outputFrameBytes, outputWindowBytes } from '#shared/agent-protocol.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, gone, killed, makeHome, runnerFiles, startGateway } from './support.ts';

type Started = Awaited<ReturnType<typeof start>>;

async function start() {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  return { gateway, agent };
}

/** What the journal holds of an agent that died between accepting an order and starting it. */
function noteAccepted(agent: Started['agent'], { sessionId, nonce }: { sessionId: string; nonce: string }): void {
  const entry = {
    entry: 'accepted',
    sessionId,
    nonce,
    digest: '0'.repeat(64),
    acceptBefore: new Date().toISOString(),
    runner: { id: agent.runner().id, process: agent.runner().process },
  };
  writeFileSync(join(agent.home, 'agent', 'journal.jsonl'), `${JSON.stringify(entry)}\n`, { flag: 'a' });
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function randomFile(bytes: number): { path: string; hash: string; length: number } {
  const data = randomBytes(bytes);
  const path = join(makeHome(), 'bytes');
  writeFileSync(path, data);
  return { path, hash: sha256(data), length: bytes };
}

function arrived(gateway: FakeGateway, sessionId: string, bytes: number) {
  return eventually(() => gateway.received(sessionId).offset >= bytes, {
    everyMs: 1,
    describe: () => `${bytes} bytes of output; ${gateway.received(sessionId).offset} are here`,
  });
}

test('after SIGKILL of the agent in the middle of the output no byte is lost or doubled, and the command runs on', async () => {
  const { gateway, agent } = await start();
  const file = randomFile(12 * 1024 * 1024);
  const order = gateway.makeOrder({
    script: `echo $$ >&2; head -c 6000000 ${file.path}; sleep 0.5; tail -c +6000001 ${file.path}`,
  });
  gateway.sendOrder(order);
  await arrived(gateway, order.sessionId, 1024 * 1024);
  await agent.kill();
  const before = gateway.received(order.sessionId).offset;
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ sessionId: order.sessionId, nonce: order.nonce }]);
  expect(journal.runs[0]?.outputBytes).toBeGreaterThanOrEqual(before);
  gateway.sendOrder(order);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'exit', exitCode: 0 });
  expect(gateway.faults).toEqual([]);
  expect(sha256(gateway.output(order.sessionId, 'stdout'))).toBe(file.hash);
  expect(gateway.output(order.sessionId, 'stderr').toString().trim().split('\n')).toHaveLength(1);
});

test('a command that ended while the agent was dead is reported with its own status', async () => {
  const { gateway, agent } = await start();
  const go = join(agent.home, 'go');
  const order = gateway.makeOrder({ script: `echo one; until [ -e ${go} ]; do sleep 0.02; done; echo two; exit 6` });
  gateway.sendOrder(order);
  await arrived(gateway, order.sessionId, 4);
  await agent.kill();
  writeFileSync(go, '');
  const spool = join(agent.home, 'agent', 'spool', `${order.sessionId}.spool`);
  await eventually(() => readFileSync(spool).includes('"exitCode":6'), { describe: 'the exit record' });
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ phase: 'exited', outputBytes: 8 }]);
  gateway.sendOrder(order);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'exit', exitCode: 6, outputBytes: 8 });
  expect(gateway.output(order.sessionId, 'stdout').toString()).toBe('one\ntwo\n');
});

test('a new agent can stop the command of a dead one, without its order', async () => {
  const { gateway, agent } = await start();
  const order = gateway.makeOrder({ script: 'exec sleep 300' });
  gateway.sendOrder(order);
  await gateway.waitFor('started');
  await agent.kill();
  await gateway.nextJournal(async () => void (await agent.again()));
  gateway.send({ type: 'stop', sessionId: order.sessionId, graceMs: 300_000 });
  gateway.sendOrder(order);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
});

test('SIGKILL of the runner loses the run: reported at once, what was written delivered, never started again', async () => {
  const { gateway, agent } = await start();
  const witness = join(agent.home, 'witness');
  const order = gateway.makeOrder({ script: `echo ran >> ${witness}; echo $$; exec sleep 300` });
  gateway.sendOrder(order);
  await arrived(gateway, order.sessionId, 2);
  const command = markOf(Number(gateway.output(order.sessionId, 'stdout').toString()));
  await killed(agent.runner().process);
  const end = await gateway.ended(order.sessionId);
  expect(end).toMatchObject({ reason: 'lost', exitCode: null, signal: null });
  expect(end.outputBytes).toBe(gateway.received(order.sessionId).offset);
  expect(command).not.toBeNull();
  if (command !== null) await gone(command);

  gateway.sessions.delete(order.sessionId);
  gateway.sendOrder(order, 0);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'lost' });
  expect(readFileSync(witness, 'utf8')).toBe('ran\n');
});

test('after the death of its runner the agent starts another and goes on', async () => {
  const { gateway, agent } = await start();
  const first = agent.runner();
  await killed(first.process);
  expect(await gateway.runToEnd({ script: 'echo fine' })).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
  expect(agent.runner().id).not.toBe(first.id);
});

test('when runner and agent die together the run is lost, also for the next agent and the one after', async () => {
  const { gateway, agent } = await start();
  const witness = join(agent.home, 'witness');
  const order = gateway.makeOrder({ script: `echo ran >> ${witness}; echo out; exec sleep 300` });
  gateway.sendOrder(order);
  await arrived(gateway, order.sessionId, 4);
  const runner = agent.runner();
  await agent.kill();
  await killed(runner.process);
  for (let times = 0; times < 2; times += 1) {
    let next: Awaited<ReturnType<typeof agent.again>> | undefined;
    const journal = await gateway.nextJournal(async () => void (next = await agent.again()));
    expect(journal.runs).toMatchObject([{ sessionId: order.sessionId, phase: 'lost', outputBytes: 4 }]);
    gateway.sessions.delete(order.sessionId);
    gateway.sendOrder(order, 0);
    expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'lost', outputBytes: 4 });
    expect(gateway.output(order.sessionId, 'stdout').toString()).toBe('out\n');
    await next?.kill();
  }
  expect(readFileSync(witness, 'utf8')).toBe('ran\n');
});

test('an order that was accepted and never started is lost when its runner is gone', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  const runner = agent.runner();
  const witness = join(agent.home, 'witness');
  const order = gateway.makeOrder({ script: `touch ${witness}` });
  const { sessionId } = order;
  noteAccepted(agent, order);
  await killed(runner.process);
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ sessionId, phase: 'lost' }]);
  gateway.sendOrder(order);
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'lost', outputBytes: 0 });
  expect(existsSync(witness)).toBe(false);
});

test('an order that was accepted and never started is started while the same runner lives', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  const order = gateway.makeOrder({
    script: 'echo late',
    order: { acceptBefore: new Date(Date.now() - 1).toISOString() },
  });
  const { sessionId } = order;
  noteAccepted(agent, order);
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ sessionId, phase: 'accepted' }]);
  gateway.sendOrder(order);
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'exit', exitCode: 0 });
  expect(gateway.output(sessionId, 'stdout').toString()).toBe('late\n');
});

test('a line that drops again and again resumes from what the gateway has', async () => {
  const { gateway } = await start();
  const file = randomFile(10 * 1024 * 1024);
  const order = gateway.makeOrder({ command: ['cat', file.path] });
  gateway.sendOrder(order);
  for (const bytes of [1, 3_000_000, 6_000_000]) {
    await arrived(gateway, order.sessionId, bytes);
    await gateway.nextJournal(() => gateway.cutLine());
    gateway.sendOrder(order);
  }
  expect(await gateway.ended(order.sessionId)).toMatchObject({ exitCode: 0, outputBytes: file.length });
  expect(gateway.faults).toEqual([]);
  expect(sha256(gateway.output(order.sessionId, 'stdout'))).toBe(file.hash);
});

test('output goes on from exactly the offset that the gateway names', async () => {
  const { gateway } = await start();
  const order = gateway.makeOrder({
    script: 'for i in 1 2 3 4 5; do echo "out $i"; echo "err $i" >&2; sleep 0.01; done',
  });
  gateway.sendOrder(order);
  await gateway.ended(order.sessionId);
  const whole = Buffer.concat(gateway.received(order.sessionId).chunks.map(({ data }) => data));
  for (const offset of [0, 3, 6, 29, whole.length - 1, whole.length]) {
    gateway.sessions.delete(order.sessionId);
    gateway.received(order.sessionId).offset = offset;
    gateway.sendOrder(order, offset);
    expect(await gateway.ended(order.sessionId)).toMatchObject({ outputBytes: whole.length });
    const rest = Buffer.concat(gateway.received(order.sessionId).chunks.map(({ data }) => data));
    expect(rest.toString()).toBe(whole.subarray(offset).toString());
  }
  expect(gateway.faults).toEqual([]);
});

test('the end is told again on each connection until the gateway forgets the session', async () => {
  const { gateway } = await start();
  const order = gateway.makeOrder({ script: 'echo x' });
  gateway.sendOrder(order);
  await gateway.ended(order.sessionId);
  const journal = await gateway.nextJournal(() => gateway.cutLine());
  expect(journal.runs).toMatchObject([{ sessionId: order.sessionId, phase: 'exited', outputBytes: 2 }]);
  gateway.sendOrder(order);
  await eventually(() => gateway.of('exited').length === 2, { describe: 'the end, told again' });
  expect(gateway.faults).toEqual([]);
});

test('what is sent and not acknowledged is bounded, and so is the runner while the agent is slow', async () => {
  const { gateway, agent } = await start();
  gateway.acknowledges = false;
  const sessionId = gateway.run({ command: ['head', '-c', '40000000', '/dev/zero'] });
  await arrived(gateway, sessionId, outputWindowBytes);
  const spool = join(agent.home, 'agent', 'spool', `${sessionId}.spool`);
  await eventually(() => readFileSync(spool).includes('"exitCode":0'), { describe: 'the command to end' });
  expect(gateway.received(sessionId).offset).toBe(outputWindowBytes);
  expect(gateway.received(sessionId).exited).toBeUndefined();
  expect(Math.max(...gateway.received(sessionId).chunks.map(({ data }) => data.length))).toBeLessThanOrEqual(
    outputFrameBytes,
  );

  gateway.ack(sessionId, 1000);
  await arrived(gateway, sessionId, outputWindowBytes + 1000);
  expect(gateway.received(sessionId).offset).toBe(outputWindowBytes + 1000);
  gateway.acknowledges = true;
  gateway.ack(sessionId);
  expect(await gateway.ended(sessionId)).toMatchObject({ exitCode: 0, outputBytes: 40_000_000 });
});

test('one session that is not acknowledged holds up no other', async () => {
  const { gateway } = await start();
  gateway.acknowledges = false;
  const stuck = gateway.run({ command: ['head', '-c', '20000000', '/dev/zero'] });
  await arrived(gateway, stuck, outputWindowBytes);
  const end = await gateway.runToEnd({ script: 'echo other' });
  expect(end).toMatchObject({ exitCode: 0, stdout: 'other\n' });
});

test('many sessions at once stay apart', async () => {
  const { gateway } = await start();
  const ids = Array.from({ length: 20 }, (_, index) =>
    gateway.run({ script: `head -c 100000 /dev/zero | tr '\\0' ${String.fromCharCode(97 + index)}` }),
  );
  await Promise.all(ids.map((id) => gateway.ended(id)));
  const outputs = ids.map((id) => gateway.output(id, 'stdout').toString());
  expect(outputs).toEqual(ids.map((_, index) => String.fromCharCode(97 + index).repeat(100_000)));
});

test('the runner is found again where the path of the home is too long for a socket', async () => {
  const gateway = await startGateway();
  const home = join(makeHome(), 'x'.repeat(100));
  const agent = await connectAgent(gateway, home);
  const [runner] = runnerFiles(home);
  const socket = runner?.socket ?? '';
  expect(socket.length).toBeLessThan(100);
  onTestFinished(() => rmSync(dirname(socket), { recursive: true, force: true }));
  const order = gateway.makeOrder({ script: 'echo a; exec sleep 300' });
  gateway.sendOrder(order);
  await arrived(gateway, order.sessionId, 2);
  await agent.kill();
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ phase: 'running' }]);
  expect(runnerFiles(home)).toEqual([runner]);
});
