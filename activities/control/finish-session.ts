/** Gives a session its end state: that of its run where one was consumed, else what the review came to. */
import { waitsAgainAfter, workflowCancelled } from '#shared/execute-failures.ts';
import { tallyReview } from '#shared/review-policy.ts';
import { waitsToRun } from '#shared/session-states.ts';
import type { ControlActivities, ReviewEnd } from '../types.ts';
import { alignSession } from '#core/align-session.ts';
import { endMessage } from '#core/end-message.ts';
import { finishRun } from '#core/finish-run.ts';
import { finishSession, type EndResult, type ProposedEnd } from '#core/finish-session.ts';
import { noteForgery } from '#core/note-forgery.ts';
import { loadReview, type LoadedReview } from '#core/review-facts.ts';
import { inTransaction, type Database } from '#db/pool.ts';
import { findRun } from '#db/runs.ts';
import { findSession, lockSession, type SessionRow } from '#db/sessions.ts';
import type { ControlDeps } from './index.ts';

export function createFinishSession({ db }: ControlDeps): ControlActivities['finishSession'] {
  return async ({ sessionId, review, cause }) => {
    const ended = await finishRun(db, sessionId);
    if (ended) return ended;
    const session = cause !== null && waitsAgainAfter.includes(cause) ? await aligned(db, sessionId) : undefined;
    if (session && (await waitsAgain(db, session, cause))) return { applied: false, state: session.state };
    if (review === 'cancelled' && cause === workflowCancelled) return finishSession(db, sessionId, cancelledByHand);
    const unheard = await endedUnheard(db, sessionId, review, cause);
    if (unheard) return { applied: false, state: unheard.state };
    return end(db, sessionId, review, cause);
  };
}

async function end(
  db: Database,
  sessionId: string,
  review: ReviewEnd | null,
  cause: string | null,
): Promise<EndResult> {
  const session = await findSession(db, sessionId);
  if (!session) throw new Error(`no session ${sessionId} to end`);
  return finishSession(db, sessionId, reviewEnd(session, await loadReview(db, session), review ?? 'failed', cause));
}

const cancelledByHand: ProposedEnd = {
  state: 'cancelled',
  source: 'review',
  message: 'Its workflow was cancelled by an operator in Temporal.',
  cause: 'workflow_ended',
};

/**
 * The session, when Temporal says that its `execute` has ended in a way that nothing in the rows bears out: nothing
 * was consumed, it is approved, and its time is not over. Whoever may write to Temporal can say so; it is tried again.
 */
async function endedUnheard(
  db: Database,
  sessionId: string,
  review: ReviewEnd | null,
  cause: string | null,
): Promise<SessionRow | undefined> {
  const isClaim = cause === null ? review === 'failed' : unheardOf.includes(cause);
  const session = isClaim ? await findSession(db, sessionId) : undefined;
  if (!session || !waitsToRun(session.state) || session.expiresAt.getTime() - clocksDifferMs <= Date.now())
    return undefined;
  const { outcome } = tallyReview(await loadReview(db, session));
  if (outcome !== 'approved' || (await findRun(db, sessionId))) return undefined;
  await noteForgery(db, { kind: 'temporal.forged_completion', sessionId, details: { cause: cause ?? 'completed' } });
  return session;
}

/** Failures of `execute` that the rows confirm where they are true; `internal`: one that it never has. */
const unheardOf = ['internal', 'run_expired', 'session_ended', 'agent_refused'];
const clocksDifferMs = 5_000;

/** The session as it is once it follows its connection and its reviewers. */
async function aligned(db: Database, sessionId: string): Promise<SessionRow | undefined> {
  await inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (session) await alignSession(tx, session, { now: new Date() });
  });
  return findSession(db, sessionId);
}

/** Whether what stopped the run is only a matter of other approvals, of the new envelope, or of time. */
async function waitsAgain(db: Database, session: SessionRow, cause: string | null): Promise<boolean> {
  if (!waitsToRun(session.state) || session.expiresAt <= new Date()) return false;
  const { outcome } = tallyReview(await loadReview(db, session));
  return outcome === 'open' || (outcome === 'approved' && cause !== 'run_not_approved');
}

export function createLoseRun({ db }: ControlDeps): ControlActivities['loseRun'] {
  return ({ sessionId }) =>
    finishSession(db, sessionId, {
      state: 'lost',
      source: 'run',
      message: 'The agent did not come back; nobody can tell whether the command ran to its end.',
      cause: 'agent_away',
    });
}

/** The rows have the last word: what failed because somebody had rejected it is rejected. */
function reviewEnd(session: SessionRow, facts: LoadedReview, asked: ReviewEnd, cause: string | null): ProposedEnd {
  const { outcome, settledBy } = tallyReview(facts);
  const settled = facts.decisions.find((decision) => decision.id === settledBy);
  const state = outcome === 'rejected' || outcome === 'cancelled' || outcome === 'revoked' ? outcome : asked;
  return { state, source: 'review', message: endMessage(session, state, settled, cause), cause };
}
