import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context, Core } from '#core/context.ts';
import type { AgentLine } from '#core/agent-line.ts';
import { consumeRun, type SignedOrder } from '#core/consume-run.ts';
import { finishSession } from '#core/finish-session.ts';
import { releaseRun } from '#core/release-run.ts';
import { saveAgent } from '#core/save-agent.ts';
import { startSession } from '#core/start-session.ts';
import { createWaitingRuns } from '#core/waiting-runs.ts';
import { connectInstance, insertInstance } from '#db/agents.ts';
import { findRun } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let agentId: string;
let person: UserRow;
const { privateKey } = generateKeyPairSync('ed25519');
const system = (): Context => ({ core, actor: { kind: 'system', name: 'test' } });

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  person = await makeUser(core.db, 'dana@example.com', ['admin']);
  agentId = (await makeAgent(core.db)).id;
  await makeConnection(core.db, agentId, { name: 'three', maxRuns: 3 });
  await makeConnection(core.db, agentId, { name: 'free' });
});
afterAll(() => made.close());

const ask = async (connection: string): Promise<string> => {
  const input = { connection, kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  return (await startSession({ core, actor: { kind: 'user', user: person, via: 'api' } }, input)).session.id;
};
const askFor = (connection: string, count: number) => Promise.all(Array.from({ length: count }, () => ask(connection)));

/** An instance of the agent, as a gateway holds it. */
async function instance(): Promise<AgentLine> {
  const journalId = randomUUID();
  const instanceId = await insertInstance(core.db, agentId, randomUUID(), journalId);
  const epoch = await connectInstance(core.db, {
    ...{ id: instanceId, gatewayId: randomUUID(), journalId, hostname: 'here', version: '0', labels: {} },
  });
  const never = () => new Promise<never>(() => undefined);
  return { instanceId, journalId, agentName: 'default', epoch, run: never, forget: never, unused: () => undefined };
}
const consume = (id: string, line: AgentLine): Promise<SignedOrder> => consumeRun(core, privateKey, id, line);
const codeOf = (error: unknown) => (error as { code?: string }).code;
/** How many were consumed, and why the others were not. */
async function consumeAll(ids: string[], lines: AgentLine[]): Promise<{ done: string[]; refusals: Set<unknown> }> {
  const line = (i: number) => lines[i % lines.length] as AgentLine;
  const all = await Promise.allSettled(ids.map((id, i) => consume(id, line(i))));
  const done = ids.filter((_, i) => all[i]?.status === 'fulfilled');
  return { done, refusals: new Set(all.flatMap((r) => (r.status === 'rejected' ? codeOf(r.reason) : []))) };
}
const end = (ids: string[]) =>
  Promise.all(ids.map((id) => finishSession(core.db, id, { state: 'finished', source: 'run', exitCode: 0 })));

test('of commands that are taken at the same moment, no more begin than the connection allows', async () => {
  const ids = await askFor('three', 12);
  const { done, refusals } = await consumeAll(ids, [await instance(), await instance()]);
  expect(done).toHaveLength(3);
  expect([...refusals]).toEqual(['connection_full']);
  const left = ids.filter((id) => !done.includes(id));
  await end(done.slice(0, 1));
  const again = await consumeAll(left, [await instance()]);
  expect(again.done).toHaveLength(1);
  await end([...done.slice(1), ...again.done]);
});

test('nor than an instance of the agent allows, whatever their connections', async () => {
  await saveAgent(system(), { name: 'default', maxRuns: 2, overwrite: true });
  const [one, other] = [await instance(), await instance()];
  const first = await consumeAll(await askFor('free', 8), [one]);
  expect([first.done.length, ...first.refusals]).toEqual([2, 'agent_full']);
  const second = await consumeAll(await askFor('free', 8), [one, other]);
  expect(second.done).toHaveLength(2);
  await end([...first.done, ...second.done]);
  await saveAgent(system(), { name: 'default', maxRuns: 0, overwrite: true });
});

test('a terminal beyond the limit is refused at once, and says why', async () => {
  const { done } = await consumeAll(await askFor('three', 3), [await instance()]);
  const terminal = { type: 'xterm', columns: 80, rows: 24 };
  const opened = startSession(
    { core, actor: { kind: 'user', user: person, via: 'api' } },
    {
      ...{ connection: 'three', kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} },
      ...{ terminal, grant: await aGrant('three') },
    },
  );
  await expect(opened).rejects.toMatchObject({
    code: 'connection_full',
    message: '3 of 3 commands of three run, and no more may at once; try again later.',
  });
  await end(done);
});

