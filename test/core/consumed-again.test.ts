import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orderSchema, type ExitedFrame } from '#shared/agent-protocol.ts';
import { consumeRun, type AgentHold } from '#core/consume-run.ts';
import type { Context, Core } from '#core/context.ts';
import { revokeSession } from '#core/decide-review.ts';
import { finishRun } from '#core/finish-run.ts';
import { startSession } from '#core/start-session.ts';
import { connectInstance, insertInstance } from '#db/agents.ts';
import { saveExit } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let asker: Context;
let line: AgentHold;
const { privateKey } = generateKeyPairSync('ed25519');

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  asker = { core, actor: { kind: 'user', user: await makeUser(core.db, 'dana@example.com', ['admin']), via: 'api' } };
  const agent = await makeAgent(core.db);
  await makeConnection(core.db, agent.id, { name: 'free' });
  const journalId = randomUUID();
  const instanceId = await insertInstance(core.db, agent.id, randomUUID(), journalId);
  const here = { id: instanceId, gatewayId: randomUUID(), journalId, hostname: 'here', version: '0', labels: {} };
  line = { instanceId, journalId, agentName: 'default', epoch: await connectInstance(core.db, here) };
});
afterAll(() => made.close());

const ask = async (): Promise<string> => {
  const input = { connection: 'free', kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  return (await startSession(asker, input)).session.id;
};
const order = async (id: string) => orderSchema.parse(JSON.parse((await consumeRun(core, privateKey, id, line)).order));
const mayBegin = async (id: string) => new Date((await order(id)).acceptBefore).getTime() - core.now().getTime() > 1000;
const refused = (sessionId: string, nonce: string): ExitedFrame => ({
  ...{ type: 'exited', sessionId, nonce, reason: 'start_failed', exitCode: null, signal: null },
  ...{ outputBytes: 0, durationMs: 0, message: 'The agent refused the order: it came too late.' },
});

test('an order that is sent again after a revocation finds the run, and does not begin it', async () => {
  const id = await ask();
  expect(await mayBegin(id)).toBe(true);
  expect(await mayBegin(id)).toBe(true);
  await revokeSession(asker, id, 'enough');
  const { acceptBefore, nonce } = await order(id);
  expect(new Date(acceptBefore).getTime()).toBeLessThanOrEqual(core.now().getTime());
  await saveExit(core.db, id, refused(id, nonce));
  await finishRun(core.db, id);
  expect(await findSession(core.db, id)).toMatchObject({ state: 'revoked', endMessage: 'Revoked by dana: enough' });
});

test('what an agent refuses without a revocation has failed', async () => {
  const id = await ask();
  await saveExit(core.db, id, refused(id, (await order(id)).nonce));
  await finishRun(core.db, id);
  expect(await findSession(core.db, id)).toMatchObject({ state: 'failed', endCause: 'start_failed' });
});
