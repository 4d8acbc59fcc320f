/** The control activities of `sessionReview`: they read and write rows, nothing else. */
import type { ControlActivities } from '../types.ts';
import { activateGrant } from '#core/activate-grant.ts';
import { closeGrant, endGrant } from '#core/close-grant.ts';
import type { Database } from '#db/pool.ts';
import { createFinishSession, createLoseRun } from './finish-session.ts';
import { createLoadDecisions, createOpenReview } from './open-review.ts';
import { noteReminder } from '#core/note-reminder.ts';
import { recordState } from '#core/record-state.ts';

export interface ControlDeps {
  db: Database;
}

export function createControlActivities(deps: ControlDeps): ControlActivities {
  return {
    openReview: createOpenReview(deps),
    loadDecisions: createLoadDecisions(deps),
    recordState: ({ sessionId, state }) => recordState(deps.db, sessionId, state),
    finishSession: createFinishSession(deps),
    activateGrant: ({ sessionId }) => activateGrant(deps.db, sessionId),
    closeGrant: ({ sessionId }) => closeGrant(deps.db, sessionId),
    endGrant: ({ sessionId, late }) => endGrant(deps.db, sessionId, late),
    noteReminder: ({ sessionId }) => noteReminder(deps.db, sessionId),
    loseRun: createLoseRun(deps),
  };
}
