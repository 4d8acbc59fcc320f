/** The second half of a grant: it lasts until its time, and is over once nothing runs under it. */
import { condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { isEndState } from '#shared/session-states.ts';
import { workflowId } from '#shared/task-queues.ts';
import type { Ended } from '#activities/types.ts';
import { closingAtMostMs, tryAgainAfterMs } from './activity-options.ts';
import { renewed } from './messages.ts';
import { control, type ReviewedSession } from './reviewed-session.ts';

type GrantEnd = Pick<Ended, 'state' | 'inSlack'>;

/** Holds an approved grant to its end. Undefined: it is not active, as the session waits again. */
export async function holdGrant(session: ReviewedSession): Promise<GrantEnd | undefined> {
  const { id: sessionId, review } = session;
  const state = await control.activateGrant({ sessionId });
  if (isEndState(state)) return { state };
  await session.readRows();
  while (session.state === 'active') {
    const left = session.grantLeft(Date.now());
    const isOver = left === 0 || review.end() !== null;
    if (isOver) await close(session);
    // clocks differ: the rows may find that a moment is left
    const patience = isOver ? tryAgainAfterMs : left;
    if (session.state === 'active') await condition(() => review.hasNews(), patience, { summary: 'end of the grant' });
    if (review.hasNews()) await session.readRows();
  }
  return session.state === 'closing' ? untilNothingRuns(session) : undefined;
}

async function close(session: ReviewedSession): Promise<void> {
  const { state, commands } = await control.closeGrant({ sessionId: session.id });
  if (state !== session.state) session.show(state);
  await Promise.all(commands.map(tellOther));
}

/** What runs under it is stopped, each by its own workflow, which says so here. */
async function untilNothingRuns(session: ReviewedSession): Promise<GrantEnd> {
  const { id: sessionId, review } = session;
  await close(session); // once more where another run of this workflow did not come so far
  const until = Date.now() + closingAtMostMs;
  for (;;) {
    const end = await control.endGrant({ sessionId, late: Date.now() >= until });
    if (end.applied) return end;
    await condition(() => review.hasNews(), Math.max(1, until - Date.now()), { summary: 'commands are stopped' });
    if (review.hasNews()) await session.readRows();
  }
}

/** Has the workflow of another session look at its rows; one that is over has no need to. */
export async function tellOther(sessionId: string): Promise<void> {
  await getExternalWorkflowHandle(workflowId(sessionId))
    .signal(renewed, sessionId)
    .catch(() => undefined);
}
