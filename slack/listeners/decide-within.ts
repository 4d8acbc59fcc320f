/**
 * A decision taken in Slack: committed within the budget, or acknowledged all the same and looked up afterwards.
 * The caller acknowledges as soon as it has the answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { consolePaths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { decideReview, signalOrLeaveToSweep, type Decided } from '#core/decide-review.ts';
import { findOwnDecision, shownDigest } from '#core/slack-decision.ts';
import { resolveSlackUser, type SlackIdentity } from '#core/resolve-slack-user.ts';
import type { DecideValue } from '../blocks/decide-value.ts';
import type { ListenerDeps } from './deps.ts';

export interface DecideRequest {
  identity: SlackIdentity;
  shown: DecideValue;
  verdict: 'approve' | 'reject';
  reason?: string;
}

export type DecideAnswer =
  | { kind: 'decided'; decided: Decided }
  | { kind: 'refused'; message: string }
  /** Not known within the budget; `truth` says later, as a sentence, whether it counts. */
  | { kind: 'late'; truth: Promise<string> };

/** What is known of an attempt so far: enough to look for its row. */
interface Attempt {
  userId?: string;
  digest?: string;
}

const settleMs = 30_000;
const lookUpPausesMs = [0, 500, 1_000, 2_000, 4_000, 8_000];

export async function decideWithin(deps: ListenerDeps, request: DecideRequest): Promise<DecideAnswer> {
  const attempt: Attempt = {};
  const work = decide(deps, request, attempt);
  const budget = new AbortController();
  const timeUp = delay(deps.budgetMs, 'late' as const, { signal: budget.signal }).catch(() => 'late' as const);
  try {
    const first = await Promise.race([work, timeUp]);
    if (first !== 'late') return { kind: 'decided', decided: first };
    deps.log.warn({ sessionId: request.shown.sessionId }, 'decision from Slack not committed in time');
  } catch (error) {
    if (error instanceof HoopError) return { kind: 'refused', message: error.message };
    deps.log.warn({ sessionId: request.shown.sessionId, err: error }, 'decision from Slack failed');
  } finally {
    budget.abort();
  }
  return { kind: 'late', truth: findTruth(deps, request, work, attempt) };
}

async function decide({ core, homeTeamId }: ListenerDeps, request: DecideRequest, attempt: Attempt): Promise<Decided> {
  const { identity, shown, verdict, reason } = request;
  const user = await resolveSlackUser(core, identity, homeTeamId);
  const digest = await shownDigest(core.db, shown.sessionId, shown.envelopeVersion);
  Object.assign(attempt, { userId: user.id, digest });
  const ctx = { core, actor: { kind: 'user', user, via: 'slack' } as const };
  return decideReview(ctx, shown.sessionId, { verdict, digest, reason });
}

/** Waits for the attempt to end, then believes the rows and nothing else. */
async function findTruth(
  deps: ListenerDeps,
  request: DecideRequest,
  work: Promise<Decided>,
  attempt: Attempt,
): Promise<string> {
  const { core } = deps;
  const noun = request.verdict === 'approve' ? 'approval' : 'rejection';
  const giveUp = new AbortController();
  const ended = await Promise.race([
    work.then(
      () => 'ended' as const,
      (error: unknown) => (error instanceof HoopError ? error : ('ended' as const)),
    ),
    delay(settleMs, 'hangs' as const, { signal: giveUp.signal }).catch(() => 'hangs' as const),
  ]);
  giveUp.abort();
  if (ended instanceof HoopError) return ended.message;
  const { userId, digest } = attempt;
  if (ended === 'ended' && (userId === undefined || digest === undefined)) return notCounted(noun);
  if (userId !== undefined && digest !== undefined) {
    for (const pause of lookUpPausesMs) {
      await delay(pause);
      try {
        const { verdict, shown } = request;
        const decision = await findOwnDecision(core.db, shown.sessionId, userId, { verdict, digest });
        if (decision) {
          await signalOrLeaveToSweep(core, decision);
          return `It took a moment, but your ${noun} counts.`;
        }
        if (ended === 'ended') return notCounted(noun);
      } catch (error) {
        deps.log.warn({ sessionId: request.shown.sessionId, err: error }, 'decision from Slack not looked up yet');
      }
    }
  }
  const url = core.publicUrl + consolePaths.session(request.shown.sessionId);
  return `hoop cannot tell yet whether your ${noun} counts; ${url} shows it as soon as it is known.`;
}

const notCounted = (noun: string): string =>
  `Your ${noun} was not recorded, as hoop had trouble with its database. Please click again in a moment.`;
