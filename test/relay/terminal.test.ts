/** From the stream of a client to the line of an agent and back, over one gateway, and with the agent at another one. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeInput, inputFrameBytes, inputWindowBytes } from '#shared/input-frame.ts';
import { binarySubprotocol, streamClose } from '#shared/stream-events.ts';
import { consumeRun } from '#core/consume-run.ts';
import { startSession } from '#core/start-session.ts';
import type { UserRow } from '#db/users.ts';
import { openStream, type StreamClient } from '../api/support/stream-client.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { createTestRelay, headersOf, type TestAgent, type TestRelay } from './support.ts';

interface Caller {
  user: UserRow;
  headers: Record<string, string>;
}

let clock = 0;
let made: TestCore;
let relay: TestRelay;
/** Where people watch and type. */
let near: TestRelay;
let token: string;
let asker: Caller;
let admin: Caller;
let id: string;
let agent: TestAgent;

const signIn = async (email: string, groups: string[] = []): Promise<Caller> => {
  const user = await makeUser(made.core.db, email, groups);
  return { user, headers: await headersOf(made.core, user.id) };
};

beforeAll(async () => {
  made = await createTestCore({ now: () => new Date(Date.now() + clock) });
  asker = await signIn('asker@example.com');
  admin = await signIn('admin@example.com', ['admin']);
  const known = await makeAgent(made.core.db);
  token = known.token;
  await makeConnection(made.core.db, known.id, { name: 'bash' });
});
afterAll(() => made.close());
beforeEach(async () => {
  const ctx = { core: made.core, actor: { kind: 'user' as const, user: asker.user, via: 'cli' as const } };
  const request = { connection: 'bash', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  id = (await startSession(ctx, request)).session.id;
  await made.core.db.query('update sessions set terminal = true where id = $1', [id]);
});

/** Consumes the run, or finds it consumed, and puts it on the agent's line. */
async function runOn(on: TestAgent): Promise<void> {
  const line = relay.hub.line('default', on.journalId);
  if (!line) throw new Error('no line');
  const order = await consumeRun(made.core, relay.gatewayKey, id, line);
  line
    .run(id, order, { stop: new AbortController().signal, abandon: new AbortController().signal })
    .catch(() => undefined);
}
const dialAndRun = async (journalId?: string) => {
  agent = await relay.dial(token, journalId);
  await runOn(agent);
};
const follow = (caller: Caller) => openStream(near, id, { headers: caller.headers, protocols: [binarySubprotocol] });
const say = (stream: StreamClient, command: object) => stream.socket.send(JSON.stringify(command));
const type = (stream: StreamClient, client: string, offset: number, data: string | Buffer) =>
  stream.socket.send(encodeInput({ client, offset, data: Buffer.from(data) }));
const attaches = (on = agent) => on.frames.filter((frame) => frame.type === 'attach');
const taken = (client: string, offset: number) => agent.send({ type: 'input_ack', sessionId: id, client, offset });
const told = (stream: StreamClient) => stream.events.filter((event) => event.event === 'input');
const size = { columns: 80, rows: 24 };

/** A stream whose terminal has answered that it took nothing yet. */
async function attached(caller = asker): Promise<{ stream: StreamClient; client: string }> {
  const client = randomUUID();
  const stream = follow(caller);
  await stream.waitFor('session');
  say(stream, { command: 'attach', client, ...size });
  await eventually(() => attaches().find((frame) => frame.client === client), { describe: 'the attach' });
  taken(client, 0);
  await stream.waitFor('input');
  return { stream, client };
}

describe.each(['one gateway', 'two gateways'])('over %s', (gateways) => {
  beforeAll(async () => {
    relay = await createTestRelay(made.core, made);
    near = gateways === 'one gateway' ? relay : await createTestRelay(made.core, made);
  });
  afterAll(async () => {
    await relay.close();
    if (near !== relay) await near.close();
  });

  test('what is typed reaches the terminal in order, and what the terminal took is told', async () => {
    await dialAndRun();
    const { stream, client } = await attached();
    expect(attaches()).toEqual([{ type: 'attach', sessionId: id, client, ...size }]);
    expect(told(stream)).toEqual([{ event: 'input', client, offset: 0, resend: true }]);
    type(stream, client, 0, 'ls');
    type(stream, client, 2, ' -l\r');
    say(stream, { command: 'resize', columns: 100, rows: 30 });
    await eventually(() => agent.frames.find((frame) => frame.type === 'resize'));
    expect(agent.frames.find((frame) => frame.type === 'resize')).toEqual({
      type: 'resize',
      sessionId: id,
      columns: 100,
      rows: 30,
    });
    expect(agent.typed.map(({ sessionId, client: by, offset, data }) => [sessionId, by, offset, String(data)])).toEqual(
      [
        [id, client, 0, 'ls'],
        [id, client, 2, ' -l\r'],
      ],
    );
    taken(client, 6);
    await stream.waitFor('input', (event) => event.offset === 6);
    expect(told(stream).at(-1)).toEqual({ event: 'input', client, offset: 6 });
    stream.socket.close();
  });

  test('a client types on where it was once the agent is back on another line', async () => {
    await dialAndRun();
    const { stream, client } = await attached();
    say(stream, { command: 'resize', columns: 132, rows: 50 });
    type(stream, client, 0, 'abc');
    await eventually(() => agent.typed.length === 1);
    agent.socket.terminate();
    await eventually(() => relay.hub.connected() === 0, { describe: 'the line is gone' });
    type(stream, client, 3, 'lost on the way');
    await dialAndRun(agent.journalId);
    await eventually(() => attaches().length === 1, { describe: 'the attach is said again' });
    expect(attaches()).toEqual([{ type: 'attach', sessionId: id, client, columns: 132, rows: 50 }]);
    taken(client, 2);
    await stream.waitFor('input', (event) => event.offset === 2);
    expect(told(stream).at(-1)).toEqual({ event: 'input', client, offset: 2, resend: true });
    type(stream, client, 2, 'c and on');
    await eventually(() => agent.typed.length === 1);
    expect(String(agent.typed[0]?.data)).toBe('c and on');
    stream.socket.close();
  });

  test('a terminal that is attached to before its agent is here gets the attach with its run', async () => {
    const client = randomUUID();
    const stream = follow(asker);
    await stream.waitFor('session');
    say(stream, { command: 'attach', client, ...size });
    say(stream, { command: 'resize', columns: 90, rows: 40 });
    type(stream, client, 0, 'early');
    await stream.waitFor('state');
    await dialAndRun();
    await eventually(() => attaches().length === 1);
    expect(attaches()[0]).toMatchObject({ client, columns: 90, rows: 40 });
    expect(agent.frames.findIndex((frame) => frame.type === 'order')).toBeLessThan(
      agent.frames.findIndex((frame) => frame.type === 'attach'),
    );
    expect(agent.typed).toEqual([]);
    stream.socket.close();
  });

  test('an agent that says the same again and again tells a client nothing new', async () => {
    await dialAndRun();
    const { stream, client } = await attached();
    type(stream, client, 0, 'abc');
    await eventually(() => agent.typed.length === 1);
    for (const offset of [0, 0, 2, 1, 2, 3, 3, 99, 3]) taken(client, offset);
    type(stream, client, 3, 'd');
    await eventually(() => agent.typed.length === 2);
    taken(client, 4);
    await stream.waitFor('input', (event) => event.offset === 4);
    expect(told(stream).map(({ offset }) => offset)).toEqual([0, 2, 3, 4]);
    stream.socket.close();
  });

  test('of many sizes at once the terminal gets the first and the last', async () => {
    await dialAndRun();
    const { stream } = await attached();
    const sizes = Array.from({ length: 300 }, (_, n) => ({ columns: 100 + n, rows: 30 }));
    for (const one of sizes) say(stream, { command: 'resize', ...one });
    const resizes = () => agent.frames.filter((frame) => frame.type === 'resize');
    await eventually(() => resizes().at(-1)?.columns === 399);
    expect(resizes()[0]?.columns).toBe(100);
    expect(resizes().length).toBeLessThan(sizes.length / 4);
    stream.socket.close();
  });

  test('each client is told only what the terminal took of its own', async () => {
    await dialAndRun();
    const one = await attached();
    const two = await attached();
    type(one.stream, one.client, 0, 'one');
    type(two.stream, two.client, 0, 'two!');
    await eventually(() => agent.typed.length === 2);
    taken(one.client, 3);
    taken(two.client, 4);
    await one.stream.waitFor('input', (event) => event.offset === 3);
    await two.stream.waitFor('input', (event) => event.offset === 4);
    expect(told(one.stream).map((event) => event.client)).toEqual([one.client, one.client]);
    expect(told(two.stream).map((event) => event.client)).toEqual([two.client, two.client]);
    one.stream.socket.close();
    two.stream.socket.close();
  });

  test('only who asked for the terminal types; others, admins too, may watch', async () => {
    await dialAndRun();
    const watching = follow(admin);
    await watching.waitFor('state');
    type(watching, randomUUID(), 0, 'rm -rf /');
    say(watching, { command: 'resize', columns: 1, rows: 1 });
    say(watching, { command: 'attach', client: randomUUID(), ...size });
    expect(await watching.closed).toBe(streamClose.notAllowed);
    const { stream } = await attached();
    expect(agent.typed).toEqual([]);
    expect(agent.frames.filter((frame) => frame.type === 'resize')).toEqual([]);
    expect(attaches()).toHaveLength(1);
    stream.socket.close();
    await made.core.db.query('update sessions set terminal = false where id = $1', [id]);
    const noTerminal = follow(asker);
    await noTerminal.waitFor('state');
    say(noTerminal, { command: 'attach', client: randomUUID(), ...size });
    expect(await noTerminal.closed).toBe(streamClose.notAllowed);
  });

  test('who is deactivated while typing is sent away', async () => {
    const caller = await signIn(`${randomUUID()}@example.com`);
    const { user } = caller;
    await made.core.db.query('update sessions set requester_id = $2 where id = $1', [id, user.id]);
    await dialAndRun();
    const { stream, client } = await attached(caller);
    await made.core.db.query('update users set active = false where id = $1', [user.id]);
    type(stream, client, 0, 'a');
    await eventually(() => agent.typed.length === 1);
    clock += 60_000;
    type(stream, client, 1, 'b');
    expect(await stream.closed).toBe(streamClose.notSignedIn);
  });

  test.each([
    ['signed out', 'delete from tokens where user_id = $1'],
    ['is signed in no longer', "update tokens set expires_at = now() - interval '1 second' where user_id = $1"],
  ])('who %s while typing is sent away', async (_, sql) => {
    const caller = await signIn(`${randomUUID()}@example.com`);
    await made.core.db.query('update sessions set requester_id = $2 where id = $1', [id, caller.user.id]);
    await dialAndRun();
    const { stream, client } = await attached(caller);
    await made.core.db.query(sql, [caller.user.id]);
    clock += 60_000;
    type(stream, client, 0, 'a');
    expect(await stream.closed).toBe(streamClose.notSignedIn);
  });

  test('a client that sends more than may be unacknowledged is sent away', async () => {
    await dialAndRun();
    const { stream, client } = await attached();
    const data = randomBytes(inputFrameBytes);
    for (let offset = 0; offset < inputWindowBytes; offset += data.length) type(stream, client, offset, data);
    await eventually(() => agent.typed.length === inputWindowBytes / inputFrameBytes);
    // an agent that acknowledges what it was never sent opens no window
    taken(client, 10 * inputWindowBytes);
    await stream.waitFor('input', (event) => event.offset === inputWindowBytes);
    for (let offset = 0; offset < inputWindowBytes; offset += data.length)
      type(stream, client, inputWindowBytes + offset, data);
    type(stream, client, 2 * inputWindowBytes, 'x');
    expect(await stream.closed).toBe(1008);
    const bytes = agent.typed.reduce((sum, { data: typed }) => sum + typed.length, 0);
    expect(bytes).toBe(2 * inputWindowBytes);
  });

  test('what was passed on is not passed on twice, and nothing that leaves a gap or cannot be read', async () => {
    await dialAndRun();
    const { stream, client } = await attached();
    type(stream, client, 0, 'abc');
    type(stream, client, 0, 'abcd');
    type(stream, client, 9, 'gap');
    type(stream, randomUUID(), 4, 'somebody else');
    stream.socket.send(Buffer.from('short'));
    stream.socket.send(Buffer.alloc(inputFrameBytes + 1000));
    stream.socket.send('{"command":"attach","client":"nobody"}');
    type(stream, client, 4, 'e');
    await eventuallyPasses(() => expect(agent.typed.map(({ data }) => String(data))).toEqual(['abc', 'd', 'e']));
    expect(attaches()).toHaveLength(1);
    stream.socket.close();
  });
});
