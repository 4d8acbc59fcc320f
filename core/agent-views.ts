/** Agents as the API shows them; for admins. */
import type { AgentView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findAgent, listAgents, listInstances, type AgentRow } from '#db/agents.ts';
import { listRunsOfAgent } from '#db/run-limits.ts';
import { requireAdmin, type Context, type Core } from './context.ts';

export async function agentViewOf(core: Pick<Core, 'db'>, agent: AgentRow): Promise<AgentView> {
  const [instances, runs] = await Promise.all([listInstances(core.db, agent.id), listRunsOfAgent(core.db, agent.id)]);
  return {
    id: agent.id,
    name: agent.name,
    online: instances.some((instance) => instance.online),
    maxRuns: agent.maxRuns,
    createdAt: agent.createdAt.toISOString(),
    instances: instances.map((instance) => ({
      id: instance.id,
      hostname: instance.hostname,
      version: instance.version,
      online: instance.online,
      gateway: instance.online ? instance.gateway : null,
      draining: instance.online && instance.draining,
      labels: instance.labels,
      roundTripMs: instance.online ? instance.roundTripMs : null,
      running: runs.filter((run) => run.instanceId === instance.id).map((run) => run.sessionId),
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