test('an order that is handed back may be consumed by another instance, with another nonce', async () => {
  const [one, other] = [await instance(), await instance()];
  const id = await ask('free');
  const { nonce } = await consume(id, one);
  expect(codeOf(await consume(id, other).catch((error: unknown) => error))).toBe('run_consumed');
  expect(await releaseRun(core, id, nonce, one)).toBe(true);
  expect(await findSession(core.db, id)).toMatchObject({ state: 'queued', startedAt: null });
  expect((await consume(id, other)).nonce).not.toBe(nonce);
  expect(await releaseRun(core, id, nonce, one)).toBe(false);
  expect((await findRun(core.db, id))?.agentInstanceId).toBe(other.instanceId);
});

test('it is not given back over a line that is not the newest: there the order may be on its way again', async () => {
  const old = await instance();
  const id = await ask('free');
  const { nonce } = await consume(id, old);
  const { instanceId, journalId } = old;
  await connectInstance(core.db, {
    ...{ id: instanceId, gatewayId: randomUUID(), journalId, hostname: 'here', version: '0', labels: {} },
  });
  expect(await releaseRun(core, id, nonce, old)).toBe(false);
  expect((await findRun(core.db, id))?.nonce).toBe(nonce);
});

test('a changed limit of an agent leaves its token, a new token is asked for by name alone', async () => {
  const limited = await saveAgent(system(), { name: 'default', maxRuns: 5, overwrite: true });
  expect([limited.token, limited.view.maxRuns]).toEqual([undefined, 5]);
  const renewed = await saveAgent(system(), { name: 'default', overwrite: true });
  expect([typeof renewed.token, renewed.view.maxRuns]).toEqual(['string', 5]);
});

test('who waits longest is told first, and passes on what it cannot use', async () => {
  const waiting = createWaitingRuns();
  const { signal } = new AbortController();
  const until = new Date(Date.now() + 60_000);
  const place = { agent: 'a', connection: 'c' };
  const told: string[] = [];
  const enter = async (name: string) => {
    const turn = waiting.enter(place);
    await turn?.next(place, until, signal); // whoever comes tries once more at once
    void turn?.next(place, until, signal).then(() => told.push(name));
    return turn;
  };
  const first = await enter('first');
  await enter('second');
  waiting.freed({ agent: 'a', connection: 'other' });
  waiting.freed({ agent: 'b', connection: 'c' });
  await Promise.resolve();
  expect(told).toEqual([]);
  waiting.freed(place);
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual(['first']);
  void first?.next({ agent: 'a' }, until, signal); // the agent is full: the place of the connection is another's
  await new Promise(setImmediate);
  expect(told).toEqual(['first', 'second']);
});

test('no more wait at a gateway than leave the others their slots', () => {
  const waiting = createWaitingRuns();
  const entered = Array.from({ length: 100 }, () => waiting.enter({ agent: 'a', connection: 'c' }));
  expect(entered.filter((turn) => turn !== undefined)).toHaveLength(20);
  expect(waiting.enter({ agent: 'a', connection: 'd' })).toBeDefined();
  entered[0]?.leave();
  expect(waiting.enter({ agent: 'a', connection: 'c' })).toBeDefined();
});

/** An active grant, written as it would be approved. */
async function aGrant(connection: string): Promise<string> {
  const { session } = await startSession(
    { core, actor: { kind: 'user', user: person, via: 'api' } },
    { connection, kind: 'connect', scriptEncoding: 'utf8', args: [], env: {} },
  );
  await core.db.query(
    `update sessions set state = 'active', active_until = now() + interval '1 hour', started_at = now() where id = $1`,
    [session.id],
  );
  return session.id;
}
