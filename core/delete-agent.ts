import { HoopError } from '#shared/errors.ts';
import { countOpenSessions, deleteAgent, findAgent } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint } from '#db/pool.ts';
import { agentNotFound } from './agent-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';

/** Removes an agent with its keys. Throws `not_found`, and `agent_in_use` while connections or sessions need it. */
export async function removeAgent(ctx: Context, name: string): Promise<void> {
  requireAdmin(ctx);
  try {
    await inTransaction(ctx.core.db, async (tx) => {
      const agent = await findAgent(tx, name);
      if (!agent) throw agentNotFound(name);
      if (agent.connections.length > 0) throw inUse(name, `the connections ${agent.connections.join(', ')} use it`);
      const open = await countOpenSessions(tx, name);
      if (open > 0) throw inUse(name, `${open} of its sessions ${open === 1 ? 'has' : 'have'} not ended yet`);
      await deleteAgent(tx, agent.id);
      await notify(tx, { kind: 'agent', name });
      await audit(tx, { actor: actorName(ctx.actor), action: 'agent.delete', subject: `agent:${name}` });
    });
  } catch (error) {
    if (violatedConstraint(error) === 'connections_agent_id_fkey') throw inUse(name, 'a connection uses it');
    throw error;
  }
}

function inUse(name: string, why: string): HoopError {
  return new HoopError('agent_in_use', `The agent ${name} cannot be deleted: ${why}.`);
}
