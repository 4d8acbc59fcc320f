/** Reads a review from the rows, for the workflow: ids, states and names of groups, never reasons or scripts. */
import { ApplicationFailure } from '@temporalio/common';
import type { ReviewFacts } from '#shared/review-policy.ts';
import type { ControlActivities } from '../types.ts';
import { loadReview } from '#core/review-facts.ts';
import type { Queryable } from '#db/pool.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { ControlDeps } from './index.ts';

export function createOpenReview({ db }: ControlDeps): ControlActivities['openReview'] {
  return async ({ sessionId }) => {
    const session = await existing(db, sessionId);
    return {
      facts: await factsOf(db, session),
      state: session.state,
      connection: session.connectionName,
      agent: session.agentName,
      requester: session.requesterEmail,
      channels: session.channelIds,
      expiresAt: session.expiresAt.getTime(),
    };
  };
}

export function createLoadDecisions({ db }: ControlDeps): ControlActivities['loadDecisions'] {
  return async ({ sessionId }) => {
    const session = await existing(db, sessionId);
    return { facts: await factsOf(db, session), state: session.state };
  };
}

async function factsOf(db: Queryable, session: SessionRow): Promise<ReviewFacts> {
  const { policy, requesterId, digest, decisions, people } = await loadReview(db, session);
  return {
    policy,
    requesterId,
    digest,
    people,
    decisions: decisions.map(({ id, seq, userId, verdict, group, force, digest: of }) => ({
      id,
      seq,
      userId,
      verdict,
      group,
      force,
      digest: of,
    })),
  };
}

/** A workflow that somebody started by hand for a session that is not there ends at once. */
async function existing(db: Queryable, sessionId: string): Promise<SessionRow> {
  const session = /^[0-9a-f-]{36}$/.test(sessionId) ? await findSession(db, sessionId) : undefined;
  if (!session) throw ApplicationFailure.nonRetryable('there is no such session', 'not_found');
  return session;
}
