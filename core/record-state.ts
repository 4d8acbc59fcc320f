/** The workflow says how far a session is: written where the rows, as they are by now, bear it out. */
import { tallyReview } from '#shared/review-policy.ts';
import { nextStates, type SessionState } from '#shared/session-states.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Database } from '#db/pool.ts';
import { lockSession, setState } from '#db/sessions.ts';
import { loadReview } from './review-facts.ts';

/**
 * Moves an open session forward and gives its state; does nothing when it is there, further on, has ended, or is not
 * approved any more because its connection or its reviewers changed since the workflow read them.
 */
export async function recordState(
  db: Database,
  sessionId: string,
  state: 'approved' | 'queued',
): Promise<SessionState> {
  return inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new Error(`no session ${sessionId}`);
    if (session.state === state || !nextStates[session.state].includes(state)) return session.state;
    if (tallyReview(await loadReview(tx, session)).outcome !== 'approved') return session.state;
    await setState(tx, sessionId, state);
    await notify(tx, { kind: 'state', id: sessionId });
    return state;
  });
}
