/**
 * What a crash left between two steps is found and carried on: sessions written and not started, decisions written
 * and not signalled, sessions whose workflow was ended by hand. Any replica may run it; one at a time does.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import { listNotSignalled, markSignalled, type UnsignalledDecision } from '#db/decisions.ts';
import { findSession, listNotStarted, listOpenStarted } from '#db/sessions.ts';
import type { Core } from './context.ts';
import { signalDecision } from './decide-review.ts';
import { partThatIsAway } from './failures.ts';
import { startWorkflow } from './start-session.ts';

const lockKey = 7_266_012;
const batch = 200;
/** Open sessions a round whose workflow is looked for: each costs a call to Temporal. */
const checkedEachRound = 50;

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
    await carryOn(core, sessionId, async () => {
      await startWorkflow(core, sessionId);
      core.log.info({ sessionId }, 'started a workflow that was written and not started');
      started += 1;
    });
  }
  for (const sessionId of await listOpenStarted(core.db, olderThanMs, checkedEachRound)) {
    await carryOn(core, sessionId, () => startWorkflow(core, sessionId, true));
  }
  return started;
}

async function signalMissing(core: Core, olderThanMs: number): Promise<number> {
  let signalled = 0;
  for (const decision of await listNotSignalled(core.db, olderThanMs, batch)) {
    await carryOn(core, decision.sessionId, async () => {
      await signalOrStart(core, decision);
      core.log.info({ sessionId: decision.sessionId, decisionId: decision.id }, 'signalled a decision again');
      signalled += 1;
    });
  }
  return signalled;
}

/** A workflow that is over hears nothing: where its session has no end yet, another reads the rows. */
async function signalOrStart(core: Core, decision: UnsignalledDecision): Promise<void> {
  try {
    await signalDecision(core, decision);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    if ((await findSession(core.db, decision.sessionId))?.endedAt === null) {
      await startWorkflow(core, decision.sessionId, true);
    }
    await markSignalled(core.db, decision.id);
  }
}

/** What fails for one session alone must not hold up those after it. */
async function carryOn(core: Core, sessionId: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (partThatIsAway(error)) throw error;
    core.log.warn({ sessionId, err: error }, 'a session could not be carried on');
  }
}
