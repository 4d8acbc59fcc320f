/**
 * Every decision of a person goes through here, from Slack, console, REST API and CLI alike: the row is
 * committed under the session's lock, and only then the workflow is signalled.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { grantLimits } from '#shared/api-paths.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { HoopError } from '#shared/errors.ts';
import { refusalOf, representedBy, tallyReview, type PersonFact, type Standing } from '#shared/review-policy.ts';
import { isEndState, sessionCan, waitsToRun } from '#shared/session-states.ts';
import { workflowId } from '#shared/task-queues.ts';
import * as messages from '#workflows/messages.ts';
import { audit } from '#db/audit.ts';
import { insertDecision, listDecisions, markSignalled, type DecisionRow } from '#db/decisions.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint, type Queryable } from '#db/pool.ts';
import { bumpRevision, findSession, isWorkflowStarted, lockSession, setState, type SessionRow } from '#db/sessions.ts';
import { findUser } from '#db/users.ts';
import { alignSession, isBehind } from './align-session.ts';
import { whyClosed, whyStopped } from './closed-review.ts';
import { actorName, isAdmin, requireUser, type Context, type Core } from './context.ts';
import { nudgeSoon } from './nudge-workflows.ts';
import { loadReview, withPerson } from './review-facts.ts';
import { startWorkflow } from './start-session.ts';

export interface Decision {
  verdict: 'approve' | 'reject';
  /** Of the envelope the person was shown. */
  digest: string;
  reason?: string | undefined;
  group?: string | undefined;
  force?: boolean | undefined;
  /** Of connect: seconds that are approved at most. */
  duration?: number | undefined;
  /** Asked right before the commit is sent, with nothing in between; throwing takes everything back. */
  beforeCommit?: (() => void) | undefined;
}

export interface Decided {
  decision: { id: string; sessionId: string; verdict: DecisionRow['verdict'] };
  /** Where the review stands with it. */
  standing: Standing;
  session: SessionRow;
}

/**
 * Commits a decision. Throws `not_found`, `review_closed`, `review_outdated` also when it is this decision that finds
 * the connection changed, and whatever `refusalOf` says. The caller signals next with
 * `signalDecision`; should it die first, the sweep does.
 */
export async function decideReview(ctx: Context, sessionId: string, input: Decision): Promise<Decided> {
  const { user, via } = requireUser(ctx);
  const { verdict, digest, reason = '', group = null, force = false, duration, beforeCommit } = input;
  const attempt = { verdict, digest, reason: storable(reason), group, force };
  const decide: Work = async (tx, session) => {
    const person = await personNow(tx, user.id);
    const facts = withPerson(await loadReview(tx, session), person);
    const current = await findUser(tx, user.id);
    const refusal = refusalOf(attempt, person, current !== undefined && isAdmin(current), facts);
    if (refusal) throw new HoopError(refusal.code, refusal.message);
    const stopped = whyStopped(verdict, facts);
    if (stopped !== null) throw new HoopError('review_closed', stopped);
    refuseDuration(session, verdict, duration);
    const row = {
      ...attempt,
      sessionId,
      envelopeVersion: session.envelopeVersion,
      digest: session.digest,
      userId: user.id,
      groups: representedBy(facts.policy, person, group),
      via,
      durationSeconds: duration ?? null,
    };
    const inserted = await insertDecision(tx, row);
    const fact = { ...row, ...inserted };
    const standing = tallyReview({ ...facts, decisions: [...facts.decisions, fact] as DecisionRow[] });
    return { id: inserted.id, standing };
  };
  return commit(ctx, sessionId, verdict, decide, beforeCommit);
}

/** The requester withdraws, before anything runs. */
export async function cancelSession(ctx: Context, sessionId: string, reason = ''): Promise<Decided> {
  return endByPerson(ctx, sessionId, 'cancel', reason, (session, userId) => {
    if (session.requesterId !== userId) {
      throw new HoopError(
        'not_allowed',
        'Only who asked may withdraw a request; reviewers reject it, admins revoke it.',
      );
    }
  });
}

