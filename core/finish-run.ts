/** The end of a consumed run, from the agent's report that is kept with it. */
import { exitedFrame, type ExitedFrame } from '#shared/agent-protocol.ts';
import { lostAfterMs } from '#shared/execute-failures.ts';
import { tallyReview } from '#shared/review-policy.ts';
import type { Database } from '#db/pool.ts';
import { findRun, isRunGone } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';
import { endOfRun, finishSession, type EndResult, type ProposedEnd } from './finish-session.ts';
import { endMessage, grantOver } from './end-message.ts';
import { loadReview, type LoadedReview } from './review-facts.ts';

/** Ends the session as its run ended; undefined while no report is there. Ending it again changes nothing. */
export async function finishRun(db: Database, sessionId: string): Promise<EndResult | undefined> {
  const report = (await findRun(db, sessionId))?.exited ?? null;
  if (report === null) return undefined;
  const exited = exitedFrame.safeParse(report);
  if (!exited.success) return finishSession(db, sessionId, unreadable);
  const end = endOfRun(exited.data);
  if (end.cause === 'run_time' && (await isGrantOver(db, sessionId))) {
    return finishSession(db, sessionId, { ...end, state: 'revoked', message: grantOver, cause: null });
  }
  if (end.state !== 'revoked' && end.cause !== 'start_failed') return finishSession(db, sessionId, end);
  // an order that was sent again after the revocation did not begin
  const stopped = await stoppedEnd(db, exited.data, end);
  return finishSession(db, sessionId, end.state === 'revoked' || stopped.state === 'revoked' ? stopped : end);
}

/** Ends a run as lost when the one journal that may report its end is gone; undefined while it may come back. */
export async function loseGoneRun(db: Database, sessionId: string): Promise<EndResult | undefined> {
  if (!(await isRunGone(db, sessionId, lostAfterMs))) return undefined;
  return finishSession(db, sessionId, {
    state: 'lost',
    source: 'run',
    message: 'The agent did not come back with the journal of the run; nobody can tell whether it ran to its end.',
    cause: 'agent_away',
  });
}

const unreadable: ProposedEnd = {
  state: 'lost',
  source: 'run',
  message: "The agent's report of the end cannot be read.",
  cause: 'report_unreadable',
};

/** The agent ends what runs under a grant by itself when its time is over, a moment before or after everybody else. */
async function isGrantOver(db: Database, sessionId: string): Promise<boolean> {
  const session = await findSession(db, sessionId);
  const grant = session?.grantId ? await findSession(db, session.grantId) : undefined;
  return (
    grant !== undefined &&
    (grant.state !== 'active' || (grant.activeUntil?.getTime() ?? 0) <= Date.now() + agentEarlyMs)
  );
}

const agentEarlyMs = 3_000;

/** What was stopped was revoked when somebody revoked it; else the agent had to give it up, and says why. */
async function stoppedEnd(db: Database, { sessionId }: ExitedFrame, end: ProposedEnd): Promise<ProposedEnd> {
  const session = await findSession(db, sessionId);
  if (!session) throw new Error(`no session ${sessionId} to end`);
  const facts: LoadedReview = await loadReview(db, session);
  const { outcome, settledBy } = tallyReview(facts);
  if (outcome !== 'revoked') return { ...end, state: 'failed', cause: 'stopped' };
  const by = facts.decisions.find((decision) => decision.id === settledBy);
  return { ...end, state: 'revoked', cause: null, message: endMessage(session, 'revoked', by, null) };
}
