/** The second half of a session: its command on the agent. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import { executeFailures, lostAfterMs } from '#shared/execute-failures.ts';
import { waitsToRun } from '#shared/session-states.ts';
import { taskQueues } from '#shared/task-queues.ts';
import type { Ended, ExecuteActivities, ReviewEnd } from '#activities/types.ts';
import { executeOptions, queuedAfterMs, takenWithinMs } from './activity-options.ts';
import { cancelApart } from './cancel-apart.ts';
import { control, type ReviewedSession } from './reviewed-session.ts';

/** Why an attempt to run did not come to its end. */
interface Stumble {
  end: ReviewEnd;
  cause: string | null;
  /** Trying again is of no use: no agent took it in time, or what stands in the way stays. */
  final: boolean;
}

/**
 * Runs an approved session to its end. Until the run is consumed, a rejection or the expiry still stops it; after
 * that only the run itself ends the session, however often its gateway changes. Undefined: nothing ran, and the
 * session waits again, as its connection, its reviewers or its time window are not what they were.
 */
export async function runApproved(session: ReviewedSession): Promise<Ended | undefined> {
  const sessionId = session.id;
  let consumed = false;
  for (;;) {
    const stumble = await execute(session, consumed ? lostAfterMs : session.review.timeLeft(Date.now()));
    const { end: review, cause } = stumble ?? { end: 'failed' as const, cause: null };
    const end = await control.finishSession({ sessionId, review, cause });
    if (end.applied) return end;
    if (waitsToRun(end.state)) return undefined;
    if (consumed && stumble?.final) return control.loseRun({ sessionId });
    consumed = true;
  }
}

async function execute(session: ReviewedSession, scheduleToStartTimeout: number): Promise<Stumble | undefined> {
  const scope = new CancellationScope();
  let done = false;
  const watching = Promise.all([stopWhenDecided(session, scope, () => done), queueLater(session, () => done)]);
  const order = () => (session.ways.isSparing ? orderSoon : orderWithin)(session, scheduleToStartTimeout);
  try {
    await scope.run(order);
    return undefined;
  } catch (error) {
    return stumbleOf(error, session.review.end());
  } finally {
    done = true;
    await watching;
  }
}

/** `ms`: until an agent has to have taken it. */
async function orderWithin(session: ReviewedSession, ms: number): Promise<void> {
  const { agent, envelopeVersion, id: sessionId } = session;
  const gateway = proxyActivities<ExecuteActivities>({
    ...executeOptions,
    scheduleToStartTimeout: ms,
    taskQueue: taskQueues(session.ref.queuePrefix).agent(agent),
    summary: `run on agent ${agent}`,
  });
  await gateway.execute({ sessionId, envelopeVersion });
}

/**
 * An agent that is there takes the command at once; while it does not, the session waits in its queue. No timer looks
 * after that: the order itself is for a moment first. Where a gateway takes it and cannot hand it on, it says so.
 */
async function orderSoon(session: ReviewedSession, ms: number): Promise<void> {
  if (session.state !== 'approved' || ms <= takenWithinMs) return orderWithin(session, ms);
  try {
    return await orderWithin(session, takenWithinMs);
  } catch (error) {
    if (!isNotTaken(error)) throw error;
    const state = await control.recordState({ sessionId: session.id, state: 'queued' });
    session.pass(state);
    if (state === 'running') throw error; // consumed by a gateway that went: its agent is waited for differently
  }
  await orderWithin(session, session.review.timeLeft(Date.now()));
}

function isNotTaken(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/** As `orderSoon`, for reviews that 0.1 and 0.2 began. */
async function queueLater(session: ReviewedSession, isDone: () => boolean): Promise<void> {
  if (
    session.ways.isSparing ||
    session.state !== 'approved' ||
    (await condition(isDone, queuedAfterMs, { summary: 'waits for the agent' }))
  )
    return;
  session.show(await control.recordState({ sessionId: session.id, state: 'queued' }));
}

/**
 * Until the run is over, a rejection, withdrawal or revocation that the rows confirm cancels it; so does, until the run
 * is consumed, whatever makes the session wait again.
 */
async function stopWhenDecided(
  session: ReviewedSession,
  scope: CancellationScope,
  isDone: () => boolean,
): Promise<void> {
  const { review, envelopeVersion } = session;
  // stopped before: this attempt only finds the command again, and must not be cancelled itself
  if (review.end() !== null) return;
  while (review.end() === null && !session.isOvertaken(envelopeVersion)) {
    await condition(() => review.hasNews() || isDone());
    if (isDone()) return;
    await session.readRows();
  }
  if (session.ways.isOld) scope.cancel();
  else await cancelApart(scope, isDone);
}

function stumbleOf(error: unknown, decided: ReviewEnd | null): Stumble {
  if (isCancellation(error) && decided) return { end: decided, cause: 'stopped', final: false };
  // nobody stopped it: it is another request now
  if (isCancellation(error)) return { end: 'failed', cause: 'connection_changed', final: false };
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  // only a wait for an agent says that none is there; a gateway that dies while it stops the command does not
  if (cause instanceof TimeoutFailure) return { end: 'expired', cause: null, final: isNotTaken(error) };
  if (cause instanceof ApplicationFailure && executeFailures.some((type) => type === cause.type)) {
    return { end: cause.type === 'run_expired' ? 'expired' : 'failed', cause: cause.type ?? null, final: true };
  }
  return { end: 'failed', cause: 'internal', final: false };
}
