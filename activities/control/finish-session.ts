/** Gives a session its end state: that of its run where one was consumed, else what the review came to. */
import { exitedFrame, type ExitedFrame } from '#shared/agent-protocol.ts';
import { tallyReview } from '#shared/review-policy.ts';
import type { ControlActivities, ReviewEnd } from '../types.ts';
import { endOfRun, finishSession, type ProposedEnd } from '#core/finish-session.ts';
import { loadReview, type LoadedReview } from '#core/review-facts.ts';
import type { DecisionRow } from '#db/decisions.ts';
import { findRun } from '#db/runs.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { ControlDeps } from './index.ts';

const causes: Record<string, string> = {
  connection_changed: 'The connection was changed after this was asked; ask again.',
  run_not_approved: 'The decisions do not allow this to run any more; ask again.',
  policy_missing: 'The review policy of the connection cannot be read, so nothing runs on it.',
  agent_refused: 'The agent refused to run it.',
};

export function createFinishSession({ db }: ControlDeps): ControlActivities['finishSession'] {
  return async ({ sessionId, review, cause }) => {
    const [run, session] = [await findRun(db, sessionId), await findSession(db, sessionId)];
    if (!session) throw new Error(`no session ${sessionId} to end`);
    const facts = await loadReview(db, session);
    const exited = run && exitedFrame.safeParse(run.exited);
    if (exited?.success) return finishSession(db, sessionId, runEnd(session, facts, exited.data));
    return finishSession(db, sessionId, reviewEnd(session, facts, review ?? 'failed', cause));
  };
}

/** What was stopped was revoked when somebody revoked it; else the agent had to give it up, and says why. */
function runEnd(session: SessionRow, facts: LoadedReview, exited: ExitedFrame): ProposedEnd {
  const end = endOfRun(exited);
  if (end.state !== 'revoked') return end;
  const { outcome, settledBy } = tallyReview(facts);
  if (outcome !== 'revoked') return { ...end, state: 'failed', cause: 'stopped' };
  const by = facts.decisions.find((decision) => decision.id === settledBy);
  return { ...end, message: messageOf(session, 'revoked', by, null) };
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
  return { state, source: 'review', message: messageOf(session, state, settled, cause), cause };
}

function messageOf(
  session: SessionRow,
  state: ReviewEnd,
  by: DecisionRow | undefined,
  cause: string | null,
): string | null {
  const who = by ? by.userName || by.userEmail : 'somebody';
  const why = by?.reason ? `: ${by.reason}` : '';
  switch (state) {
    case 'rejected':
      return `Rejected by ${who}${why}`;
    case 'revoked':
      return `Revoked by ${who}${why}`;
    case 'cancelled':
      return `Withdrawn by ${by ? who : 'the requester'}${why}`;
    case 'expired':
      return session.approvedAt
        ? `The agent ${session.agentName} did not take it in time.`
        : 'Nobody completed the review in time.';
    case 'failed':
      return causes[cause ?? ''] ?? 'Something went wrong inside hoop; the log says what.';
  }
}
