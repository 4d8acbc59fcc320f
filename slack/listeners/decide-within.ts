/**
 * A decision taken in Slack: committed within the budget, or acknowledged all the same and looked up afterwards.
 * The caller acknowledges as soon as it has the answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { HoopError } from '#shared/errors.ts';
import { decideReview, type Decided } from '#core/decide-review.ts';
import { resolveSlackUser } from '#core/resolve-slack-user.ts';
import { shownEnvelope } from '#core/slack-decision.ts';
import { NotShown, type Attempt, type DecideRequest } from './attempt.ts';
import type { ListenerDeps } from './deps.ts';
import { findTruth } from './find-truth.ts';

export type DecideAnswer =
  | { kind: 'decided'; decided: Decided }
  | { kind: 'refused'; error: HoopError }
  | { kind: 'not_shown' }
  /** Not known within the budget; `truth` says later, as a sentence, whether it counts. */
  | { kind: 'late'; truth: Promise<string> };

/** Took so long that its author was told that it does not count. */
class Abandoned extends Error {}

export async function decideWithin(deps: ListenerDeps, request: DecideRequest): Promise<DecideAnswer> {
  const attempt = start(deps, request);
  const { sessionId } = request.shown;
  const budget = new AbortController();
  const timeUp = delay(deps.budgetMs, 'late' as const, { signal: budget.signal }).catch(() => 'late' as const);
  try {
    const first = await Promise.race([attempt.work, timeUp]);
    if (first !== 'late') return { kind: 'decided', decided: first };
    deps.log.warn({ sessionId }, 'decision from Slack not committed in time');
  } catch (error) {
    if (error instanceof HoopError) return { kind: 'refused', error };
    if (error instanceof NotShown) return { kind: 'not_shown' };
    deps.log.warn({ sessionId, err: error }, 'decision from Slack failed');
  } finally {
    budget.abort();
  }
  return { kind: 'late', truth: findTruth(deps, attempt) };
}

function start(deps: ListenerDeps, request: DecideRequest): Attempt {
  const attempt: Omit<Attempt, 'work'> = { request, commitSent: false, abandoned: false };
  return Object.assign(attempt, { work: decide(deps, attempt) });
}

async function decide({ core, homeTeamId }: ListenerDeps, attempt: Omit<Attempt, 'work'>): Promise<Decided> {
  const { identity, shown, wasShown, verdict, reason, group, force, duration, digest: given } = attempt.request;
  const user = await resolveSlackUser(core, identity, homeTeamId);
  const envelope = await shownEnvelope(core.db, shown.sessionId, shown.envelopeVersion);
  const digest = given ?? envelope.digest;
  if (wasShown && !wasShown(envelope.text)) throw new NotShown();
  attempt.author = { userId: user.id, digest };
  const ctx = { core, actor: { kind: 'user', user, via: 'slack' } as const };
  const beforeCommit = () => {
    if (attempt.abandoned) throw new Abandoned();
    attempt.commitSent = true;
  };
  return decideReview(ctx, shown.sessionId, { verdict, digest, reason, group, force, duration, beforeCommit });
}
