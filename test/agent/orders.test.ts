import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Order } from '#shared/agent-protocol.ts';
import { canonicalJson } from '#shared/envelope.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway, OrderOptions, SignedOrder } from '#test/support/fake-gateway.ts';
import { connectAgent, startGateway, type TestAgent } from './support.ts';

/** One agent takes the orders of this file, but for those that end it. */
let gateway: FakeGateway;
let agent: TestAgent;

beforeAll(async () => {
  gateway = await startGateway();
  agent = await connectAgent(gateway);
});

/** Sends an order that must be refused, and gives the refusal once it is sure that nothing ran. */
async function refusalOf(make: (options: OrderOptions) => SignedOrder) {
  const witness = join(agent.home, randomUUID());
  const order = make({ script: `touch ${witness}` });
  gateway.sendOrder(order);
  const refusal = await gateway.waitFor('order_refused', ({ sessionId }) => sessionId === order.sessionId);
  expect(gateway.of('accepted').filter(({ sessionId }) => sessionId === order.sessionId)).toEqual([]);
  expect(existsSync(witness)).toBe(false);
  expect(existsSync(join(agent.home, 'agent', 'spool', `${order.sessionId}.spool`))).toBe(false);
  return { code: refusal.code, message: refusal.message };
}

test('an order signed by another key is refused', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const refusal = await refusalOf((options) => gateway.makeOrder(options, privateKey));
  expect(refusal).toEqual({
    code: 'agent_refused',
    message: 'The agent refused the order: it is not signed by the gateway this agent enrolled with.',
  });
});

test('an order changed after it was signed is refused', async () => {
  const refusal = await refusalOf((options) => {
    const order = gateway.makeOrder(options);
    return { ...order, order: order.order.replace('"connectionEnv":{}', '"connectionEnv":{"A":"b"}') };
  });
  expect(refusal.message).toContain('not signed');
});

test('an order whose envelope does not hash to its digest is refused', async () => {
  const refusal = await refusalOf((options) => gateway.makeOrder({ ...options, order: { digest: '0'.repeat(64) } }));
  expect(refusal).toMatchObject({ code: 'agent_refused' });
  expect(refusal.message).toContain('digest');
});

test.for([
  ['another journal', { order: { journalId: randomUUID() } }, 'another journal'],
  ['another instance', { order: { instanceId: randomUUID() } }, 'another instance'],
  ['another agent', { order: { agent: 'other' } }, 'for agent "other"'],
  ['an envelope of another agent', { envelope: { agent: 'other' } }, 'names another agent'],
  ['an envelope of another session', { envelope: { sessionId: randomUUID() } }, 'another session'],
  ['a terminal', { envelope: { kind: 'connect' } }, 'exec only'],
] satisfies [string, OrderOptions, string][])('an order for %s is refused', async ([, changes, message]) => {
  const refusal = await refusalOf((options) => gateway.makeOrder({ ...options, ...changes }));
  expect(refusal.code).toBe('agent_refused');
  expect(refusal.message).toContain(message);
});

test('environment names that were not approved are refused', async () => {
  const refusal = await refusalOf((options) =>
    gateway.makeOrder({ ...options, order: { connectionEnv: { LD_PRELOAD: '/tmp/x.so' } } }),
  );
  expect(refusal.message).toContain('not approved (LD_PRELOAD)');
});

test('an order that comes too late is refused', async () => {
  const acceptBefore = new Date(Date.now() - 1_000).toISOString();
  const refusal = await refusalOf((options) => gateway.makeOrder({ ...options, order: { acceptBefore } }));
  expect(refusal.code).toBe('run_expired');
  expect(refusal.message).toContain(acceptBefore);
});

test('an order that cannot be read is ignored and the next one runs', async () => {
  gateway.send({ type: 'order', order: '{"half', signature: 'AAAA', fromOffset: 0 });
  expect(await gateway.runToEnd({ script: 'echo fine' })).toMatchObject({ stdout: 'fine\n' });
});

