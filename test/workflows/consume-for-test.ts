/** Consumes a run as the gateway would, for an agent instance that exists only as rows. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { consumeRun, type SignedOrder } from '#core/consume-run.ts';
import type { Core } from '#core/context.ts';
import { findAgent, insertInstance, listInstances } from '#db/agents.ts';

const { privateKey } = generateKeyPairSync('ed25519');

export async function consumeForTest(
  core: Core,
  sessionId: string,
  { agent: agentName = 'default', envelopeVersion }: { agent?: string; envelopeVersion?: number | undefined } = {},
): Promise<SignedOrder> {
  const agent = await findAgent(core.db, agentName);
  if (!agent) throw new Error('no agent');
  if ((await listInstances(core.db, agent.id)).length === 0)
    await insertInstance(core.db, agent.id, `key of ${agentName}`, randomUUID());
  const [instance] = await listInstances(core.db, agent.id);
  if (!instance) throw new Error('no instance');
  const hold = { instanceId: instance.id, journalId: instance.journalId, agentName, epoch: instance.epoch };
  return consumeRun(core, privateKey, sessionId, hold, envelopeVersion);
}
