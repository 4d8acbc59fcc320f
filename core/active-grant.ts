/** The grant of connect that a request names, as it is now. */
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { tallyReview } from '#shared/review-policy.ts';
import type { ConnectionRow } from '#db/connections.ts';
import type { Queryable } from '#db/pool.ts';
import { findEnvelope, findSession, type SessionRow } from '#db/sessions.ts';
import type { Core } from './context.ts';
import { loadReview } from './review-facts.ts';

export interface ActiveGrant {
  session: SessionRow;
  envelope: Envelope;
  until: Date;
}

export const grantRef = ({ id, digest }: SessionRow): NonNullable<Envelope['grant']> => ({ sessionId: id, digest });

/**
 * A person's grant for that connection. Throws `grant_unknown`, `grant_over`, `grant_outdated` when the connection was
 * changed since it was approved, and `review_not_eligible` when its approvals do not count any more.
 */
export async function findGrant(
  core: Pick<Core, 'db' | 'now'>,
  userId: string,
  grantId: string,
  connection: ConnectionRow,
): Promise<ActiveGrant> {
  const session = await findSession(core.db, grantId);
  return checkGrant(core.db, { session, userId, connection, now: core.now() });
}

/** As `findGrant`, of a row that is loaded, or that there is none of. */
export async function checkGrant(
  db: Queryable,
  of: { session: SessionRow | undefined; userId: string; connection: ConnectionRow; now: Date },
): Promise<ActiveGrant> {
  const { session, userId, connection, now } = of;
  const isOwn = session?.kind === 'connect' && session.requesterId === userId && session.connectionId === connection.id;
  if (!session || !isOwn || session.grantId !== null) {
    throw new HoopError('grant_unknown', `You have no such grant of ${connection.name}.`);
  }
  if (session.state !== 'active' || session.activeUntil === null || session.activeUntil <= now) {
    const why = session.startedAt === null && session.endedAt === null ? 'is not approved yet' : 'is over';
    throw new HoopError('grant_over', `This grant ${why}: hoop connect ${connection.name}`);
  }
  const body = await findEnvelope(db, session.id, session.envelopeVersion);
  const envelope = envelopeSchema.parse(JSON.parse(body ?? 'null'));
  if (envelope.connection.version !== connection.version) {
    throw new HoopError(
      'grant_outdated',
      `${connection.name} was changed since this grant was approved: give it back (hoop sessions cancel ${session.id.slice(0, 8)}) and ask for a new one.`,
    );
  }
  if (tallyReview(await loadReview(db, session)).outcome !== 'approved') {
    throw new HoopError('review_not_eligible', 'The approvals of this grant do not count any more; ask for a new one.');
  }
  return { session, envelope, until: session.activeUntil };
}