/** An admin stops a session, running or not. */
export async function revokeSession(ctx: Context, sessionId: string, reason = ''): Promise<Decided> {
  const { user } = requireUser(ctx);
  return endByPerson(ctx, sessionId, 'revoke', reason, () => {
    if (!isAdmin(user)) throw new HoopError('not_allowed', 'Only admins may revoke a session.');
  });
}

/**
 * In the name of who closed the account of the requester, who may be no admin any more. Throws `not_allowed` when it is
 * open again, `session_already_running` for a command that began meanwhile: it goes on.
 */
export async function revokeOfClosedAccount(ctx: Context, sessionId: string, reason: string): Promise<Decided> {
  return endByPerson(ctx, sessionId, 'revoke', reason, async (session, _, tx) => {
    const requester = await findUser(tx, session.requesterId);
    if (requester?.active) throw new HoopError('not_allowed', 'The account of who asked is active again.');
    if (session.state === 'running') throw new HoopError('session_already_running', 'It runs already.');
  });
}

async function endByPerson(
  ctx: Context,
  sessionId: string,
  verdict: 'cancel' | 'revoke',
  reason: string,
  check: (session: SessionRow, userId: string, tx: Queryable) => void | Promise<void>,
): Promise<Decided> {
  const { user, via } = requireUser(ctx);
  return commit(ctx, sessionId, verdict, async (tx, session) => {
    await check(session, user.id, tx);
    const before = (await listDecisions(tx, sessionId)).find((d) => d.verdict === verdict && d.userId === user.id);
    const { envelopeVersion, digest } = session;
    const row = {
      sessionId,
      envelopeVersion,
      digest,
      userId: user.id,
      verdict,
      group: null,
      force: false,
      groups: null,
      reason: storable(reason),
      via,
    };
    const { id } = before ?? (await insertDecision(tx, row));
    return { id, standing: tallyReview(await loadReview(tx, session)), isRepeated: before !== undefined };
  });
}

/** `isRepeated`: the person has decided so before, and nothing is new. */
type Work = (tx: Queryable, session: SessionRow) => Promise<{ id: string; standing: Standing; isRepeated?: boolean }>;

async function commit(
  ctx: Context,
  sessionId: string,
  verdict: DecisionRow['verdict'],
  work: Work,
  beforeCommit?: () => void,
): Promise<Decided> {
  try {
    const decided = await inTransaction(ctx.core.db, async (tx) => {
      const session = await lockSession(tx, sessionId);
      if (!session) throw new HoopError('not_found', 'There is no such session.');
      await refuseWhenClosed(ctx, tx, session, verdict);
      if (isReview(verdict) && isBehind(session)) {
        const { what } = await alignSession(tx, session, { now: ctx.core.now() });
        if (what === 'renewed' || what === 'ended') return outdated(await findSession(tx, sessionId), what);
      }
      const { id, standing, isRepeated = false } = await work(tx, session);
      if (isRepeated) return { decision: { id, sessionId, verdict }, standing, session };
      // told at once to everybody; the workflow and the consumption of the run derive it again for themselves
      if (standing.outcome === 'approved' && session.state === 'pending') await setState(tx, sessionId, 'approved');
      else await bumpRevision(tx, sessionId);
      await notify(tx, { kind: 'state', id: sessionId });
      await audit(tx, {
        actor: actorName(ctx.actor),
        action: `session.${verdict}`,
        subject: `session:${sessionId}`,
        details: { decision: id, digest: session.digest, via: ctx.actor.kind === 'user' ? ctx.actor.via : 'system' },
      });
      beforeCommit?.();
      return { decision: { id, sessionId, verdict }, standing, session };
    });
    if (!(decided instanceof HoopError)) return decided;
    // what was found is committed
    nudgeSoon(ctx.core, [sessionId]);
    throw decided;
  } catch (error) {
    if (violatedConstraint(error) === 'one_decision') {
      throw alreadyDecided(verdict);
    }
    throw error;
  }
}

