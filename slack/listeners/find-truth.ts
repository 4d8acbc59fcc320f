/** Whether a decision that was not committed in time counts, so that its author is told the truth and nothing else. */
import { setTimeout as delay } from 'node:timers/promises';
import { consolePaths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { signalOrLeaveToSweep } from '#core/decide-review.ts';
import { settledDecision } from '#core/slack-decision.ts';
import { notYetShown } from '../blocks/approve-modal.ts';
import { NotShown, type Attempt } from './attempt.ts';
import type { ListenerDeps } from './deps.ts';

const defaultSettleMs = 15_000;
const lookUpPauseMs = 500;

/** Waits for the attempt to end, or takes it back; once its commit was sent it believes the rows and nothing else. */
export async function findTruth(deps: ListenerDeps, attempt: Attempt): Promise<string> {
  const { core } = deps;
  const { sessionId } = attempt.request.shown;
  const noun = attempt.request.verdict === 'approve' ? 'approval' : 'rejection';
  const counts = `It took a moment, but your ${noun} counts.`;
  const notCounted = `Your ${noun} was not recorded, as hoop had trouble with its database. Please click again in a moment.`;

  const ended = await within(attempt.work.catch(asEnd), deps.settleMs ?? defaultSettleMs);
  if (ended instanceof HoopError) return ended.message;
  if (ended instanceof NotShown) return notYetShown;
  if (ended && 'decision' in ended) {
    await signalOrLeaveToSweep(core, ended.decision);
    return counts;
  }
  if (!attempt.commitSent) {
    // from here on it cannot commit any more, whenever the database wakes up
    attempt.abandoned = true;
    return notCounted;
  }
  const found = await lookUp(deps, attempt);
  if (found === 'none') return notCounted;
  if (found === 'unknown') {
    const url = core.publicUrl + consolePaths.session(sessionId);
    return `hoop cannot tell yet whether your ${noun} counts; ${url} shows it as soon as it is known.`;
  }
  await signalOrLeaveToSweep(core, found);
  return counts;
}

const asEnd = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

async function lookUp({ core, log, settleMs = defaultSettleMs }: ListenerDeps, { request, author }: Attempt) {
  if (!author) return 'none';
  const { verdict, shown } = request;
  const deadline = Date.now() + settleMs;
  while (Date.now() < deadline) {
    try {
      const decision = { verdict, digest: author.digest };
      const looked = settledDecision(core.db, shown.sessionId, author.userId, decision).then((found) => ({ found }));
      const answer = await within(looked, deadline - Date.now());
      return answer ? (answer.found ?? 'none') : 'unknown';
    } catch (error) {
      log.warn({ sessionId: shown.sessionId, err: error }, 'decision from Slack not looked up yet');
      await delay(lookUpPauseMs);
    }
  }
  return 'unknown';
}

/** Undefined when it takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const done = new AbortController();
  const timeUp = delay(ms, undefined, { signal: done.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    done.abort();
  }
}
