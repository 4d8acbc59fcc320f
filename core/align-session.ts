/**
 * Brings a session that waits in line with what it depends on: its connection, as that is now, and the people who
 * approved it, as they are now. Whoever finds them out of step, or puts them out of step, calls this.
 */
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { actorText } from '#shared/renewal-text.ts';
import { tallyReview, type ReviewOutcome } from '#shared/review-policy.ts';
import { waitsToRun } from '#shared/session-states.ts';
import { audit } from '#db/audit.ts';
import { lockConnection, type ConnectionRow } from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { insertNudge, listApprovedBy, listBehind, noteConnectionVersion, reopenSession } from '#db/renewals.ts';
import { findEnvelope, lockSession, setState, type SessionRow } from '#db/sessions.ts';
import type { Core } from './context.ts';
import { finishLocked } from './finish-session.ts';
import { nudgeSoon, nudgeWorkflows } from './nudge-workflows.ts';
import { renewEnvelope } from './renew-envelope.ts';
import { loadReview, type LoadedReview } from './review-facts.ts';

/**
 * `renewed`: another envelope, because the connection changed. `reopened`: approvals that carried it do not count now.
 * `completed`: they do again. `ended`: its connection is gone, or takes no such request any more.
 */
export type Alignment = 'unchanged' | 'renewed' | 'reopened' | 'completed' | 'ended';

export interface Aligned {
  what: Alignment;
  /** Undefined unless `unchanged` or `completed`. */
  as?: { connection: ConnectionRow; review: LoadedReview; envelope: Envelope; body: string; outcome: ReviewOutcome };
}

/**
 * Inside the transaction that holds the session's lock. What was rejected, withdrawn, revoked or has expired stays as
 * it is: its workflow ends it. `by`: who deleted the connection, as the audit log names them.
 * Throws `run_not_approved` when the stored envelope is not the one of the digest, and `policy_missing`.
 */
export async function alignSession(
  tx: Queryable,
  session: SessionRow,
  { now, by = '' }: { now: Date; by?: string },
): Promise<Aligned> {
  if (!waitsToRun(session.state) || session.expiresAt <= now) return { what: 'unchanged' };
  const { body, envelope } = await loadEnvelope(tx, session);
  const review = await loadReview(tx, session);
  const { outcome } = tallyReview(review);
  const connection = session.connectionId === null ? undefined : await lockConnection(tx, session.connectionId);
  const stopped = outcome !== 'open' && outcome !== 'approved';
  if (!stopped && !connection) return tell(tx, session, await endDeleted(tx, session, by));
  if (!stopped && session.grantId !== null && connection && connection.version !== envelope.connection.version) {
    return tell(tx, session, await endOutdated(tx, session));
  }
  if (!stopped && connection && connection.version !== envelope.connection.version) {
    return tell(tx, session, await renewEnvelope(tx, session, envelope, connection, now));
  }
  if (!connection) return { what: 'unchanged' };
  if (session.connectionVersion === null) await noteConnectionVersion(tx, session.id, connection.version);
  const as = { connection, review, envelope, body, outcome };
  if (outcome === 'open' && session.state !== 'pending') {
    await reopenSession(tx, session.id);
    await audit(tx, { actor: 'system:review', action: 'session.reopen', subject: `session:${session.id}` });
    return tell(tx, session, 'reopened');
  }
  if (outcome === 'approved' && session.state === 'pending') {
    await setState(tx, session.id, 'approved');
    return { ...(await tell(tx, session, 'completed')), as };
  }
  return { what: 'unchanged', as };
}

export async function loadEnvelope(tx: Queryable, session: SessionRow): Promise<{ body: string; envelope: Envelope }> {
  const body = await findEnvelope(tx, session.id, session.envelopeVersion);
  if (body === undefined || sha256Hex(body) !== session.digest) {
    throw new HoopError('run_not_approved', 'The request in the database is not the one that was approved.');
  }
  return { body, envelope: envelopeSchema.parse(JSON.parse(body)) };
}

async function endDeleted(tx: Queryable, session: SessionRow, by: string): Promise<'ended'> {
  const who = by === '' ? '' : ` by ${actorText(by)}`;
  const message = `The connection ${session.connectionName} was deleted${who}, so nothing runs on it.`;
  const end = { state: 'failed', source: 'review', message, cause: 'connection_deleted' } as const;
  await finishLocked(tx, session, end, by === '' ? 'system:review' : by);
  return 'ended';
}

/** A grant was approved for the connection as it was: what names it cannot follow. */
async function endOutdated(tx: Queryable, session: SessionRow): Promise<'ended'> {
  const message = `The connection ${session.connectionName} was changed since its grant was approved; ask for a new one.`;
  await finishLocked(
    tx,
    session,
    { state: 'failed', source: 'review', message, cause: 'grant_outdated' },
    'system:review',
  );
  return 'ended';
}

/** Everybody who watches hears at once; the workflow is nudged after the commit. */
async function tell(tx: Queryable, session: SessionRow, what: Alignment): Promise<Aligned> {
  await insertNudge(tx, session.id);
  await notify(tx, { kind: 'state', id: session.id });
  return { what };
}

/** Whether the connection of a session that waits is known to be another one than that of its envelope. */
export function isBehind(session: SessionRow): boolean {
  return session.connectionVersion !== session.connectionVersionNow;
}

const batch = 100;
const atOnce = 4;
const firstId = '00000000-0000-0000-0000-000000000000';

/** After a change of a connection: its sessions that wait. Without one: all that are behind. Gives their number. */
export async function alignBehind(core: Core, connectionId?: string): Promise<number> {
  let aligned = 0;
  let afterId = firstId;
  for (;;) {
    const ids = await listBehind(core.db, { ...(connectionId && { connectionId }), afterId, limit: batch });
    aligned += await alignAll(core, ids);
    const last = ids.at(-1);
    if (last === undefined || ids.length < batch) return aligned;
    afterId = last;
  }
}

/** For the sweep: sessions that nobody brought in line, and workflows that were not told within `olderThanMs`. */
export async function followChanges(core: Core, olderThanMs: number): Promise<void> {
  await alignBehind(core);
  await nudgeWorkflows(core, { olderThanMs });
}

/** After a change of a person: the sessions that their approval carries, or would carry. */
export async function alignApprovedBy(core: Core, userId: string): Promise<number> {
  return alignAll(core, await listApprovedBy(core.db, userId));
}

/** One that cannot be aligned, e.g. as its policy is unreadable, holds up no other. */
export async function alignAll(core: Core, sessionIds: string[], by = ''): Promise<number> {
  const left = [...sessionIds];
  const changed: string[] = [];
  const work = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      if (await alignOne(core, id, by)) changed.push(id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  nudgeSoon(core, changed);
  return changed.length;
}

async function alignOne(core: Core, sessionId: string, by: string): Promise<boolean> {
  try {
    return await inTransaction(core.db, async (tx) => {
      const session = await lockSession(tx, sessionId);
      return session !== undefined && (await alignSession(tx, session, { now: core.now(), by })).what !== 'unchanged';
    });
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    core.log.warn({ sessionId, code: error.code }, 'a session that waits cannot follow what it depends on');
    return false;
  }
}
