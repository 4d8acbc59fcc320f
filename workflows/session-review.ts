/** One session, from the request to its one end state. */
import { CancellationScope, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import { tryAgainAfterMs } from './activity-options.ts';
import { approve, cancel, progress, reject, renewed, revoke, started, type SessionRef } from './messages.ts';
import { control, ReviewedSession } from './reviewed-session.ts';
import { runApproved } from './run-approved.ts';

export interface SessionEnd {
  state: SessionState;
}

/**
 * A cancellation from Temporal's side changes nothing: sessions end by what the rows say, and a workflow that gave up
 * would leave its session without an end.
 */
export function sessionReview(ref: SessionRef): Promise<SessionEnd> {
  return CancellationScope.nonCancellable(() => reviewToItsEnd(ref));
}

async function reviewToItsEnd(ref: SessionRef): Promise<SessionEnd> {
  const { sessionId } = ref;
  const session = new ReviewedSession(ref, await control.openReview({ sessionId }));
  const { review, board } = session;
  for (const signal of [approve, reject, cancel, revoke, started, renewed]) setHandler(signal, () => review.note());
  setDefaultSignalHandler(() => undefined); // an unknown name changes nothing
  setHandler(progress, () => ({ state: session.state, standing: review.standing }));

  const end = await endOf(session);

  session.show(end.state);
  if (end.state !== 'cancelled') board.tell(eventOf(end.state));
  await board.settled();
  return { state: end.state };
}

/** Approvals and windows come and go until the command begins: what was ready to run may have to wait again. */
async function endOf(session: ReviewedSession): Promise<SessionEnd> {
  const { id: sessionId, review } = session;
  if (isEndState(session.state)) return { state: session.state }; // the workflow was started again
  for (;;) {
    await decided(session);
    if (session.hasEnded()) return { state: session.state };
    if (!review.isApproved()) break;
    // complete without a further decision, e.g. because somebody joined a group
    if (session.state === 'pending') session.show(await control.recordState({ sessionId, state: 'approved' }));
    session.tellApproved();
    if (session.untilWindow(Date.now()) === 0 || (await windowOpens(session))) {
      const end = await runApproved(session);
      if (end) return end;
      await session.readRows();
      await condition(() => review.hasNews(), tryAgainAfterMs, { summary: 'before the next try' });
    }
    if (review.isExpired(Date.now())) break;
  }
  return control.finishSession({ sessionId, review: review.end() ?? 'expired', cause: null });
}

/** Resolves when reviewers have decided, the request has expired, or the rows have its end. */
async function decided(session: ReviewedSession): Promise<void> {
  const { review } = session;
  while (review.isOpen() && !session.hasEnded()) {
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
