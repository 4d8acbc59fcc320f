/** What a decision in Slack needs beside `decideReview`: the envelope behind a button, who may, and a second look. */
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { refusalOf, type DecideAttempt, type Refusal } from '#shared/review-policy.ts';
import { sessionCan } from '#shared/session-states.ts';
import type { EnvelopeText } from '#shared/slack-view.ts';
import { listDecisions } from '#db/decisions.ts';
import { inTransaction, type Database, type Queryable } from '#db/pool.ts';
import { findEnvelope, findSession, lockSession } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { whyClosed, whyStopped } from './closed-review.ts';
import { isAdmin, type Core } from './context.ts';
import type { Decided, Decision } from './decide-review.ts';
import { envelopeText } from './load-slack-view.ts';
import { loadReview, withPerson, type LoadedReview } from './review-facts.ts';

const unknownRequest = 'hoop knows no such request any more.';

/** The envelope a message showed: buttons name its version only. Throws `not_found`. */
export async function shownEnvelope(
  db: Queryable,
  sessionId: string,
  envelopeVersion: number,
): Promise<{ digest: string; text: EnvelopeText }> {
  const body = await findEnvelope(db, sessionId, envelopeVersion);
  if (body === undefined) throw new HoopError('not_found', unknownRequest);
  return { digest: sha256Hex(body), text: envelopeText(body) };
}

/**
 * The person's decision, or undefined when there is none and, for what was asked before, never will be: the session's
 * lock is only given once a transaction that decides about it has ended. Throws when it is not given within 3 s.
 */
export async function settledDecision(
  db: Database,
  sessionId: string,
  userId: string,
  decision: Pick<Decision, 'verdict' | 'digest'>,
): Promise<Decided['decision'] | undefined> {
  const decisions = await inTransaction(db, async (tx) => {
    await tx.query("set local lock_timeout = '3s'");
    await lockSession(tx, sessionId);
    return listDecisions(tx, sessionId);
  });
  const found = decisions.find(
    (d) => d.userId === userId && d.verdict === decision.verdict && d.digest === decision.digest,
  );
  return found && { id: found.id, sessionId, verdict: found.verdict };
}

/** What a person may choose when approving. */
export interface ApproveChoices {
  /** Of the groups that are asked, those the person is in. */
  groups: string[];
  mayForce: boolean;
}

/** Throws, as `HoopError`, why the person could not approve in any way right now. */
export async function approveChoices(
  core: Core,
  user: UserRow,
  sessionId: string,
  digest: string,
): Promise<ApproveChoices> {
  const { review, refusal } = await standingOf(core, user, sessionId, 'approve');
  const plain = refusal({ verdict: 'approve', group: null, force: false, reason: '', digest });
  const forced = refusal({ verdict: 'approve', group: null, force: true, reason: 'any', digest });
  if (plain && forced) throw new HoopError(plain.code, plain.message);
  const groups = plain ? [] : review.policy.groups.filter((group) => user.groups.includes(group));
  return { groups, mayForce: forced === null };
}

/** Throws, as `HoopError`, why the person could not reject right now: before anybody is made to write a reason. */
export async function checkMayReject(core: Core, user: UserRow, sessionId: string, digest: string): Promise<void> {
  const { refusal } = await standingOf(core, user, sessionId, 'reject');
  const refused = refusal({ verdict: 'reject', group: null, force: false, reason: '', digest });
  if (refused) throw new HoopError(refused.code, refused.message);
}

async function standingOf(core: Core, user: UserRow, sessionId: string, verdict: 'approve' | 'reject') {
  const session = await findSession(core.db, sessionId);
  if (!session) throw new HoopError('not_found', unknownRequest);
  const review: LoadedReview = await loadReview(core.db, session);
  if (!sessionCan(verdict, session.state)) {
    const own = review.decisions.some((d) => d.userId === user.id && d.verdict === verdict);
    if (own) {
      const done = verdict === 'approve' ? 'approved' : 'rejected';
      throw new HoopError('review_already_decided', `You have already ${done} this request.`);
    }
    throw new HoopError('review_closed', whyClosed(verdict, session.state, review.decisions));
  }
  if (session.expiresAt <= core.now()) throw new HoopError('review_closed', 'This request has expired.');
  const person = { id: user.id, active: user.active, groups: user.groups };
  const facts = withPerson(review, person);
  const stopped = whyStopped(verdict, facts);
  const refusal = (attempt: DecideAttempt): Refusal | null =>
    refusalOf(attempt, person, isAdmin(user), facts) ??
    (stopped === null ? null : { code: 'review_closed', message: stopped });
  return { review, refusal };
}
