/** The control activities of `sessionReview`: they read and write rows, nothing else. */
import type { ControlActivities, Ended } from '../types.ts';
import { activateGrant } from '#core/activate-grant.ts';
import { closeGrant, endGrant } from '#core/close-grant.ts';
import type { Database } from '#db/pool.ts';
import { findInSlack } from '#db/slack-direct-messages.ts';
import { createFinishSession, createLoseRun } from './finish-session.ts';
import { createLoadDecisions, createOpenReview } from './open-review.ts';
import { noteReminder } from '#core/note-reminder.ts';
import { recordState } from '#core/record-state.ts';

export interface ControlDeps {
  db: Database;
}

export function createControlActivities(deps: ControlDeps): ControlActivities {
  const finishSession = createFinishSession(deps);
  const loseRun = createLoseRun(deps);
  // who is told of the end may have come to Slack since the rows were read
  const ended = async (sessionId: string, end: Promise<Ended>): Promise<Ended> => ({
    ...(await end),
    inSlack: await findInSlack(deps.db, sessionId, []),
  });
  return {
    openReview: createOpenReview(deps),
    loadDecisions: createLoadDecisions(deps),
    recordState: ({ sessionId, state }) => recordState(deps.db, sessionId, state),
    finishSession: (end) => ended(end.sessionId, finishSession(end)),
    activateGrant: ({ sessionId }) => activateGrant(deps.db, sessionId),
    closeGrant: ({ sessionId }) => closeGrant(deps.db, sessionId),
    endGrant: ({ sessionId, late }) => ended(sessionId, endGrant(deps.db, sessionId, late)),
    noteReminder: ({ sessionId }) => noteReminder(deps.db, sessionId),
    loseRun: (key) => ended(key.sessionId, loseRun(key)),
  };
}
