/**
 * `execute`, run by the gateway that holds the agent's socket. It consumes the approval, hands the agent the signed
 * order, and waits for the end. A retry finds the run consumed and takes it up again.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { tallyReview } from '#shared/review-policy.ts';
import { callersSession } from './check-caller.ts';
import { queuedMeanwhile } from './queued-meanwhile.ts';
import { isRequested, takeInTurn, takeUpAgain, type ExecuteDeps } from './take-run.ts';
import type { ExecuteActivities } from './types.ts';
import { HandedBack } from '#core/agent-line.ts';
import type { Core } from '#core/context.ts';
import { finishRun, loseGoneRun } from '#core/finish-run.ts';
import { noteForgery } from '#core/note-forgery.ts';
import { releaseRun } from '#core/release-run.ts';
import { loadReview } from '#core/review-facts.ts';
import { signalStarted } from '#core/signal-started.ts';
import type { Database } from '#db/pool.ts';
import { findRun, saveExit } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';

export type { ExecuteDeps };

const beatMs = 500;
/** Commands that last longer are shown as running in Temporal and Slack; for shorter ones the end follows at once. */
const lastsMs = 1000;

export function createExecute(deps: ExecuteDeps): ExecuteActivities['execute'] {
  return async (input) => {
    const context = Context.current();
    const sessionId = await callersSession(deps.core.db, 'temporal.forged_execute', input);
    const { envelopeVersion } = input;
    const before = await findRun(deps.core.db, sessionId);
    if (before?.exited) {
      deps.line(before.journalId)?.forget(sessionId);
      return { reason: 'exited' };
    }
    if (before && !deps.line(before.journalId) && (await loseGoneRun(deps.core.db, sessionId)))
      return { reason: 'lost' };
    const { line, order } = before
      ? await takeUpAgain(deps, sessionId, before.journalId, envelopeVersion)
      : await queuedMeanwhile(deps.core, sessionId, () => takeInTurn(deps, sessionId, envelopeVersion, context));
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
      const signals = { stop: stop.signal, abandon: abandon.signal };
      const exited = await line.run(sessionId, order, signals).catch(async (error: unknown) => {
        if (!(error instanceof HandedBack)) throw error;
        await releaseRun(deps.core, sessionId, order.nonce, line);
        throw ApplicationFailure.retryable('the agent is being stopped and handed the order back', 'agent_draining');
      });
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
