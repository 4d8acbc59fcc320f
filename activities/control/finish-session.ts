/** Gives a session its end state: that of its run where one was consumed, else what the review came to. */
import { tallyReview } from '#shared/review-policy.ts';
import type { ControlActivities, ReviewEnd } from '../types.ts';
import { endMessage } from '#core/end-message.ts';
import { finishRun } from '#core/finish-run.ts';
import { finishSession, type ProposedEnd } from '#core/finish-session.ts';
import { loadReview, type LoadedReview } from '#core/review-facts.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { ControlDeps } from './index.ts';

export function createFinishSession({ db }: ControlDeps): ControlActivities['finishSession'] {
  return async ({ sessionId, review, cause }) => {
    const ended = await finishRun(db, sessionId);
    if (ended) return ended;
    const session = await findSession(db, sessionId);
    if (!session) throw new Error(`no session ${sessionId} to end`);
    return finishSession(db, sessionId, reviewEnd(session, await loadReview(db, session), review ?? 'failed', cause));
  };
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
