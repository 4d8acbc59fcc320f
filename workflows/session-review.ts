/** One session, from the request to its one end state. */
import { condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { SessionState } from '#shared/session-states.ts';
import { approve, cancel, progress, reject, revoke, started, type SessionRef } from './messages.ts';
import { control, ReviewedSession } from './reviewed-session.ts';
import { runApproved } from './run-approved.ts';

export interface SessionEnd {
  state: SessionState;
}

export async function sessionReview(ref: SessionRef): Promise<SessionEnd> {
  const { sessionId } = ref;
  const session = new ReviewedSession(ref, await control.openReview({ sessionId }));
  const { review, board } = session;
  for (const signal of [approve, reject, cancel, revoke, started]) setHandler(signal, () => review.note());
  setDefaultSignalHandler(() => undefined); // an unknown name changes nothing
  setHandler(progress, () => ({ state: session.state, standing: review.standing }));

  while (review.isOpen()) {
    await condition(() => review.hasNews(), review.timeLeft(Date.now()), { summary: 'expiry of the request' });
    if (!review.hasNews()) break; // expired
    await session.readRows();
  }
  const run = review.isApproved() ? await runApproved(session) : undefined;
  const end = run ?? (await control.finishSession({ sessionId, review: review.end() ?? 'expired', cause: null }));

  session.show(end.state);
  if (end.state !== 'cancelled') board.tell(eventOf(end.state));
  await board.settled();
  return { state: end.state };
}

function eventOf(state: SessionState): 'rejected' | 'expired' | 'revoked' | 'finished' {
  return state === 'rejected' || state === 'expired' || state === 'revoked' ? state : 'finished';
}
