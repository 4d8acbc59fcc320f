/** Reads a review from the rows, for the workflow: ids, states and names of groups, never reasons or scripts. */
import { ApplicationFailure } from '@temporalio/common';
import { remindAt } from '#shared/reminder.ts';
import type { ReviewFacts } from '#shared/review-policy.ts';
import { readTimeWindow, windowAt } from '#shared/time-window.ts';
import type { ControlActivities } from '../types.ts';
import { loadReview } from '#core/review-facts.ts';
import type { Queryable } from '#db/pool.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { ControlDeps } from './index.ts';

export function createOpenReview({ db }: ControlDeps): ControlActivities['openReview'] {
  return async ({ sessionId }) => {
    const session = await existing(db, sessionId);
    return {
      ...(await rowsOf(db, session)),
      connection: session.connectionName,
      agent: session.agentName,
      requester: session.requesterEmail,
      channels: session.channelIds,
      expiresAt: session.expiresAt.getTime(),
      remindAt: session.remindedAt ? null : remindAt(session.createdAt.getTime(), session.expiresAt.getTime()),
    };
  };
}

export function createLoadDecisions({ db }: ControlDeps): ControlActivities['loadDecisions'] {
  return async ({ sessionId }) => rowsOf(db, await existing(db, sessionId));
}

async function rowsOf(db: Queryable, session: SessionRow) {
  const facts = await factsOf(db, session);
  return {
    facts,
    state: session.state,
    envelopeVersion: session.envelopeVersion,
    agent: session.agentName,
    channels: session.channelIds,
    started: session.startedAt !== null,
    opensAt: opensAt(facts.policy.window),
  };
}

/** When the window opens, ms since the epoch; null: it is open, or there is none. */
function opensAt(window: string | undefined): number | null {
  if (window === undefined) return null;
  const state = windowAt(readTimeWindow(window), new Date());
  return state.open ? null : state.opensAt.getTime();
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
