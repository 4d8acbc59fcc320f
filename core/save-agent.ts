import type { AgentView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findAgent, insertAgent, setAgentToken } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import { inTransaction } from '#db/pool.ts';
import { agentViewOf } from './agent-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';
import { newToken } from './passwords.ts';

export interface SavedAgent {
  view: AgentView;
  /** To enrol with; stored as a hash, so this is the one time it is seen. */
  token: string;
  created: boolean;
}

/**
 * Makes an agent with a token, or gives an agent that is there a new one: the token before it enrols nobody any more,
 * agents that have enrolled go on with their keys. Throws `name_taken` unless `overwrite` is set.
 */
export async function saveAgent(ctx: Context, input: { name: string; overwrite?: boolean }): Promise<SavedAgent> {
  requireAdmin(ctx);
  const { token, hash } = newToken('hoop_agent');
  const created = await inTransaction(ctx.core.db, async (tx) => {
    const inserted = await insertAgent(tx, input.name, hash);
    if (!inserted) {
      if (!input.overwrite) {
        throw new HoopError(
          'name_taken',
          `There is an agent ${input.name} already; --overwrite gives it a new token, and the old one ends.`,
        );
      }
      const agent = await findAgent(tx, input.name);
      if (!agent) throw new HoopError('not_found', `The agent ${input.name} was deleted just now.`);
      await setAgentToken(tx, agent.id, hash);
    }
    await audit(tx, {
      actor: actorName(ctx.actor),
      action: inserted ? 'agent.create' : 'agent.new_token',
      subject: `agent:${input.name}`,
    });
    return inserted;
  });
  const agent = await findAgent(ctx.core.db, input.name);
  if (!agent) throw new HoopError('not_found', `The agent ${input.name} was deleted just now.`);
  return { view: await agentViewOf(ctx.core, agent), token, created };
}
