/** The end of a grant: no more is opened under it, what runs is stopped, and then it is over. */
import { sessionEndText } from '#shared/grant-text.ts';
import { tallyReview } from '#shared/review-policy.ts';
import type { SessionState } from '#shared/session-states.ts';
import { audit } from '#db/audit.ts';
import { listOpenUnder } from '#db/grants.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Database, type Queryable } from '#db/pool.ts';
import { insertNudge } from '#db/renewals.ts';
import { lockSession, setState, type SessionRow } from '#db/sessions.ts';
import { findUser } from '#db/users.ts';
import { endMessage } from './end-message.ts';
import { finishLocked, type EndResult } from './finish-session.ts';
import { loadReview } from './review-facts.ts';

export interface Closing {
  state: SessionState;
  /** Commands under it whose workflows have to hear of it. */
  commands: string[];
}

/**
 * Closes an active grant whose time is over, that somebody revoked or gave back, or whose holder's account was closed;
 * leaves any other as it is. Safe to repeat: what is closing already names its commands again.
 */
export async function closeGrant(db: Database, sessionId: string): Promise<Closing> {
  const state = await inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new Error(`no session ${sessionId}`);
    if (session.state !== 'active') return session.state;
    const why = await whyOver(tx, session, new Date());
    if (why === null) return session.state;
    await setState(tx, sessionId, 'closing');
    await notify(tx, { kind: 'state', id: sessionId });
    await audit(tx, {
      ...{ actor: 'system:workflow', action: 'grant.close', subject: `session:${sessionId}`, details: { why } },
    });
    return 'closing' as const;
  });
  if (state !== 'closing') return { state, commands: [] };
  const commands = await listOpenUnder(db, sessionId);
  // not in the transaction above: who ends a command holds its lock and waits for that of the grant
  for (const id of commands) await insertNudge(db, id);
  return { state, commands };
}

async function whyOver(tx: Queryable, session: SessionRow, now: Date): Promise<string | null> {
  const { outcome } = tallyReview(await loadReview(tx, session));
  if (outcome === 'revoked' || outcome === 'cancelled') return outcome;
  if (session.activeUntil === null || session.activeUntil <= now) return 'time';
  const holder = await findUser(tx, session.requesterId);
  return holder?.active ? null : 'account';
}

/** Ends a closing grant once nothing runs under it any more; `late`: also while something may, as `lost`. */
export async function endGrant(db: Database, sessionId: string, late: boolean): Promise<EndResult> {
  return inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new Error(`no session ${sessionId}`);
    if (session.state === 'active') return { applied: false, state: session.state };
    const isBusy = (await listOpenUnder(tx, sessionId)).length > 0;
    if (isBusy && !late) return { applied: false, state: session.state };
    if (isBusy) {
      const lost = { state: 'lost', source: 'run', message: sessionEndText.lost, cause: 'agent_away' } as const;
      return finishLocked(tx, session, lost, 'system:workflow');
    }
    const facts = await loadReview(tx, session);
    const { outcome, settledBy } = tallyReview(facts);
    const by = facts.decisions.find(({ id }) => id === settledBy);
    if (outcome === 'revoked') {
      const message = endMessage(session, 'revoked', by, null);
      return finishLocked(tx, session, { state: 'revoked', source: 'run', message }, 'system:workflow');
    }
    const message = outcome === 'cancelled' ? sessionEndText.givenBack : sessionEndText.over;
    return finishLocked(tx, session, { state: 'ended', source: 'run', message }, 'system:workflow');
  });
}
