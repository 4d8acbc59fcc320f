/** People on one gateway, the agent at another: both real processes, either of which is killed while output flows. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeInput } from '#shared/input-frame.ts';
import { decodeOutput } from '#shared/output-frame.ts';
import { binarySubprotocol, type InputEvent, type StreamEvent } from '#shared/stream-events.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { runProcess, type RunningProcess } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;

beforeAll(async () => {
  hoop = await startStack({ second: true });
  expect((await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'sh']).ended).code).toBe(0);
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

const exec = (script: string) => hoop.hoop(['exec', 'free', '-i', script]);
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** Its output is shown by another call, so that the id of the session is known. */
const execAndFollow = async (script: string): Promise<{ id: string; run: RunningProcess }> => {
  const asked = await hoop.hoop(['exec', '--detach', 'free', '-i', script]).ended;
  const id = asked.stdout.toString().trim();
  return { id, run: hoop.hoop(['exec', '--session', id]) };
};
const headers = () => ({ authorization: `Bearer ${hoop.adminToken}` });
const request = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await fetch(hoop.apiUrl + path, {
    method,
    headers: { ...headers(), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
};
const stateOf = async (id: string) => (await request<{ state: string }>('GET', `/api/sessions/${id}`)).state;

/** A client of a session's stream; a terminal when it is attached. */
function follow(id: string) {
  const address = `${hoop.apiUrl.replace('http', 'ws')}/api/sessions/${id}/stream?offset=0`;
  const socket = new WebSocket(address, [binarySubprotocol], { headers: headers() });
  onTestFinished(() => socket.terminate());
  const events: StreamEvent[] = [];
  const output: Buffer[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return void events.push(JSON.parse(data.toString()) as StreamEvent);
    const { stream, data: bytes } = decodeOutput(data);
    if (stream === 'stdout') output.push(bytes);
  });
  return {
    socket,
    events,
    bytes: () => Buffer.concat(output),
    shows: (text: string) =>
      eventually(() => Buffer.concat(output).includes(text), {
        describe: () => `${text} on:\n${Buffer.concat(output).toString().slice(-1000)}`,
      }),
    ended: () => eventually(() => events.find((event) => event.event === 'end'), { deadlineMs: 60_000 }),
  };
}

/** A shell in a terminal, under a grant. */
async function openShell() {
  const [grant, id, client] = [randomUUID(), randomUUID(), randomUUID()];
  await request('POST', '/api/sessions', { id: grant, connection: 'free', kind: 'connect', duration: '30m' });
  await eventually(async () => (await stateOf(grant)) === 'active', { deadlineMs: 60_000 });
  const terminal = { type: 'xterm', columns: 80, rows: 24 };
  await request('POST', '/api/sessions', { id, connection: 'free', kind: 'exec', grant, terminal });
  const stream = follow(id);
  const say = (command: object) => stream.socket.send(JSON.stringify(command));
  stream.socket.on('open', () => say({ command: 'attach', client, columns: 80, rows: 24 }));
  let typed = Buffer.alloc(0);
  // as a client does: what the terminal did not take is sent again when the gateway says so
  stream.socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return;
    const event = JSON.parse(data.toString()) as InputEvent;
    if (event.event === 'input' && event.resend) send(event.offset);
  });
  const send = (offset: number) => stream.socket.send(encodeInput({ client, offset, data: typed.subarray(offset) }));
  const acked = () => stream.events.findLast((event) => event.event === 'input')?.offset;
  await eventually(() => acked() === 0, { deadlineMs: 60_000, describe: 'the terminal answers' });
  return {
    ...stream,
    ...{ id, grant, say },
    type(text: string) {
      const offset = typed.length;
      typed = Buffer.concat([typed, Buffer.from(text)]);
      send(offset);
    },
    taken: () => eventually(() => acked() === typed.length, { describe: 'what was typed is taken' }),
  };
}

