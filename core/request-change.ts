/** What of a request changed with its connection, from its last two envelopes. */
import { actorText } from '#shared/renewal-text.ts';
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import type { RequestChange } from '#shared/request-change.ts';
import type { Queryable } from '#db/pool.ts';
import { findRenewal } from '#db/renewals.ts';
import { findEnvelope, type SessionRow } from '#db/sessions.ts';

/** Null for the first version. */
export async function requestChangeOf(
  db: Queryable,
  { id, envelopeVersion }: SessionRow,
  envelope: Envelope,
): Promise<RequestChange | null> {
  const renewal = await findRenewal(db, id, envelopeVersion);
  const before = renewal && (await findEnvelope(db, id, envelopeVersion - 1));
  if (!renewal || before === undefined) return null;
  const { at, by, changed: what } = renewal;
  const earlier = envelopeSchema.parse(JSON.parse(before));
  return { at: at.toISOString(), by: actorText(by), what, before: givenBy(earlier), now: givenBy(envelope) };
}

const givenBy = ({ connection, agent, runAs, policy }: Envelope): RequestChange['now'] => ({
  command: connection.command,
  connectionEnvNames: connection.envNames,
  agent,
  runAs: runAs ?? null,
  reviewers: policy.groups,
  window: policy.window ?? null,
});
