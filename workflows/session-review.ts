/** One session, from the request to its one end state. */
import { CancellationScope, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import { approve, cancel, progress, reject, revoke, started, type SessionRef } from './messages.ts';
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
  for (const signal of [approve, reject, cancel, revoke, started]) setHandler(signal, () => review.note());
  setDefaultSignalHandler(() => undefined); // an unknown name changes nothing
  setHandler(progress, () => ({ state: session.state, standing: review.standing }));

  const end = await endOf(session);

  session.show(end.state);
  if (end.state !== 'cancelled') board.tell(eventOf(end.state));
  await board.settled();
  return { state: end.state };
}

async function endOf(session: ReviewedSession): Promise<SessionEnd> {
  const { id: sessionId, review, state } = session;
  if (isEndState(state)) return { state }; // the workflow was started again
  while (review.isOpen()) {
    await condition(() => review.hasNews(), review.timeLeft(Date.now()), { summary: 'expiry of the request' });
    if (!review.hasNews()) break; // expired
    await session.readRows();
  }
  const run = review.isApproved() ? await runApproved(session) : undefined;
  return run ?? control.finishSession({ sessionId, review: review.end() ?? 'expired', cause: null });
}

function eventOf(state: SessionState): 'rejected' | 'expired' | 'revoked' | 'finished' {
  return state === 'rejected' || state === 'expired' || state === 'revoked' ? state : 'finished';
}
