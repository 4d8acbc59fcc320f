/**
 * What a crash left between two steps is found in the rows and carried on: sessions written and not started, decisions
 * written and not signalled, requests past their time or of closed accounts. Any replica may run it; one at a time does.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import { listNotSignalled, markSignalled, type UnsignalledDecision } from '#db/decisions.ts';
import { findSession, listNotStarted } from '#db/sessions.ts';
import { listOverdue } from '#db/sweep.ts';
import { followChanges } from './align-session.ts';
import type { Core } from './context.ts';
import { signalDecision } from './decide-review.ts';
import { endMessage } from './end-message.ts';
import { endLeftOpen } from './end-sessions-of.ts';
import { finishSession } from './finish-session.ts';
import { settleWorkflow } from './settle-workflow.ts';
import { startWorkflow } from './start-session.ts';
import { alone, carryOn, locks } from './sweep-parts.ts';

const batch = 200;
/** A workflow has this long to end its session by itself once it has expired. */
const overdueMs = 30_000;

export interface Swept {
  started: number;
  signalled: number;
  expired: number;
  /** Of closed accounts. */
  revoked: number;
}

/** One round over what is older than `olderThanMs`; null when another replica is at it. */
export async function sweep(core: Core, olderThanMs: number): Promise<Swept | null> {
  return alone(core, locks.rows, async () => {
    await followChanges(core, olderThanMs);
    return {
      started: await startMissing(core, olderThanMs),
      signalled: await signalMissing(core, olderThanMs),
      expired: await expireOverdue(core),
      revoked: await endLeftOpen(core, batch),
    };
  });
}

async function startMissing(core: Core, olderThanMs: number): Promise<number> {
  let started = 0;
  for (const sessionId of await listNotStarted(core.db, olderThanMs, batch)) {
    await carryOn(core, sessionId, async () => {
      // its workflow may be one that ended by hand: another shows the end that the session got then
      await startWorkflow(core, sessionId, 'again');
      core.log.info({ sessionId }, 'started a workflow that was written and not started');
      started += 1;
    });
  }
  return started;
}

async function signalMissing(core: Core, olderThanMs: number): Promise<number> {
  let signalled = 0;
  for (const decision of await listNotSignalled(core.db, olderThanMs, batch)) {
    await carryOn(core, decision.sessionId, async () => {
      await signalOrSettle(core, decision);
      core.log.info({ sessionId: decision.sessionId, decisionId: decision.id }, 'signalled a decision again');
      signalled += 1;
    });
  }
  return signalled;
}

/** A workflow that is over hears nothing: what became of it decides what becomes of its session. */
async function signalOrSettle(core: Core, decision: UnsignalledDecision): Promise<void> {
  try {
    await signalDecision(core, decision);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await settleWorkflow(core, decision.sessionId);
    await markSignalled(core.db, decision.id);
  }
}

/** Ends what its workflow should have ended, e.g. because its tasks fail; the workflow finds the end there. */
async function expireOverdue(core: Core): Promise<number> {
  let expired = 0;
  for (const sessionId of await listOverdue(core.db, overdueMs, batch)) {
    await carryOn(core, sessionId, async () => {
      const session = await findSession(core.db, sessionId);
      if (!session) return;
      const message = endMessage(session, 'expired', undefined, null);
      const { applied } = await finishSession(core.db, sessionId, { state: 'expired', source: 'review', message });
      if (applied) expired += 1;
    });
  }
  return expired;
}