test('a page at one gateway hears of lists that changed at the other, and of the agent there', async () => {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const lines = await fetch(`${hoop.apiUrl}/api/events`, { headers: headers(), signal: stop.signal });
  let seen = '';
  const reading = (async () => {
    for await (const part of lines.body ?? []) seen += Buffer.from(part).toString();
  })().catch(() => undefined);
  await eventually(() => seen.startsWith('retry'));
  const topic = (name: string) => JSON.stringify({ kind: 'topic', topic: name });
  const there = { env: { HOOP_API_URL: hoop.agentUrl } };
  expect((await hoop.hoop(['admin', 'create', 'user', 'kim@example.com', '--groups', 'sre'], there).ended).code).toBe(
    0,
  );
  await eventually(() => seen.includes(topic('users')), { describe: () => seen });
  expect(seen).not.toContain(topic('agents'));
  expect((await exec('true').ended).code).toBe(0);
  await eventually(() => seen.includes(topic('agents')), { describe: () => seen });
  stop.abort();
  await reading;
}, 150_000);

test('output comes whole and in order, while a reader beside it does not read at all', async () => {
  const { id, run } = await execAndFollow('seq 1 3000000');
  const slow = follow(id);
  slow.socket.on('open', () => slow.socket.pause());
  const expected = (await runProcess('seq', ['1', '3000000'])).stdout;
  const end = await run.ended;
  expect(end.code).toBe(0);
  expect(hash(end.stdout)).toBe(hash(expected));
  expect(await hoop.log('gateway')).toContain('connected to a peer gateway');
  slow.socket.resume();
  await slow.ended();
  expect(hash(slow.bytes())).toBe(hash(expected));
}, 240_000);

test('Ctrl-C interrupts the command', async () => {
  const run = exec('trap "echo caught; exit 3" INT; echo ready; while :; do sleep 0.1; done');
  await run.waitForOutput(/ready/);
  run.child.kill('SIGINT');
  const end = await run.ended;
  expect(end.stdout.toString()).toBe('ready\ncaught\n');
  expect(end.code).toBe(3);
}, 150_000);

test('a terminal is typed into, resized, and ended by who revokes it', async () => {
  const shell = await openShell();
  shell.type('stty size; echo $((6*7))\r');
  await shell.shows('24 80\r\n42\r\n');
  await shell.taken();
  shell.say({ command: 'resize', columns: 111, rows: 33 });
  await eventuallyPasses(async () => {
    shell.type('stty size\r');
    await eventually(() => shell.bytes().includes('33 111\r\n'), { deadlineMs: 500 });
  });
  await request('POST', `/api/sessions/${shell.id}/revoke`, { reason: 'enough' });
  expect(await shell.ended()).toMatchObject({ state: 'revoked' });
}, 180_000);

test('a terminal goes on in the same shell when the gateway of its agent is killed', async () => {
  const shell = await openShell();
  shell.type('mark=still; echo here\r');
  await shell.shows('\r\nhere\r\n');
  await shell.taken();
  await hoop.kill('gateway2');
  shell.type('echo $mark-here\r');
  await hoop.start('gateway2');
  await shell.shows('\r\nstill-here\r\n');
  await shell.taken();
  expect(shell.bytes().toString().split('still-here').length).toBe(2);
  shell.type('exit\r');
  expect(await shell.ended()).toMatchObject({ state: 'finished', exitCode: 0 });
}, 240_000);

test.each(['gateway', 'gateway2'] as const)(
  'not a byte is missing or doubled when %s is killed in mid-stream',
  async (part) => {
    const seed = randomBytes(8).toString('hex');
    const go = join(hoop.home, `${seed}.go`);
    // it is not over before the death, however late that is
    const held = `[ $i -ne 30 ] || until [ -e ${go} ]; do sleep 0.05; done`;
    const script = `i=0; while [ $i -lt 60 ]; do ${held}; seq -f '${seed} %.0f' 1 20000; i=$((i+1)); sleep 0.05; done`;
    const expected = Buffer.concat(
      Array<Buffer>(60).fill((await runProcess('seq', ['-f', `${seed} %.0f`, '1', '20000'])).stdout),
    );
    const { id, run } = await execAndFollow(script);
    await eventually(() => run.stdout().length > 1_000_000, { deadlineMs: 30_000, everyMs: 5 });
    await hoop.kill(part);
    expect(run.stdout().length).toBeLessThan(expected.length);
    await writeFile(go, '');
    await hoop.start(part);
    const end = await run.ended;
    expect(end.code).toBe(0);
    expect(end.stdout.length).toBe(expected.length);
    expect(hash(end.stdout)).toBe(hash(expected));
    const again = follow(id);
    await again.ended();
    expect(hash(again.bytes())).toBe(hash(expected));
  },
  240_000,
);
