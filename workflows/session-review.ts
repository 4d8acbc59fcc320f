/** One session, from the request to its one end state. */
import { CancellationScope, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { workflowCancelled } from '#shared/execute-failures.ts';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import type { Ended } from '#activities/types.ts';
import { tryAgainAfterMs } from './activity-options.ts';
import { approve, cancel, progress, reject, renewed, revoke, started, type SessionRef } from './messages.ts';
import { control, ReviewedSession } from './reviewed-session.ts';
import { holdGrant, tellOther } from './hold-grant.ts';
import { runApproved } from './run-approved.ts';
import { askWays } from './ways.ts';

export interface SessionEnd {
  state: SessionState;
}

/**
 * A cancellation from Temporal's side ends the session while nothing has run, and changes nothing after: a workflow
 * that gave up would leave its session without an end.
 */
export function sessionReview(ref: SessionRef): Promise<SessionEnd> {
  const { cancelRequested } = CancellationScope.current();
  return CancellationScope.nonCancellable(() => reviewToItsEnd(ref, cancelRequested));
}

async function reviewToItsEnd(ref: SessionRef, cancelRequested: Promise<never>): Promise<SessionEnd> {
  const ways = askWays(); // before anything else
  // whoever may write to Temporal can start it with any input: opening it fails where that is not its session
  const session = new ReviewedSession(ref, await control.openReview(ref), ways);
  const { review, board } = session;
  for (const signal of [approve, reject, cancel, revoke, started, renewed]) setHandler(signal, (id) => review.note(id));
  setDefaultSignalHandler(() => undefined); // an unknown name changes nothing
  setHandler(progress, () => ({ state: session.state, standing: review.standing }));

  const cancelled = (): void => {
    if (!ways.isOld) void CancellationScope.nonCancellable(() => cancelByHand(session));
  };
  cancelRequested.catch(cancelled);

  const end = await endOf(session);

  session.noteInSlack(end.inSlack);
  session.show(end.state);
  if (end.state !== 'cancelled') board.tell(eventOf(end.state));
  const settled = board.settled();
  // the grant that it ran under may wait for it, or lasts longer now
  if (session.grant !== undefined) await tellOther(session.grant);
  await settled;
  return { state: end.state };
}

/** Approvals and windows come and go until the command begins: what was ready to run may have to wait again. */
async function endOf(session: ReviewedSession): Promise<Pick<Ended, 'state' | 'inSlack'>> {
  const { id: sessionId, review } = session;
  if (isEndState(session.state)) return { state: session.state }; // the workflow was started again
  for (;;) {
    await decided(session);
    if (session.hasEnded()) return { state: session.state };
    if (!review.isApproved() && !session.takesOver()) break;
    // complete without a further decision, e.g. because somebody joined a group
    if (session.state === 'pending') session.pass(await control.recordState({ sessionId, state: 'approved' }));
    if (session.state === 'pending') {
      await session.readRows(); // what approved it is not what it is now
      continue;
    }
    session.tellApproved();
    if (session.untilWindow(Date.now()) === 0 || session.takesOver() || (await windowOpens(session))) {
      const end = session.isGrant ? await holdGrant(session) : await runApproved(session);
      if (end) return end;
      await session.readRows();
      await condition(() => review.hasNews(), tryAgainAfterMs, { summary: 'before the next try' });
    }
    if (review.isExpired(Date.now())) break;
  }
  return control.finishSession({ sessionId, review: review.end() ?? 'expired', cause: null });
}

/** The rows have the end then, where nothing was consumed; the story goes on from them. */
async function cancelByHand({ id: sessionId, review }: ReviewedSession): Promise<void> {
  await control.finishSession({ sessionId, review: 'cancelled', cause: workflowCancelled });
  review.note(sessionId);
}

/** Resolves when reviewers have decided, the request has expired, or the rows have its end. */
async function decided(session: ReviewedSession): Promise<void> {
  const { review } = session;
  while (review.isOpen() && !session.hasEnded() && !session.takesOver()) {
    await condition(() => review.hasNews(), review.patience(Date.now()), { summary: 'expiry of the request' });
    if (review.hasNews()) await session.readRows();
    else if (review.takeReminder(Date.now())) await remind(session);
    else return; // expired
  }
}

async function remind(session: ReviewedSession): Promise<void> {
  if (!(await control.noteReminder({ sessionId: session.id }))) return;
  session.board.show(true);
  session.board.remind();
}

/** False: while its window was closed, something else became of it. */
async function windowOpens(session: ReviewedSession): Promise<boolean> {
  const { review } = session;
  session.show(session.state);
  for (let left = session.untilWindow(Date.now()); left > 0; left = session.untilWindow(Date.now())) {
    const patience = Math.min(left, review.timeLeft(Date.now()));
    await condition(() => review.hasNews(), patience, { summary: 'time window of the connection' });
    if (review.isExpired(Date.now())) return false;
    if (review.hasNews()) await session.readRows();
    if (!review.isApproved() || session.hasEnded()) return false;
  }
  return true;
}

function eventOf(state: SessionState): 'rejected' | 'expired' | 'revoked' | 'finished' {
  return state === 'rejected' || state === 'expired' || state === 'revoked' ? state : 'finished';
}
