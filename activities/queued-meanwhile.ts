/** A gateway has an approved command that it cannot hand on yet: people and the workflow see it queued. */
import { ApplicationFailure } from '@temporalio/common';
import type { Core } from '#core/context.ts';
import { recordState } from '#core/record-state.ts';
import { signalStarted } from '#core/signal-started.ts';
import { findSession } from '#db/sessions.ts';

/** What takes longer than this to be handed on is shown. */
const shownAfterMs = 1_000;

/** Gives or throws what `taking` does, and waits for nothing else. */
export async function queuedMeanwhile<T>(core: Core, sessionId: string, taking: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => tellQueued(core, sessionId), shownAfterMs);
  try {
    return await taking();
  } catch (error) {
    if (error instanceof ApplicationFailure && !error.nonRetryable) tellQueued(core, sessionId);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tellQueued(core: Core, sessionId: string): void {
  recordQueued(core, sessionId).catch((error: Error) => {
    core.log.warn({ sessionId, err: error }, 'a command that waits is not shown as queued');
  });
}

async function recordQueued(core: Core, sessionId: string): Promise<void> {
  const session = await findSession(core.db, sessionId);
  if (session?.state !== 'approved') return;
  if ((await recordState(core.db, sessionId, 'queued')) === 'queued') signalStarted(core, sessionId);
}
