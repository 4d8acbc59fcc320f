/**
 * What a crash left between two steps is found and carried on: sessions written and not started, decisions written
 * and not signalled. Any replica may run it; one at a time does.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import { listNotSignalled, markSignalled } from '#db/decisions.ts';
import { listNotStarted } from '#db/sessions.ts';
import type { Core } from './context.ts';
import { signalDecision } from './decide-review.ts';
import { startWorkflow } from './start-session.ts';

const lockKey = 7_266_012;
const batch = 200;

export interface Swept {
  started: number;
  signalled: number;
}

/** One round over what is older than `olderThanMs`; null when another replica is at it. */
export async function sweep(core: Core, olderThanMs: number): Promise<Swept | null> {
  const client = await core.db.connect();
  try {
    const lock = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey]);
    if (lock.rows[0]?.held !== true) return null;
    try {
      return { started: await startMissing(core, olderThanMs), signalled: await signalMissing(core, olderThanMs) };
    } finally {
      await client.query('select pg_advisory_unlock($1)', [lockKey]);
    }
  } finally {
    client.release();
  }
}

async function startMissing(core: Core, olderThanMs: number): Promise<number> {
  let started = 0;
  for (const sessionId of await listNotStarted(core.db, olderThanMs, batch)) {
    await startWorkflow(core, sessionId);
    core.log.info({ sessionId }, 'started a workflow that was written and not started');
    started += 1;
  }
  return started;
}

async function signalMissing(core: Core, olderThanMs: number): Promise<number> {
  let signalled = 0;
  for (const decision of await listNotSignalled(core.db, olderThanMs, batch)) {
    try {
      await signalDecision(core, decision);
      core.log.info({ sessionId: decision.sessionId, decisionId: decision.id }, 'signalled a decision again');
      signalled += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // the workflow is over: there is nobody left to tell
      await markSignalled(core.db, decision.id);
    }
  }
  return signalled;
}
