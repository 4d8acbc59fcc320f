/** One session, from the request to its one end state (DESIGN §2, §3). */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setDefaultSignalHandler,
  setHandler,
  TimeoutFailure,
} from '@temporalio/workflow';
import { executeFailures } from '#shared/execute-failures.ts';
import type { SessionState } from '#shared/session-states.ts';
import { taskQueues } from '#shared/task-queues.ts';
import { controlOptions, executeOptions, lostAfterMs } from './activity-options.ts';
import type { ControlActivities, ExecuteActivities, OpenedReview, ReviewEnd } from '#activities/types.ts';
import { approve, cancel, progress, reject, revoke, type SessionRef } from './messages.ts';
import { NoticeBoard } from './notice-board.ts';
import { showOpened, showState } from './operator-view.ts';
import { ReviewTally } from './review-tally.ts';

export interface SessionEnd {
  state: SessionState;
}

const control = proxyLocalActivities<ControlActivities>(controlOptions);

export async function sessionReview(ref: SessionRef): Promise<SessionEnd> {
  const { sessionId } = ref;
  const opened = await control.openReview({ sessionId });
  const review = new ReviewTally(opened);
  const board = new NoticeBoard(ref, opened.channels, opened.facts.policy.groups.length > 0);
  let state: string = opened.state;
  for (const signal of [approve, reject, cancel, revoke]) setHandler(signal, () => review.note());
  setDefaultSignalHandler(() => undefined); // an unknown name changes nothing
  setHandler(progress, () => ({ state, standing: review.standing }));
  showOpened(opened, state, review);

  while (review.isOpen()) {
    board.show();
    await condition(() => review.hasNews(), review.timeLeft(Date.now()), { summary: 'expiry of the request' });
    if (!review.hasNews()) break; // expired
    await readDecisions(sessionId, review);
    if (review.isOpen()) showState(opened, state, review);
  }

  let end: { applied: boolean; state: SessionState } | undefined;
  if (review.isApproved()) {
    if (state !== 'queued') {
      state = await control.recordState({ sessionId, state: 'queued' });
      board.show();
      board.tell('approved');
      showState(opened, state, review);
    }
    end = await runApproved(ref, opened, review);
  }
  end ??= await control.finishSession({ sessionId, review: review.end() ?? 'expired', cause: null });
  state = end.state;
  showState(opened, state, review);
  board.show();
  if (end.state !== 'cancelled') board.tell(eventOf(end.state));
  await board.settled();
  return { state: end.state };
}

/**
 * Runs an approved session to its end. Until the run is consumed, a rejection or the expiry still stops it; after
 * that only the run itself ends the session, however often its gateway changes.
 */
async function runApproved(
  ref: SessionRef,
  opened: OpenedReview,
  review: ReviewTally,
): Promise<{ applied: boolean; state: SessionState }> {
  const { sessionId } = ref;
  let consumed = false;
  for (;;) {
    const scheduleToStartTimeout = consumed ? lostAfterMs : review.timeLeft(Date.now());
    const failure = await execute(ref, opened, review, scheduleToStartTimeout);
    const end = await control.finishSession({
      sessionId,
      review: failure?.end ?? 'failed',
      cause: failure?.cause ?? null,
    });
    if (end.applied) return end;
    if (consumed && failure && failure.cause !== 'stopped') return control.loseRun({ sessionId });
    consumed = true;
  }
}

/** Why the run did not come to its end; undefined when it did. */
async function execute(
  ref: SessionRef,
  opened: OpenedReview,
  review: ReviewTally,
  scheduleToStartTimeout: number,
): Promise<{ end: ReviewEnd; cause: string | null } | undefined> {
  const { sessionId } = ref;
  const agent = proxyActivities<ExecuteActivities>({
    ...executeOptions,
    scheduleToStartTimeout,
    taskQueue: taskQueues(ref.queuePrefix).agent(opened.agent),
    summary: `run on agent ${opened.agent}`,
  });
  const scope = new CancellationScope();
  let done = false;
  const watching = stopWhenDecided(sessionId, review, scope, () => done);
  try {
    await scope.run(() => agent.execute({ sessionId }));
    return undefined;
  } catch (error) {
    return failureOf(error, review);
  } finally {
    done = true;
    await watching;
  }
}

/** Until the run is over, a rejection, withdrawal or revocation that the rows confirm cancels it. */
async function stopWhenDecided(
  sessionId: string,
  review: ReviewTally,
  scope: CancellationScope,
  isDone: () => boolean,
): Promise<void> {
  // stopped before: this attempt only finds the command again, and must not be cancelled itself
  if (review.end() !== null) return;
  while (review.end() === null) {
    await condition(() => review.hasNews() || isDone());
    if (isDone()) return;
    await readDecisions(sessionId, review);
  }
  scope.cancel();
}

async function readDecisions(sessionId: string, review: ReviewTally): Promise<void> {
  review.readFrom();
  review.apply(await control.loadDecisions({ sessionId }));
}

function failureOf(error: unknown, review: ReviewTally): { end: ReviewEnd; cause: string | null } {
  if (isCancellation(error)) return { end: review.end() ?? 'cancelled', cause: 'stopped' };
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return { end: 'expired', cause: null };
  if (cause instanceof ApplicationFailure && executeFailures.some((type) => type === cause.type)) {
    return { end: cause.type === 'run_expired' ? 'expired' : 'failed', cause: cause.type ?? null };
  }
  return { end: 'failed', cause: 'internal' };
}

function eventOf(state: SessionState): 'rejected' | 'expired' | 'revoked' | 'finished' {
  return state === 'rejected' || state === 'expired' || state === 'revoked' ? state : 'finished';
}
