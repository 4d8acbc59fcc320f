/** What a gateway does when Postgres takes no more output, and with agents that keep to no limit. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { agentConnectPath, type AgentFrame } from '#shared/agent-protocol.ts';
import { encodeSessionOutput, type RecordedStream } from '#shared/output-frame.ts';
import { HandedBack, type AgentLine } from '#core/agent-line.ts';
import { consumeRun } from '#core/consume-run.ts';
import { finishRun } from '#core/finish-run.ts';
import { startSession } from '#core/start-session.ts';
import { readOutput, saveExit } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { openStream } from '../api/support/stream-client.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { createTestRelay, headersOf, type TestAgent, type TestRelay } from './support.ts';

const limit = 1000;
const slack = 1024 * 1024;

let made: TestCore;
let asker: UserRow;
let relay: TestRelay;
let token: string;
let agent: TestAgent;
let id: string;

beforeAll(async () => {
  made = await createTestCore();
  asker = await makeUser(made.core.db, 'asker@example.com');
  const known = await makeAgent(made.core.db);
  token = known.token;
  await makeConnection(made.core.db, known.id, { name: 'bash' });
  await made.core.db.query('update connections set max_output_bytes = $1', [limit]);
  await made.core.db.query('create table full_from (state text, "offset" bigint)');
  await made.core.db.query(`create function refuse() returns trigger language plpgsql as $$
    declare f record;
    begin
      for f in select * from full_from loop
        if new."offset" >= f."offset" then raise exception 'could not extend file' using errcode = f.state; end if;
      end loop;
      return new;
    end $$`);
  await made.core.db.query(
    'create trigger refuse before insert on session_output for each row execute function refuse()',
  );
});
afterAll(() => made.close());
beforeEach(async () => {
  relay = await createTestRelay(made.core, made);
  agent = await relay.dial(token);
  const ctx = { core: made.core, actor: { kind: 'user' as const, user: asker, via: 'cli' as const } };
  const request = { connection: 'bash', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  id = (await startSession(ctx, request)).session.id;
});
afterEach(async () => {
  await made.core.db.query('delete from full_from');
  await relay.close();
});

const refuseFrom = (offset: number, state: string) =>
  made.core.db.query('insert into full_from values ($1, $2)', [state, offset]);
async function run() {
  const line: AgentLine | undefined = relay.hub.line('default', agent.journalId);
  if (!line) throw new Error('no line');
  const order = await consumeRun(made.core, relay.gatewayKey, id, line);
  const abandon = new AbortController();
  const signals = { stop: new AbortController().signal, abandon: abandon.signal };
  const ended = line.run(id, order, signals);
  ended.catch(() => undefined);
  return { order, ended, abandon: () => abandon.abort() };
}
const send = (offset: number, data: string | Buffer, stream: RecordedStream = 'stdout') =>
  agent.socket.send(encodeSessionOutput(id, { stream, offset, data: Buffer.from(data) }));
const acked = () => Math.max(0, ...agent.frames.map((frame) => (frame.type === 'ack' ? frame.offset : 0)));
const exited = (nonce: string, outputBytes: number): AgentFrame => ({
  ...{ type: 'exited', sessionId: id, nonce, reason: 'stopped', exitCode: null, signal: 'SIGTERM' },
  ...{ outputBytes, durationMs: 1, message: '' },
});
const stops = () => agent.frames.filter((frame) => frame.type === 'stop' && frame.sessionId === id);
const stored = async () =>
  Buffer.concat((await readOutput(made.core.db, id, 0, 16 * slack)).map(({ data }) => data)).toString();

describe('when Postgres takes no more output', () => {
  test('as its disk is full, the command is stopped and its session says from where on output is missing', async () => {
    const stream = openStream(relay, id, { headers: await headersOf(made.core, asker.id) });
    const { order, ended } = await run();
    send(0, 'kept\n');
    await eventually(() => acked() === 5, { describe: 'the first is stored' });
    await refuseFrom(5, '53100');
    send(5, 'gone');
    await eventually(() => stops().length === 1, { describe: 'the command is stopped' });
    // the agent gets rid of what it has, so that it comes to the end
    await eventually(() => acked() === 9);
    send(9, ' and gone');
    await eventually(() => acked() === 18);
    agent.send(exited(order.nonce, 18));
    await saveExit(made.core.db, id, await ended);
    expect(await finishRun(made.core.db, id)).toEqual({ applied: true, state: 'failed' });
    const session = await findSession(made.core.db, id);
    expect(session).toMatchObject({ outputBytes: 5, endCause: 'unrecorded' });
    expect(session?.endMessage).toBe(
      'Postgres did not take the output (its disk is full), so the command was stopped: of 18 bytes, 13 are missing from the recording, from byte 5 on.',
    );
    expect(await stored()).toBe('kept\n');
    relay.feed.publish(id, { kind: 'state' });
    expect((await stream.waitFor('end')).message).toBe(session?.endMessage);
    expect(stops()).toHaveLength(1);
  });

  test('for the moment, the run is tried again and nothing is stopped', async () => {
    await refuseFrom(0, '53300');
    const first = await run();
    send(0, 'all of it');
    await expect(first.ended).rejects.toThrow('output could not be stored');
    await made.core.db.query('delete from full_from');
    const second = await run();
    send(second.order.fromOffset, 'all of it');
    await eventually(() => acked() === 9);
    expect(stops()).toEqual([]);
    expect(await stored()).toBe('all of it');
    second.abandon();
  });
});

describe('an agent that does not end a command over its limit', () => {
  const piece = Buffer.alloc(200 * 1024, 'x');
  const fill = (from: number, upTo: number, stream?: RecordedStream): number => {
    let offset = from;
    for (; offset < upTo; offset += piece.length)
      send(offset, piece.subarray(0, Math.min(piece.length, upTo - offset)), stream);
    return upTo;
  };

  test('is told to, its output is not taken, and its word is not waited for', async () => {
    const { ended } = await run();
    const most = fill(0, limit + slack);
    await eventually(() => acked() === most, { describe: 'what a slow one may send is taken' });
    send(most, 'x');
    const end = await ended;
    expect(end).toMatchObject({ reason: 'output_limit', exitCode: null });
    await eventually(() => stops().length === 1, { describe: 'it is told to stop the command' });
    await saveExit(made.core.db, id, end);
    expect(await finishRun(made.core.db, id)).toEqual({ applied: true, state: 'failed' });
    expect((await findSession(made.core.db, id))?.outputBytes).toBe(most);
  });

  test('gains nothing by coming back', async () => {
    const first = await run();
    const half = fill(0, slack / 2);
    await eventually(() => acked() === half);
    first.abandon();
    await expect(first.ended).rejects.toThrow('lets go');
    const second = await run();
    fill(half, limit + slack + 1);
    expect(await second.ended).toMatchObject({ reason: 'output_limit' });
  });

  test('may not hide it in what was typed either, which is counted apart', async () => {
    await made.core.db.query('update sessions set terminal = true where id = $1', [id]);
    const first = await run();
    let offset = fill(0, slack / 2, 'input');
    offset = fill(offset, offset + slack, 'stdout');
    await eventually(() => acked() === offset);
    first.abandon();
    await first.ended.catch(() => undefined);
    const second = await run();
    offset = fill(offset, offset + slack / 2, 'input');
    await eventually(() => acked() === offset);
    fill(offset, offset + limit + 1, 'input');
    expect(await second.ended).toMatchObject({ reason: 'output_limit' });
  });

  test('that sends frames larger than any agent does loses its line', async () => {
    const { ended } = await run();
    send(0, Buffer.alloc(256 * 1024 + 1));
    await expect(ended).rejects.toThrow('the line to the agent broke');
  });
});

describe('an order that an agent hands back', () => {
  const handBack = (nonce: string) =>
    agent.send({ type: 'order_refused', sessionId: id, nonce, code: 'agent_draining', message: 'not here' });

  test('goes to another instance when the agent said before that it is being stopped', async () => {
    const { order, ended } = await run();
    agent.send({ type: 'draining' });
    handBack(order.nonce);
    await expect(ended).rejects.toBeInstanceOf(HandedBack);
  });

  test('is refused for good when it is not being stopped', async () => {
    const { order, ended } = await run();
    handBack(order.nonce);
    expect(await ended).toMatchObject({ reason: 'start_failed', message: expect.stringContaining('not here') });
  });

  test('is refused for good when it has begun it, or wrote something', async () => {
    for (const began of [
      (nonce: string) => agent.send({ type: 'accepted', sessionId: id, nonce }),
      (nonce: string) => agent.send({ type: 'started', sessionId: id, nonce }),
      () => send(0, 'output'),
    ]) {
      const { order, ended } = await run();
      began(order.nonce);
      agent.send({ type: 'draining' });
      handBack(order.nonce);
      expect(await ended).toMatchObject({ reason: 'start_failed' });
    }
  });
});

test('of those who dial in and say nothing, no more are waited for than a gateway can bear', async () => {
  const address = relay.url.replace('http', 'ws') + agentConnectPath;
  const silent = Array.from({ length: 64 }, () => new WebSocket(address));
  await Promise.all(silent.map((socket) => once(socket, 'message')));
  const oneMore = new WebSocket(address);
  const [code] = (await once(oneMore, 'close')) as [number];
  expect(code).toBe(1013);
  for (const socket of silent) socket.terminate();
  await eventually(() => relay.closed() >= 65);
  expect((await relay.dial(token)).instanceId).not.toBe('');
});
