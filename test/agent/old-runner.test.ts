import { randomBytes, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { markOf } from '#agent/process-mark.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, makeHome, runnerFiles, startGateway } from './support.ts';
import { openTerminal } from './terminal-support.ts';

/** A record as runners of protocol 1 wrote them: without a time. */
function record(kind: number, offset: number, data: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt8(kind, 0);
  header.writeBigUInt64BE(BigInt(offset), 1);
  header.writeUInt32BE(Buffer.byteLength(data), 9);
  return Buffer.concat([header, Buffer.from(data)]);
}

/** A runner of another release with one command, in the home of an agent that is not there yet. */
async function oldRunner(home: string, protocol: number) {
  const directory = join(home, 'agent');
  for (const folder of ['runners', 'spool']) mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  const sessionId = randomUUID();
  const child = spawn('sleep', ['300']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const mark = await eventually(() => markOf(child.pid ?? 0), { describe: 'the process that stands for the runner' });
  const runner = { id: randomUUID(), process: mark };
  const socket = join(directory, 'runners', 'old.sock');
  const spool = join(directory, 'spool', `${sessionId}.spool`);
  const entries = [
    { entry: 'journal', version: 1, id: randomUUID() },
    {
      entry: 'accepted',
      sessionId,
      nonce: randomBytes(16).toString('hex'),
      digest: '0'.repeat(64),
      acceptBefore: new Date().toISOString(),
      runner,
    },
  ];
  writeFileSync(join(directory, 'journal.jsonl'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  writeFileSync(join(directory, 'runners', `${runner.id}.json`), JSON.stringify({ ...runner, protocol, socket }));

  let line: Socket | undefined;
  const heard: string[] = [];
  const state = { sessionId, process: mark, spoolBytes: 0, outputBytes: 0, ended: false };
  const say = (message: unknown) => line?.write(`${JSON.stringify(message)}\n`);
  const server = createServer((connection) => {
    line = connection;
    connection.on('error', () => undefined);
    connection.on('data', (data: Buffer) => {
      for (const text of data.toString().trim().split('\n')) {
        const { type } = JSON.parse(text) as { type: string };
        heard.push(type);
        if (type === 'hello') say({ type: 'hello', protocol, runner, runs: [state] });
        if (type === 'shutdown') {
          server.close(); // nobody finds it again while it ends
          connection.end(() => child.kill('SIGKILL'));
        }
      }
    });
  });
  server.listen(socket);
  onTestFinished(() => {
    line?.destroy();
    server.close();
  });
  /** Appends to the spool and tells. */
  const write = (kind: number, data: string) => {
    const bytes = record(kind, state.outputBytes, data);
    appendFileSync(spool, bytes);
    state.spoolBytes += bytes.length;
    if (kind === 0) state.ended = true;
    else state.outputBytes += Buffer.byteLength(data);
    say({ type: 'run', run: state });
  };
  return { id: runner.id, sessionId, nonce: entries[1]?.nonce ?? '', heard, write };
}

/** An order for a session that the agent holds already. */
function sendOrderAgain(gateway: FakeGateway, { sessionId, nonce }: { sessionId: string; nonce: string }): void {
  gateway.sendOrder(gateway.makeOrder({ order: { sessionId, nonce } }));
}

test('a runner of the release before is followed to the end of its command, gets no new work, and goes', async () => {
  const gateway = await startGateway();
  const home = makeHome();
  const old = await oldRunner(home, 1);
  old.write(1, 'before the upgrade\n');
  await connectAgent(gateway, home);
  sendOrderAgain(gateway, old);
  await eventually(() => gateway.output(old.sessionId, 'stdout').length > 0, { describe: 'the output so far' });

  const terminal = await openTerminal(gateway, { command: ['echo', 'new work'] });
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(runnerFiles(home).map(({ protocol }) => protocol)).toEqual(expect.arrayContaining([1, 2]));
  gateway.attach(old.sessionId, randomUUID(), { columns: 80, rows: 24 });
  gateway.sendInput(old.sessionId, { client: randomUUID(), offset: 0, data: Buffer.from('x') });
  gateway.send({ type: 'signal', sessionId: old.sessionId, signal: 'SIGINT' });
  await eventually(() => old.heard.includes('signal'), { describe: 'the signal' });
  expect(old.heard).toEqual(['hello', 'signal']);

  old.write(2, 'after it\n');
  old.write(0, JSON.stringify({ reason: 'exit', exitCode: 3, signal: null, durationMs: 5, message: '' }));
  expect(await gateway.ended(old.sessionId)).toMatchObject({ reason: 'exit', exitCode: 3, outputBytes: 28 });
  expect(gateway.received(old.sessionId).chunks.map(({ at }) => at)).toEqual([undefined, undefined]);
  await eventually(() => !runnerFiles(home).some(({ id }) => id === old.id), { describe: 'the old runner to go' });
  expect(old.heard).toEqual(['hello', 'signal', 'shutdown']);
  expect(gateway.faults).toEqual([]);
});

test('a runner of a later release is left alone, and said to be', async () => {
  const gateway = await startGateway();
  const home = makeHome();
  const later = await oldRunner(home, 3);
  const agent = await connectAgent(gateway, home);
  await eventuallyPasses(() => expect(agent.log()).toContain('a runner speaks protocol 3, this agent only 2'));
  expect(await gateway.runToEnd({ script: 'echo fine' })).toMatchObject({ stdout: 'fine\n' });
  expect(gateway.last('journal').runs).toMatchObject([{ sessionId: later.sessionId, phase: 'accepted' }]);
  expect(later.heard).toEqual([]);
});