async function refuseWhenClosed(
  ctx: Context,
  tx: Queryable,
  session: SessionRow,
  verdict: DecisionRow['verdict'],
): Promise<void> {
  if (!sessionCan(verdict, session.state)) {
    // of the request as it is: what was decided before it changed led to nothing
    const decisions = (await listDecisions(tx, session.id)).filter(({ digest }) => digest === session.digest);
    // a second click of the one who completed the review
    if (isReview(verdict) && hasDecided(ctx, decisions, verdict)) throw alreadyDecided(verdict);
    const code = isEndState(session.state) ? 'session_ended' : 'session_already_running';
    throw new HoopError(isReview(verdict) ? 'review_closed' : code, whyClosed(verdict, session.state, decisions));
  }
  if (waitsToRun(session.state) && session.expiresAt <= ctx.core.now()) {
    throw new HoopError('review_closed', 'This request has expired.');
  }
}

/** Throws `invalid_input`. */
function refuseDuration({ durationSeconds }: SessionRow, verdict: DecisionRow['verdict'], duration?: number): void {
  if (duration === undefined) return;
  if (durationSeconds === null)
    throw new HoopError('invalid_input', 'duration: this request is of a command; only a grant of connect has one.');
  if (verdict !== 'approve') throw new HoopError('invalid_input', 'duration: goes with an approval.');
  if (duration >= grantLimits.fewestSeconds && duration <= durationSeconds) return;
  const [fewest, most] = [formatDuration(grantLimits.fewestSeconds), formatDuration(durationSeconds)];
  throw new HoopError('invalid_input', `duration: must be from ${fewest} to ${most}, which was asked for.`);
}

const isReview = (verdict: DecisionRow['verdict']): boolean => verdict === 'approve' || verdict === 'reject';

/** The person was shown what the request is not any more. */
function outdated(session: SessionRow | undefined, what: 'renewed' | 'ended'): HoopError {
  if (what === 'ended') return new HoopError('review_closed', session?.endMessage ?? 'This session has ended.');
  return new HoopError(
    'review_outdated',
    'The connection was changed since you were shown this request; look at it again.',
  );
}

function hasDecided(ctx: Context, decisions: DecisionRow[], verdict: DecisionRow['verdict']): boolean {
  const { user } = requireUser(ctx);
  return decisions.some((d) => d.userId === user.id && d.verdict === verdict);
}

function alreadyDecided(verdict: DecisionRow['verdict']): HoopError {
  const done = verdict === 'approve' ? 'approved' : verdict === 'reject' ? 'rejected' : 'decided';
  return new HoopError('review_already_decided', `You have already ${done} this request.`);
}

/** Postgres keeps every character but this one. */
const storable = (reason: string): string => reason.replaceAll('\0', '\ufffd').trim();

async function personNow(tx: Queryable, userId: string): Promise<PersonFact> {
  const user = await findUser(tx, userId);
  return { id: userId, active: user?.active ?? false, groups: user?.groups ?? [] };
}

/** Tells the workflow of a committed decision. Throws when Temporal did not take it; the sweep repeats it then. */
export async function signalDecision(core: Core, decision: Decided['decision']): Promise<void> {
  const { sessionId, verdict, id } = decision;
  const signal = {
    approve: messages.approve,
    reject: messages.reject,
    cancel: messages.cancel,
    revoke: messages.revoke,
  };
  const send = () => core.temporal.workflow.getHandle(workflowId(sessionId)).signal(signal[verdict], id);
  await send().catch(async (error: unknown) => {
    // decided before the start of the workflow went through
    if (!(error instanceof WorkflowNotFoundError) || (await isWorkflowStarted(core.db, sessionId))) throw error;
    await startWorkflow(core, sessionId);
    await send();
  });
  await markSignalled(core.db, id);
}

/** A Temporal that does not answer keeps nobody waiting for longer. */
const signalMs = 5_000;

/** As `signalDecision`, for callers whose decision stands whether or not the signal goes out now. */
export async function signalOrLeaveToSweep(core: Core, decision: Decided['decision']): Promise<void> {
  const done = new AbortController();
  const timeUp = async () => {
    await delay(signalMs, undefined, { signal: done.signal });
    throw new Error(`Temporal has not answered within ${signalMs} ms`);
  };
  try {
    await Promise.race([signalDecision(core, decision), timeUp()]);
  } catch (error) {
    core.log.warn({ sessionId: decision.sessionId, err: error }, 'decision not signalled yet');
  } finally {
    done.abort();
  }
}
