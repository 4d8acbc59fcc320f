/** What agents still hold in their journals, against the rows. */
import { isEndState } from '#shared/session-states.ts';
import { findSession } from '#db/sessions.ts';
import type { Core } from './context.ts';

/** Whether the agent may drop a run: the session has its end, or was never heard of. */
export async function mayForget(core: Core, sessionId: string): Promise<boolean> {
  const session = await findSession(core.db, sessionId);
  return session === undefined || isEndState(session.state);
}
