import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeSessionOutput } from '#shared/output-frame.ts';
import type { AgentFrame, ExitedFrame } from '#shared/agent-protocol.ts';
import type { AgentLine } from '#core/agent-line.ts';
import { consumeRun } from '#core/consume-run.ts';
import type { Core } from '#core/context.ts';
import { finishRun } from '#core/finish-run.ts';
import { startSession } from '#core/start-session.ts';
import { deleteAgent, isAgentOnline } from '#db/agents.ts';
import { readOutput, saveExit } from '#db/runs.ts';
import type { SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { createTestRelay, type TestAgent, type TestRelay } from './support.ts';

let made: TestCore;
let core: Core;
let asker: UserRow;
let relay: TestRelay;
let token: string;

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com');
  const agent = await makeAgent(core.db);
  token = agent.token;
  await makeConnection(core.db, agent.id, { name: 'free' });
});
beforeEach(async () => {
  relay = await createTestRelay(core);
});
afterEach(() => relay.close());
afterAll(() => made.close());

const ask = async (): Promise<SessionRow> => {
  const ctx = { core, actor: { kind: 'user' as const, user: asker, via: 'api' as const } };
  const request = { connection: 'free', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  return (await startSession(ctx, request)).session;
};
const lineOf = (agent: TestAgent): AgentLine => {
  const line = relay.hub.line('default', agent.journalId);
  if (!line) throw new Error('no line');
  return line;
};
const consume = (session: SessionRow, line: AgentLine) => consumeRun(core, relay.gatewayKey, session.id, line);
const never = () => ({ stop: new AbortController().signal, abandon: new AbortController().signal });
const outcome = (run: Promise<ExitedFrame>) =>
  run.then(
    (exited) => exited.reason,
    (error: Error) => error.message,
  );
const nonceOf = (frame: { order: string }) => (JSON.parse(frame.order) as { nonce: string }).nonce;
const exited = (sessionId: string, nonce: string, outputBytes: number, message = ''): AgentFrame => ({
  type: 'exited',
  sessionId,
  nonce,
  reason: 'exit',
  exitCode: 0,
  signal: null,
  outputBytes,
  durationMs: 1,
  message,
});
const output = (sessionId: string, offset: number, text: string) =>
  encodeSessionOutput(sessionId, { stream: 'stdout', offset, data: Buffer.from(text) });
const stored = async (id: string) =>
  Buffer.concat((await readOutput(core.db, id, 0, 1024)).map((c) => c.data)).toString();

describe('a run on the line of an agent', () => {
  test('on a line that broke meanwhile it fails, so that it is tried on the next one', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    agent.socket.terminate();
    await eventually(() => relay.hub.connected() === 0, { describe: 'the line is gone' });
    expect(await outcome(line.run(session.id, order, never()))).toBe('the line to the agent broke');
  });

  test('what came over a line that broke is kept: who watches has seen it, and nobody may bring it again', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    const run = outcome(line.run(session.id, order, never()));
    const client = await core.db.connect();
    await client.query('begin');
    await client.query('select 1 from sessions where id = $1 for update', [session.id]);
    for (const [offset, text] of [
      [0, 'one\n'],
      [4, 'two\n'],
    ] as const) {
      agent.socket.send(encodeSessionOutput(session.id, { stream: 'stdout', offset, data: Buffer.from(text) }));
    }
    agent.socket.close();
    await eventually(() => relay.hub.connected() === 0, { describe: 'the line is gone' });
    await client.query('commit');
    client.release();
    expect(await run).toBe('the line to the agent broke');
    expect(await stored(session.id)).toBe('one\ntwo\n');
  });

  test('a second attempt on the same line takes over, and the first one fails', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    const first = outcome(line.run(session.id, order, never()));
    const second = outcome(line.run(session.id, order, never()));
    expect(await first).not.toBe('exit');
    agent.send(exited(session.id, order.nonce, 0));
    expect(await second).toBe('exit');
  });

  test('frames that an earlier attempt left on the line neither end it nor leave a gap', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    const run = outcome(line.run(session.id, order, never()));
    await agent.orders(1);
    // the tail of what the agent sent for the order before: nobody took the beginning
    agent.socket.send(output(session.id, 4, 'o world'));
    agent.socket.send(output(session.id, 0, 'hell'));
    agent.socket.send(output(session.id, 4, 'o world'));
    agent.send(exited(session.id, order.nonce, 11));
    expect(await run).toBe('exit');
    expect(await stored(session.id)).toBe('hello world');
  });

  test('an end that comes before all of its output is not the end', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    const run = outcome(line.run(session.id, order, never()));
    const [sent] = await agent.orders(1);
    if (!sent) throw new Error('no order');
    agent.send(exited(session.id, nonceOf(sent), 11));
    expect(await run).toMatch('before all of its output');
  });

  test('a report that Postgres cannot keep as it is ends the run all the same', async () => {
    const agent = await relay.dial(token);
    const session = await ask();
    const line = lineOf(agent);
    const order = await consume(session, line);
    const run = line.run(session.id, order, never());
    await agent.orders(1);
    agent.send(exited(session.id, order.nonce, 0, `half \ud83d, none \0.`));
    await saveExit(core.db, session.id, await run);
    expect(await finishRun(core.db, session.id)).toEqual({ applied: true, state: 'finished' });
  });
});

