/** The states of a session change here, under its lock; the one end state is written in one transaction. */
import { constants } from 'node:os';
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import { nextStates, isEndState, isGranted, type EndState, type SessionState } from '#shared/session-states.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Database, type Queryable } from '#db/pool.ts';
import { isWithinLimits } from '#db/run-limits.ts';
import { findRun } from '#db/runs.ts';
import { insertNudge } from '#db/renewals.ts';
import { endSession, lockSession, type SessionEndRow, type SessionRow } from '#db/sessions.ts';

export interface ProposedEnd {
  state: EndState;
  exitCode?: number | null;
  exitSignal?: string | null;
  message?: string | null;
  cause?: string | null;
  /** `review`: nothing ran; refused once the run is consumed. `run`: what became of the run. */
  source: 'review' | 'run';
}

/** `applied` false: the run was consumed first, and only its result may end the session now. */
export interface EndResult {
  applied: boolean;
  state: SessionState;
}

/** Ends a session, or says what stands in the way. Ending it again gives the end it already has. */
export async function finishSession(db: Database, sessionId: string, proposed: ProposedEnd): Promise<EndResult> {
  return inTransaction(db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new Error(`no session ${sessionId} to end`);
    return finishLocked(tx, session, proposed, 'system:workflow');
  });
}

/** As `finishSession`, for whoever holds the lock of the session. `actor`: as the audit log names it. */
export async function finishLocked(
  tx: Queryable,
  session: SessionRow,
  proposed: ProposedEnd,
  actor: string,
): Promise<EndResult> {
  const { id: sessionId } = session;
  if (isEndState(session.state)) return { applied: true, state: session.state };
  const isUsed = isGranted(session.state) || (await findRun(tx, sessionId)) !== undefined;
  if (proposed.source === 'review' && isUsed) return { applied: false, state: session.state };
  if (!nextStates[session.state].includes(proposed.state)) {
    throw new Error(`session ${sessionId} cannot go from ${session.state} to ${proposed.state}`);
  }
  const end: SessionEndRow = {
    state: proposed.state,
    exitCode: proposed.exitCode ?? null,
    exitSignal: proposed.exitSignal ?? null,
    message: proposed.message ?? null,
    cause: proposed.cause ?? null,
  };
  await endSession(tx, sessionId, end);
  // it may be the last that its grant waits for
  if (session.grantId !== null) await insertNudge(tx, session.grantId);
  await notify(tx, { kind: 'state', id: sessionId });
  const { connectionId, agentName } = session;
  if (session.state === 'running' && (await isWithinLimits(tx, connectionId, agentName)))
    await notify(tx, { kind: 'place', agent: agentName, connection: connectionId ?? undefined });
  await audit(tx, {
    actor,
    action: `session.${proposed.state}`,
    subject: `session:${sessionId}`,
    details: { exitCode: end.exitCode, exitSignal: end.exitSignal, cause: end.cause },
  });
  return { applied: true, state: proposed.state };
}

/** The end that an agent's report means. A run that was told to stop and did counts as revoked. */
export function endOfRun(exited: ExitedFrame): ProposedEnd {
  const base = {
    source: 'run' as const,
    exitCode: statusOf(exited),
    exitSignal: exited.signal,
    message: exited.message || null,
  };
  switch (exited.reason) {
    case 'exit':
    case 'not_found':
      return { ...base, state: 'finished' };
    case 'start_failed':
      return { ...base, state: 'failed', cause: 'start_failed' };
    case 'run_time':
    case 'output_limit':
    case 'idle':
    case 'unrecorded':
      return { ...base, state: 'failed', cause: exited.reason };
    case 'stopped':
      return { ...base, state: 'revoked' };
    case 'lost':
      return { ...base, state: 'lost', exitCode: null };
  }
}

/** As shells say it: the command's own status, or 128+n when signal n ended it. */
function statusOf(exited: ExitedFrame): number | null {
  if (exited.exitCode !== null) return exited.exitCode;
  if (exited.signal === null) return null;
  const number: number | undefined = constants.signals[exited.signal as NodeJS.Signals];
  return number === undefined ? null : 128 + number;
}
