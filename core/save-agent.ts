import type { AgentView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findAgent, insertAgent, setAgentMaxRuns, setAgentToken } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { agentViewOf } from './agent-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';
import { newToken } from './passwords.ts';

export interface SavedAgent {
  view: AgentView;
  /** To enrol with; stored as a hash, so this is the one time it is seen. Absent: it has the one it had. */
  token?: string;
  created: boolean;
}

/**
 * Makes an agent with a token, or gives an agent that is there a new one: the token before it enrols nobody any more,
 * agents that have enrolled go on with their keys. One whose limit is changed keeps its token. Throws `name_taken` unless `overwrite` is set.
 */
export async function saveAgent(
  ctx: Context,
  input: { name: string; maxRuns?: number | undefined; overwrite?: boolean },
): Promise<SavedAgent> {
  requireAdmin(ctx);
  const { maxRuns } = input;
  const { token, hash } = newToken('hoop_agent');
  const renews = maxRuns === undefined;
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
      if (renews) await setAgentToken(tx, agent.id, hash);
    }
    if (maxRuns !== undefined) await setAgentMaxRuns(tx, input.name, maxRuns);
    // more may run at once than before
    if (!inserted && maxRuns !== undefined) await notify(tx, { kind: 'place', agent: input.name });
    await notify(tx, { kind: 'changed', topic: 'agents' });
    await audit(tx, {
      actor: actorName(ctx.actor),
      action: inserted ? 'agent.create' : renews ? 'agent.new_token' : 'agent.change',
      subject: `agent:${input.name}`,
      details: maxRuns === undefined ? {} : { maxRuns },
    });
    return inserted;
  });
  const agent = await findAgent(ctx.core.db, input.name);
  if (!agent) throw new HoopError('not_found', `The agent ${input.name} was deleted just now.`);
  const view = await agentViewOf(ctx.core, agent);
  return { view, ...((created || renews) && { token }), created };
}
