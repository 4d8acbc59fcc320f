/**
 * `execute`, run by the gateway that holds the agent's socket. It consumes the approval, hands the agent the signed
 * order, and waits for the end. A retry finds the run consumed and takes it up again.
 */
import type { KeyObject } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { HoopError } from '#shared/errors.ts';
import { executeFailures } from '#shared/execute-failures.ts';
import { tallyReview } from '#shared/review-policy.ts';
import { callersSession } from './check-caller.ts';
import type { ExecuteActivities } from './types.ts';
import type { AgentLine } from '#core/agent-line.ts';
import { consumeRun, type SignedOrder } from '#core/consume-run.ts';
import type { Core } from '#core/context.ts';
import { finishRun, loseGoneRun } from '#core/finish-run.ts';
import { noteForgery } from '#core/note-forgery.ts';
import { loadReview } from '#core/review-facts.ts';
import { signalStarted } from '#core/signal-started.ts';
import type { Database } from '#db/pool.ts';
import { findRun, saveExit } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';

export interface ExecuteDeps {
  core: Core;
  gatewayKey: KeyObject;
  /** A line to an instance of the agent, that of `journalId` where one is named; undefined when none is here. */
  line: (journalId: string | undefined) => AgentLine | undefined;
}

const beatMs = 500;
/** Commands that last longer are shown as running in Temporal and Slack; for shorter ones the end follows at once. */
const lastsMs = 1000;

export function createExecute(deps: ExecuteDeps): ExecuteActivities['execute'] {
  return async (input) => {
    const context = Context.current();
    const sessionId = await callersSession(deps.core.db, 'temporal.forged_execute', input);
    const { envelopeVersion } = input;
    const before = await findRun(deps.core.db, sessionId);
    const line = deps.line(before?.journalId);
    if (before?.exited) {
      line?.forget(sessionId);
      return { reason: 'exited' };
    }
    if (!line && (await loseGoneRun(deps.core.db, sessionId))) return { reason: 'lost' };
    if (!line)
      throw ApplicationFailure.retryable('the agent that holds the run is not connected here', 'agent_offline');
    const order = await consumeOrFail(deps, sessionId, line, envelopeVersion);
    const stop = new AbortController();
    const abandon = new AbortController();
    const beat = setInterval(() => context.heartbeat(), beatMs);
    const lasts = setTimeout(() => signalStarted(deps.core, sessionId), lastsMs);
    const cancelled = (): void => {
      if (!isRequested(context)) return abandon.abort();
      stopOnlyRevoked(deps.core, sessionId).then(
        (revoked) => (revoked ? stop : abandon).abort(),
        () => abandon.abort(),
      );
    };
    context.cancellationSignal.addEventListener('abort', cancelled, { once: true });
    if (context.cancellationSignal.aborted) cancelled();
    try {
      // revoked while no gateway held the agent: the order only serves to find the command and stop it
      if (before && (await isStopped(deps.core.db, sessionId))) stop.abort();
      const exited = await line.run(sessionId, order, { stop: stop.signal, abandon: abandon.signal });
      await saveExit(deps.core.db, sessionId, exited);
      line.forget(sessionId);
      // who waits is told now; the workflow finds the end already there
      await finishRun(deps.core.db, sessionId);
      return { reason: exited.reason };
    } finally {
      clearInterval(beat);
      clearTimeout(lasts);
      context.cancellationSignal.removeEventListener('abort', cancelled);
    }
  };
}

async function isStopped(db: Database, sessionId: string): Promise<boolean> {
  const session = await findSession(db, sessionId);
  return session !== undefined && tallyReview(await loadReview(db, session)).outcome === 'revoked';
}

/** Whether the rows say what the workflow wants. A command that is not stopped goes on, and is taken up again. */
async function stopOnlyRevoked(core: Core, sessionId: string): Promise<boolean> {
  if (await isStopped(core.db, sessionId)) return true;
  await noteForgery(core.db, { kind: 'temporal.forged_stop', sessionId, details: {} });
  return false;
}

/** The workflow wants the command stopped; every other reason only means that this gateway has to let go. */
function isRequested(context: Context): boolean {
  return context.cancellationDetails?.cancelRequested === true;
}

async function consumeOrFail(
  deps: ExecuteDeps,
  sessionId: string,
  line: AgentLine,
  envelopeVersion: number | undefined,
): Promise<SignedOrder> {
  try {
    return await consumeRun(deps.core, deps.gatewayKey, sessionId, line, envelopeVersion);
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    if (error.code === 'not_found') throw ApplicationFailure.nonRetryable(error.message, 'session_ended');
    if (error.code === 'run_not_approved' || error.code === 'review_open') {
      await noteForgery(deps.core.db, { kind: 'run.refused', sessionId, details: { why: error.message } });
    }
    const final = executeFailures.some((type) => type === error.code);
    if (final) throw ApplicationFailure.nonRetryable(error.message, error.code);
    throw ApplicationFailure.retryable(error.message, error.code);
  }
}
