/** An agent that is being stopped hands an order back: nothing of it ran there, and nothing will. */
import { holdsEpoch } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { deleteRun, findRun } from '#db/runs.ts';
import { lockSession, setState } from '#db/sessions.ts';
import type { AgentLine } from './agent-line.ts';
import type { Core } from './context.ts';

/**
 * Gives the approval back, so that another instance may consume it. False, and the run stays with its journal, unless
 * `line` is still the one connection of the instance: over a newer one the same order may be on its way already.
 */
export async function releaseRun(core: Core, sessionId: string, nonce: string, line: AgentLine): Promise<boolean> {
  return inTransaction(core.db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    const run = await findRun(tx, sessionId);
    const isHandedBack =
      session?.state === 'running' &&
      session.outputBytes === 0 &&
      run?.nonce === nonce &&
      run.agentInstanceId === line.instanceId &&
      run.exited === null;
    if (!isHandedBack || !(await holdsEpoch(tx, line.instanceId, line.epoch))) return false;
    await deleteRun(tx, sessionId);
    // the one way back from `running`, which nobody else may go
    await setState(tx, sessionId, 'queued');
    await notify(tx, { kind: 'state', id: sessionId });
    await notify(tx, { kind: 'place', agent: session.agentName, connection: session.connectionId ?? undefined });
    await audit(tx, {
      actor: `agent:${line.agentName}`,
      action: 'run.hand_back',
      subject: `session:${sessionId}`,
      details: { agentInstance: line.instanceId },
    });
    return true;
  });
}