describe('agents that go', () => {
  test('one that hangs up while it is greeted does not count as online', async () => {
    const agent = await relay.dial(token);
    agent.socket.terminate();
    await eventually(async () => !(await isAgentOnline(core.db, 'default')), { describe: 'offline' });
    // its hello is held up by a lock on its row, and it does not wait that long
    const client = await core.db.connect();
    await client.query('begin');
    await client.query('select 1 from agent_instances where id = $1 for update', [agent.instanceId]);
    const again = relay.dial(token, agent.journalId).catch(() => undefined);
    const sockets = relay.sockets;
    await eventually(() => sockets.size > 0, { describe: 'a line' });
    const waiting = async () =>
      (
        await core.db.query(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
      ).rowCount === 1;
    await eventually(waiting, { describe: 'the hello waits' });
    for (const socket of sockets) socket.terminate();
    await eventually(() => relay.closed() > 1, { describe: 'the gateway sees it gone' });
    await client.query('commit');
    client.release();
    const epoch = async () =>
      (await core.db.query<{ epoch: number }>('select epoch from agent_instances where id = $1', [agent.instanceId]))
        .rows[0]?.epoch;
    await eventually(async () => (await epoch()) === 2, { describe: 'the hello was taken' });
    await eventually(async () => !(await isAgentOnline(core.db, 'default')), { describe: 'offline again' });
    expect(await isAgentOnline(core.db, 'default')).toBe(false);
    void again;
  });

  test('one that was deleted is given nothing to run, though its line is open', async () => {
    const doomed = await makeAgent(core.db, 'doomed');
    const agent = await relay.dial(doomed.token);
    const line = relay.hub.line('doomed', undefined);
    if (!line) throw new Error('no line');
    await deleteAgent(core.db, doomed.id);
    const next = await makeAgent(core.db, 'doomed');
    await makeConnection(core.db, next.id, { name: 'secret' });
    const ctx = { core, actor: { kind: 'user' as const, user: asker, via: 'api' as const } };
    const request = { connection: 'secret', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
    const { session } = await startSession(ctx, request);
    const refusal = await consume(session, line).catch((error: { code?: string }) => error.code);
    expect(refusal).toBe('agent_offline');
    expect(agent.frames.filter((frame) => frame.type === 'order')).toEqual([]);
  });

  test('one that has dialled in elsewhere since is given nothing new on its old line', async () => {
    const agent = await relay.dial(token);
    const line = lineOf(agent);
    await core.db.query('update agent_instances set epoch = epoch + 1 where id = $1', [agent.instanceId]);
    const session = await ask();
    await expect(consume(session, line)).rejects.toMatchObject({ code: 'agent_offline' });
  });

  test('one that has dialled in at another gateway loses its old line, whose other end is silent', async () => {
    const agent = await relay.dial(token);
    const here = () => relay.hub.line('default', agent.journalId);
    await relay.hub.fence('default');
    expect(here()).toBeDefined();
    await core.db.query('update agent_instances set epoch = epoch + 1, gateway_id = $2 where id = $1', [
      agent.instanceId,
      randomUUID(),
    ]);
    await relay.hub.fence('default');
    await eventually(() => !here(), { describe: 'no line here' });
    await eventually(() => agent.socket.readyState !== agent.socket.OPEN, { describe: 'its other end is told' });
  });
});
