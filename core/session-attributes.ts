/** What operators find a session's workflow by, as it is started; the workflow keeps it true from then on. */
import type { WorkflowOptions } from '@temporalio/client';
import { HoopError } from '#shared/errors.ts';
import { groupsAsked, tallyReview } from '#shared/review-policy.ts';
import type { Queryable } from '#db/pool.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { searchAttributes } from '#workflows/messages.ts';
import { loadReview } from './review-facts.ts';

export type SessionAttributes = NonNullable<WorkflowOptions['typedSearchAttributes']>;

export function attributesOf(
  session: Pick<SessionRow, 'connectionName' | 'requesterEmail' | 'state'>,
  asked: string[],
): SessionAttributes {
  return [
    { key: searchAttributes.connection, value: session.connectionName },
    { key: searchAttributes.requester, value: session.requesterEmail },
    { key: searchAttributes.state, value: session.state },
    ...(asked.length > 0 ? [{ key: searchAttributes.groupsAsked, value: asked }] : []),
  ];
}

/** None where the rows do not tell, e.g. as the policy is unreadable. */
export async function loadAttributes(db: Queryable, sessionId: string): Promise<SessionAttributes> {
  const session = await findSession(db, sessionId);
  if (!session) return [];
  try {
    return attributesOf(session, groupsAsked(tallyReview(await loadReview(db, session))));
  } catch (error) {
    if (error instanceof HoopError) return [];
    throw error;
  }
}
