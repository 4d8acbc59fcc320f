/** Keeps that a reviewer has opened a request in full, once a person and version of it. */
import { policySchema } from '#shared/policy-schema.ts';
import { isEndState } from '#shared/session-states.ts';
import type { DecisionVia } from '#db/decisions.ts';
import { insertSessionView } from '#db/session-timeline.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import type { Core } from './context.ts';

/** Does nothing for those who have no say in it, and once the session has ended. */
export async function noteSeen(
  { db }: Pick<Core, 'db'>,
  session: SessionRow,
  user: UserRow,
  via: DecisionVia,
): Promise<void> {
  const policy = policySchema.safeParse(session.policy);
  if (!policy.success || session.requesterId === user.id || isEndState(session.state)) return;
  const { groups, forceApproveGroups } = policy.data;
  if (![...groups, ...forceApproveGroups].some((group) => user.groups.includes(group))) return;
  const { id: sessionId, envelopeVersion } = session;
  await insertSessionView(db, { sessionId, envelopeVersion, userId: user.id, via });
}

/** As `noteSeen`, for those who show a request without its row at hand. */
export async function noteSeenIn(core: Pick<Core, 'db'>, sessionId: string, user: UserRow, via: DecisionVia) {
  const session = await findSession(core.db, sessionId);
  if (session) await noteSeen(core, session, user, via);
}
