/**
 * Sessions whose workflow was ended in Temporal, or lost by it, are found: soon by what Temporal lists as closed
 * lately, and now and then by comparing all open sessions with all running workflows, a page at a time. No session is
 * asked for one by one unless something is wrong with it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { workflowType, started } from '#workflows/messages.ts';
import { sessionIdOf, workflowId } from '#shared/task-queues.ts';
import { audit } from '#db/audit.ts';
import { inTransaction } from '#db/pool.ts';
import {
  deleteOldClosings,
  insertClosing,
  listOpenStarted,
  markSeen,
  takeTurn,
  unhandledClosings,
  type Closing,
} from '#db/sweep.ts';
import { alone, carryOn, inParallel, locks } from './sweep-parts.ts';
import type { Core } from './context.ts';
import { settleWorkflow } from './settle-workflow.ts';

const pageSize = 1000;
/** Between two pages: Temporal allows a namespace ten listings a second by default. */
const pageEveryMs = 250;
/** What closed is listed with a delay, and the clocks of Temporal and Postgres differ. */
const overlapMs = 2 * 60_000;
/** How far a first round looks back; what ended before is found by the comparison. */
const firstLookMs = 3600_000;
const keptMs = 7 * 24 * 3600_000;
/** Younger ones may not be listed yet. */
const listedAfterMs = 60_000;

export interface SweepWorkflowsOptions {
  /** Replicas together look this often. */
  everyMs: number;
  /** An abort ends the round early; the next one begins where it began. */
  signal?: AbortSignal;
}

/** Handles what was terminated, cancelled, timed out or failed since the last round; gives how many. Null: not now. */
export async function sweepClosed(core: Core, { everyMs, signal }: SweepWorkflowsOptions): Promise<number | null> {
  return alone(core, locks.closed, async () => {
    const turn = await takeTurn(core.db, 'closed', everyMs);
    if (!turn) return null;
    const since = turn.seenUntil ?? new Date(turn.takenAt.getTime() - firstLookMs);
    let handled = 0;
    const statuses = `('Terminated', 'Canceled', 'TimedOut', 'Failed')`;
    const query = `ExecutionStatus IN ${statuses} AND CloseTime > '${since.toISOString()}'`;
    for await (const page of listPages(core, query, signal)) {
      const open = await unhandledClosings(core.db, page);
      await inParallel(open, signal, (closing) =>
        carryOn(core, closing.sessionId, async () => {
          if (await handleClosing(core, closing)) handled += 1;
        }),
      );
    }
    await markSeen(core.db, 'closed', new Date(turn.takenAt.getTime() - overlapMs));
    await deleteOldClosings(core.db, keptMs);
    return handled;
  });
}

/** Compares open sessions with running workflows; gives how many had none. Null: not now. */
export async function sweepRunning(
  core: Core,
  { everyMs, signal, olderThanMs = listedAfterMs }: SweepWorkflowsOptions & { olderThanMs?: number },
): Promise<number | null> {
  return alone(core, locks.running, async () => {
    if (!(await takeTurn(core.db, 'running', everyMs))) return null;
    const missing = new Set(await listOpenStarted(core.db, olderThanMs));
    if (missing.size === 0) return 0;
    for await (const page of listPages(core, `ExecutionStatus = 'Running'`, signal)) {
      for (const { sessionId } of page) missing.delete(sessionId);
    }
    let carried = 0;
    await inParallel([...missing], signal, (sessionId) =>
      carryOn(core, sessionId, async () => {
        const outcome = await settleWorkflow(core, sessionId);
        if (outcome === 'runs') return;
        core.log.warn({ sessionId, outcome }, 'an open session had no workflow that runs');
        carried += 1;
      }),
    );
    return carried;
  });
}

/** One run that did not come to its own end. A reset ends one run and begins another, which is told to read the rows. */
async function handleClosing(core: Core, closing: Closing): Promise<boolean> {
  const { sessionId, runId, status } = closing;
  const settled = await settleWorkflow(core, sessionId);
  const outcome = settled === 'runs' ? 'reset' : settled;
  if (outcome === 'reset') await core.temporal.workflow.getHandle(workflowId(sessionId)).signal(started, sessionId);
  core.log.warn({ sessionId, runId, status, outcome }, 'a workflow was ended in Temporal');
  return inTransaction(core.db, async (tx) => {
    if (!(await insertClosing(tx, closing, outcome))) return false;
    await audit(tx, {
      actor: 'system:sweep',
      action: 'temporal.workflow_ended',
      subject: `session:${sessionId}`,
      details: { run: runId, status, outcome },
    });
    return true;
  });
}

async function* listPages(core: Core, condition: string, signal?: AbortSignal): AsyncGenerator<Closing[]> {
  const query = `WorkflowType = '${workflowType}' AND TaskQueue = '${core.queues.control}' AND ${condition}`;
  let page: Closing[] = [];
  let count = 0;
  for await (const { workflowId: id, runId, status } of core.temporal.workflow.list({ query, pageSize })) {
    const sessionId = sessionIdOf(id);
    if (sessionId !== undefined) page.push({ sessionId, runId, status: status.name });
    count += 1;
    if (count % pageSize > 0) continue;
    yield page;
    page = [];
    await delay(pageEveryMs, undefined, { signal });
  }
  yield page;
}
