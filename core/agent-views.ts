/** Agents as the API shows them; for admins. */
import type { AgentView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findAgent, listAgents, listInstances, type AgentRow } from '#db/agents.ts';
import { requireAdmin, type Context, type Core } from './context.ts';

export async function agentViewOf(core: Pick<Core, 'db'>, agent: AgentRow): Promise<AgentView> {
  const instances = await listInstances(core.db, agent.id);
  return {
    id: agent.id,
    name: agent.name,
    online: instances.some((instance) => instance.online),
    createdAt: agent.createdAt.toISOString(),
    instances: instances.map((instance) => ({
      id: instance.id,
      hostname: instance.hostname,
      version: instance.version,
      online: instance.online,
      connectedAt: instance.connectedAt?.toISOString() ?? null,
      lastSeenAt: instance.lastSeenAt?.toISOString() ?? null,
    })),
    connections: agent.connections,
  };
}

export async function listAgentViews(ctx: Context): Promise<AgentView[]> {
  requireAdmin(ctx);
  const agents = await listAgents(ctx.core.db);
  return Promise.all(agents.map((agent) => agentViewOf(ctx.core, agent)));
}

/** Throws `not_found`. */
export async function getAgentView(ctx: Context, name: string): Promise<AgentView> {
  requireAdmin(ctx);
  const agent = await findAgent(ctx.core.db, name);
  if (!agent) throw agentNotFound(name);
  return agentViewOf(ctx.core, agent);
}

export const agentNotFound = (name: string): HoopError => new HoopError('not_found', `There is no agent ${name}.`);
