/** What a decision in Slack needs beside `decideReview`: the digest behind a button, and a second look at the rows. */
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { refusalOf } from '#shared/review-policy.ts';
import { sessionCan, whyNot } from '#shared/session-states.ts';
import { listDecisions } from '#db/decisions.ts';
import type { Queryable } from '#db/pool.ts';
import { findEnvelope, findSession } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { isAdmin, type Core } from './context.ts';
import { loadReview, withPerson } from './review-facts.ts';
import type { Decided, Decision } from './decide-review.ts';

/** The digest of the envelope a message showed: buttons name its version only. Throws `not_found`. */
export async function shownDigest(db: Queryable, sessionId: string, envelopeVersion: number): Promise<string> {
  const body = await findEnvelope(db, sessionId, envelopeVersion);
  if (body === undefined) throw new HoopError('not_found', 'hoop knows no such request any more.');
  return sha256Hex(body);
}

/** The person's decision if it was committed; for when the reply to the commit was lost. */
export async function findOwnDecision(
  db: Queryable,
  sessionId: string,
  userId: string,
  decision: Pick<Decision, 'verdict' | 'digest'>,
): Promise<Decided['decision'] | undefined> {
  const found = (await listDecisions(db, sessionId)).find(
    (d) => d.userId === userId && d.verdict === decision.verdict && d.digest === decision.digest,
  );
  return found && { id: found.id, sessionId, verdict: found.verdict };
}

/** Why the person could not reject right now, or null: asked before anybody is made to write a reason. */
export async function whyNotReject(
  core: Core,
  user: UserRow,
  sessionId: string,
  digest: string,
): Promise<string | null> {
  const session = await findSession(core.db, sessionId);
  if (!session) return 'hoop knows no such request any more.';
  if (!sessionCan('reject', session.state)) return whyNot('reject', session.state);
  if (session.expiresAt <= core.now()) return 'This request has expired.';
  const person = { id: user.id, active: user.active, groups: user.groups };
  const attempt = { verdict: 'reject' as const, group: null, force: false, reason: '', digest };
  const facts = withPerson(await loadReview(core.db, session), person);
  return refusalOf(attempt, person, isAdmin(user), facts)?.message ?? null;
}