test('the same order sent again and again runs once', async () => {
  const witness = join(agent.home, randomUUID());
  const order = gateway.makeOrder({ script: `echo ran >> ${witness}` });
  for (let times = 0; times < 5; times += 1) gateway.sendOrder(order);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ reason: 'exit', exitCode: 0 });
  gateway.sendOrder(order);
  const answers = () => gateway.of('accepted').filter(({ sessionId }) => sessionId === order.sessionId);
  await eventually(() => answers().length === 6, { describe: 'each order to be answered' });
  expect(readFileSync(witness, 'utf8')).toBe('ran\n');
  expect(gateway.of('order_refused').filter(({ sessionId }) => sessionId === order.sessionId)).toEqual([]);
});

test('the same order is attached to after its time to be accepted has passed', async () => {
  const order = gateway.makeOrder({ script: 'echo once' });
  gateway.sendOrder(order);
  await gateway.ended(order.sessionId);
  const acceptBefore = new Date(Date.now() - 1_000).toISOString();
  const late = gateway.makeOrder({ order: { ...(JSON.parse(order.order) as Order), acceptBefore } });
  gateway.sessions.delete(order.sessionId);
  gateway.sendOrder(late, 0);
  expect(await gateway.ended(order.sessionId)).toMatchObject({ exitCode: 0 });
  expect(gateway.output(order.sessionId, 'stdout').toString()).toBe('once\n');
});

test('another order for a session that was accepted is refused', async () => {
  const witness = join(agent.home, randomUUID());
  const script = `echo ran >> ${witness}; cat ${witness}`;
  const first = gateway.makeOrder({ script });
  const second = gateway.makeOrder({ script, order: { sessionId: first.sessionId } });
  gateway.sendOrder(first);
  gateway.sendOrder(second);
  const refusal = await gateway.waitFor('order_refused', ({ sessionId }) => sessionId === first.sessionId);
  expect(refusal).toMatchObject({ sessionId: first.sessionId, nonce: second.nonce, code: 'run_consumed' });
  await gateway.ended(first.sessionId);
  expect(gateway.output(first.sessionId, 'stdout').toString()).toBe('ran\n');
});

test('the order of a forgotten session does not run again, not even with a new agent process', async () => {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  const order = gateway.makeOrder({ script: 'echo once' });
  gateway.sendOrder(order);
  await gateway.ended(order.sessionId);
  gateway.send({ type: 'forget', sessionId: order.sessionId });
  gateway.sendOrder(order, 0);
  expect(await gateway.waitFor('order_refused')).toMatchObject({ code: 'run_consumed' });
  await agent.kill();
  await gateway.nextJournal(async () => void (await agent.again()));
  gateway.sendOrder(order, 0);
  await eventually(() => gateway.of('order_refused').length === 2, { describe: 'a second refusal' });
  expect(gateway.last('order_refused')).toMatchObject({ sessionId: order.sessionId, code: 'run_consumed' });
});

test('an order that was accepted is not refused when its user cannot be looked up any more: it may have run', async () => {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  const first = gateway.makeOrder({ script: 'true' });
  gateway.sendOrder(first);
  await gateway.ended(first.sessionId);
  const again = gateway.makeOrder({ script: 'true', envelope: { runAs: 'nobody-of-that-name' } });
  // an agent that ended between its journal and the runner leaves this
  const journal = join(agent.home, 'agent', 'journal.jsonl');
  const accepted = readFileSync(journal, 'utf8')
    .split('\n')
    .find((line) => line.includes('"accepted"'));
  await agent.kill();
  const entry = (accepted ?? '').replaceAll(first.sessionId, again.sessionId).replaceAll(first.nonce, again.nonce);
  appendFileSync(journal, `${entry}\n`);
  await gateway.nextJournal(async () => void (await agent.again()));
  gateway.sendOrder(again);
  expect(await gateway.ended(again.sessionId)).toMatchObject({ reason: 'stopped' });
  expect(gateway.of('order_refused')).toEqual([]);
});

test('the envelope is canonical text, and its size is no matter', async () => {
  const order = gateway.makeOrder({ command: ['wc', '-c'], script: 'x'.repeat(6 * 1024 * 1024) });
  expect(canonicalJson(JSON.parse(order.order))).toBe(order.order);
  gateway.sendOrder(order);
  await gateway.ended(order.sessionId);
  expect(gateway.output(order.sessionId, 'stdout').toString()).toBe(`${6 * 1024 * 1024}\n`);
});
