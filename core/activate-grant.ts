/** An approved grant of connect begins; an approved extension moves the end of the grant that it names. */
import { sessionEndText } from '#shared/grant-text.ts';
import { grantedSeconds } from '#shared/review-policy.ts';
import type { SessionState } from '#shared/session-states.ts';
import { readTimeWindow, windowAt } from '#shared/time-window.ts';
import { audit } from '#db/audit.ts';
import { activate, extend, listOpenUnder } from '#db/grants.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Database, type Queryable } from '#db/pool.ts';
import { insertNudge } from '#db/renewals.ts';
import { lockSession, type SessionRow } from '#db/sessions.ts';
import { findUser } from '#db/users.ts';
import { alignSession } from './align-session.ts';
import { finishLocked, type ProposedEnd } from './finish-session.ts';

/**
 * The state it has then: `active`, or `ended` for an extension; what it was where the rows do not allow it, or its time
 * window is closed. The clock starts at the approval, or when the window opens. Safe to repeat.
 */
export async function activateGrant(db: Database, sessionId: string): Promise<SessionState> {
  return inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new Error(`no session ${sessionId}`);
    if (session.kind !== 'connect' || session.state !== 'approved' || session.durationSeconds === null)
      return session.state;
    const now = new Date();
    const { as } = await alignSession(tx, session, { now });
    // `undefined`: another envelope, other approvals, or its end
    if (!as || as.outcome !== 'approved') return stateNow(tx, session);
    const requester = await findUser(tx, session.requesterId);
    if (!requester?.active) {
      return end(tx, session, { ...failed, message: 'The account of who asked is not active any more.' });
    }
    const { window } = as.envelope.policy;
    if (window !== undefined && !windowAt(readTimeWindow(window), now).open) return session.state;
    const seconds = grantedSeconds(as.review, session.durationSeconds);
    if (session.grantId !== null) return extendGrant(tx, session, session.grantId, seconds, now);
    const from = window === undefined ? (session.approvedAt ?? now) : now;
    const until = new Date(from.getTime() + seconds * 1000);
    await activate(tx, sessionId, until);
    await notify(tx, { kind: 'state', id: sessionId });
    await audit(tx, {
      ...{ actor: 'system:workflow', action: 'grant.activate', subject: `session:${sessionId}` },
      details: { digest: session.digest, seconds, until: until.toISOString() },
    });
    return 'active';
  });
}

async function extendGrant(
  tx: Queryable,
  session: SessionRow,
  grantId: string,
  seconds: number,
  now: Date,
): Promise<SessionState> {
  const grant = await lockSession(tx, grantId);
  if (grant?.state !== 'active' || grant.activeUntil === null || grant.activeUntil <= now) {
    return end(tx, session, { ...failed, message: 'The grant that it was to extend is over; ask for a new one.' });
  }
  const until = new Date(grant.activeUntil.getTime() + seconds * 1000);
  await extend(tx, grantId, until);
  await notify(tx, { kind: 'state', id: grantId });
  await insertNudge(tx, grantId);
  for (const id of await listOpenUnder(tx, grantId)) await notify(tx, { kind: 'extended', id });
  await audit(tx, {
    ...{ actor: 'system:workflow', action: 'grant.extend', subject: `session:${grantId}` },
    details: { by: session.id, seconds, until: until.toISOString() },
  });
  return end(tx, session, { state: 'ended', source: 'review', message: sessionEndText.extended(until) });
}

const failed = { state: 'failed', source: 'review', cause: 'grant_over' } as const;

async function end(tx: Queryable, session: SessionRow, how: ProposedEnd): Promise<SessionState> {
  return (await finishLocked(tx, session, how, 'system:workflow')).state;
}

async function stateNow(tx: Queryable, session: SessionRow): Promise<SessionState> {
  return (await lockSession(tx, session.id))?.state ?? session.state;
}
