/** An agent enrols its key once with a token; from then on it proves the key. */
import { createPublicKey, verify } from 'node:crypto';
import { helloBytes, type AgentFrame } from '#shared/agent-protocol.ts';
import { HoopError } from '#shared/errors.ts';
import { audit } from '#db/audit.ts';
import {
  connectInstance,
  disconnectInstance,
  findAgentByTokenHash,
  findInstanceByKey,
  insertInstance,
  listOutdatedInstances,
  setDraining,
} from '#db/agents.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import type { Core } from './context.ts';
import { hashToken } from './passwords.ts';

export type AgentHello = Extract<AgentFrame, { type: 'hello' }>;

export interface ConnectedAgent {
  agentName: string;
  instanceId: string;
  journalId: string;
  /** Counts the connections of the instance; a newer one fences this. */
  epoch: number;
  features: readonly string[];
}

/** Checks who dials in and gives the connection its epoch. Throws `wrong_credentials`. */
export async function connectAgent(
  core: Core,
  gatewayId: string,
  nonce: string,
  hello: AgentHello,
): Promise<ConnectedAgent> {
  if (!provesKey(hello, nonce))
    throw new HoopError('wrong_credentials', 'The signature does not fit the key of the agent.');
  return inTransaction(core.db, async (tx) => {
    const { instanceId, agentName, enrolled } = await findOrEnrol(tx, hello);
    const { journalId, hostname, version, labels = {} } = hello;
    const epoch = await connectInstance(tx, { id: instanceId, gatewayId, journalId, hostname, version, labels });
    await notify(tx, { kind: 'agent', name: agentName });
    if (enrolled) {
      await audit(tx, {
        actor: `agent:${agentName}`,
        action: 'agent.enrol',
        subject: `agent_instance:${instanceId}`,
        details: { hostname },
      });
    }
    return { agentName, instanceId, journalId, epoch, features: hello.features ?? [] };
  });
}

export async function disconnectAgent(core: Core, agent: ConnectedAgent): Promise<void> {
  await disconnectInstance(core.db, agent.instanceId, agent.epoch);
  await notify(core.db, { kind: 'agent', name: agent.agentName });
}

/** Of these connections of the gateway those whose instance has dialled in elsewhere since, or was deleted. */
export function outdatedConnections(core: Core, gatewayId: string, agents: ConnectedAgent[]): Promise<string[]> {
  return listOutdatedInstances(core.db, gatewayId, agents);
}

/** It takes no new work from now on; who waits for it is told. */
export async function noteDraining(core: Core, agent: ConnectedAgent): Promise<void> {
  await setDraining(core.db, agent.instanceId, agent.epoch);
  await notify(core.db, { kind: 'agent', name: agent.agentName });
}

async function findOrEnrol(
  tx: Queryable,
  hello: AgentHello,
): Promise<{ instanceId: string; agentName: string; enrolled: boolean }> {
  const known = await findInstanceByKey(tx, hello.publicKey);
  if (known) return { instanceId: known.id, agentName: known.agentName, enrolled: false };
  if (hello.token === undefined) {
    throw new HoopError(
      'wrong_credentials',
      'This agent is not enrolled; start it with the token of `hoop admin create agent` in HOOP_AGENT_TOKEN.',
    );
  }
  const agent = await findAgentByTokenHash(tx, hashToken(hello.token));
  if (!agent) throw new HoopError('wrong_credentials', 'The token in HOOP_AGENT_TOKEN is not that of any agent.');
  const instanceId = await insertInstance(tx, agent.id, hello.publicKey, hello.journalId);
  return { instanceId, agentName: agent.name, enrolled: true };
}

function provesKey(hello: AgentHello, nonce: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(hello.publicKey, 'base64'), format: 'der', type: 'spki' });
    return (
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, helloBytes(nonce, hello.journalId), key, Buffer.from(hello.signature, 'base64'))
    );
  } catch {
    return false;
  }
}
