/**
 * A connection that changes while a request waits makes a new envelope of it: the same script by the same person, on
 * the connection as it is now, with a digest of its own. What was approved before counts for what it was, and no more.
 */
import { sha256Hex } from '#shared/digest.ts';
import { canonicalJson, type Envelope } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { changedText } from '#shared/renewal-text.ts';
import { needsReview } from '#shared/review-policy.ts';
import { audit } from '#db/audit.ts';
import type { ConnectionRow } from '#db/connections.ts';
import type { Queryable } from '#db/pool.ts';
import { changesSince, renewSession, type ConnectionChange } from '#db/renewals.ts';
import type { SessionRow } from '#db/sessions.ts';
import { finishLocked } from './finish-session.ts';
import { makeEnvelope } from './make-envelope.ts';

/**
 * Inside the transaction that holds the locks of the session, which waits, and of its connection. `ended`: the
 * connection takes no such request any more.
 */
export async function renewEnvelope(
  tx: Queryable,
  session: SessionRow,
  before: Envelope,
  connection: ConnectionRow,
  now: Date,
): Promise<'renewed' | 'ended'> {
  const change = await changeOf(tx, before, connection);
  let envelope: Envelope;
  try {
    const { sessionId, kind, script, args, env, requester, reason, durationSeconds, grant } = before;
    envelope = makeEnvelope(connection, {
      ...{ sessionId, kind, script, args, env, requester, reason, durationSeconds, grant },
      envelopeVersion: session.envelopeVersion + 1,
      timeoutSeconds: session.runTimeoutAsked ? before.maxRuntimeSeconds : 0,
      expiresAt: session.expiresAt,
      now,
    });
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    const message = `${changedText(change)}: ${error.message}`;
    await finishLocked(tx, session, { state: 'failed', source: 'review', message, cause: error.code }, change.by);
    return 'ended';
  }
  const asks = needsReview(envelope.policy);
  const body = canonicalJson(envelope);
  const digest = sha256Hex(body);
  const waits = session.state === 'pending' ? 'approved' : session.state;
  await renewSession(tx, {
    id: session.id,
    state: asks ? 'pending' : waits,
    connectionVersion: connection.version,
    agentName: connection.agentName,
    envelopeVersion: envelope.envelopeVersion,
    digest,
    envelope: body,
    policy: envelope.policy,
    ...channelsOf(session, asks ? connection : undefined),
    ...change,
  });
  await audit(tx, {
    actor: change.by === '' ? 'system:renewal' : change.by,
    action: 'session.renew',
    subject: `session:${session.id}`,
    details: { version: envelope.envelopeVersion, changed: change.changed.join(', '), digest, before: session.digest },
  });
  return 'renewed';
}

/** What was noted with the change itself; what the two envelopes show where nobody noted it. */
async function changeOf(tx: Queryable, before: Envelope, connection: ConnectionRow): Promise<ConnectionChange> {
  const noted = await changesSince(tx, connection.id, before.connection.version);
  if (noted) return noted;
  const differs = (a: unknown, b: unknown) => canonicalJson(a) !== canonicalJson(b);
  const changed = [
    ...(differs(before.connection.command, connection.command) ? ['command'] : []),
    ...(before.agent === connection.agentName ? [] : ['agent']),
    ...((before.runAs ?? null) === connection.runAs ? [] : ['user']),
    ...(differs(before.policy, connection.policy) ? ['reviewers'] : []),
    ...(differs(before.connection.envNames, connection.envNames) ? ['env'] : []),
  ];
  // values of the environment are in no envelope
  return { by: '', changed: changed.length > 0 ? changed : ['env'] };
}

/** Messages that are posted stay where they are; new channels are asked besides. */
function channelsOf(session: SessionRow, connection: ConnectionRow | undefined) {
  const channelIds = [...session.channelIds];
  const askedIn = channelIds.map((id, i) => session.askedIn[i] ?? id);
  for (const plugin of connection?.plugins ?? []) {
    plugin.channelIds.forEach((id, i) => {
      if (channelIds.includes(id)) return;
      channelIds.push(id);
      askedIn.push(plugin.channels[i] ?? id);
    });
  }
  return { channelIds, askedIn };
}
