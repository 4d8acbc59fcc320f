/** Reads a review from the rows, for the workflow: ids, states and names of groups, never reasons or scripts. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { remindAt } from '#shared/reminder.ts';
import type { ReviewFacts } from '#shared/review-policy.ts';
import { readTimeWindow, windowAt } from '#shared/time-window.ts';
import { taskQueues } from '#shared/task-queues.ts';
import { callersSession } from '../check-caller.ts';
import type { ControlActivities } from '../types.ts';
import { noteForgery } from '#core/note-forgery.ts';
import { loadReview } from '#core/review-facts.ts';
import type { Database, Queryable } from '#db/pool.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { findInSlack } from '#db/slack-direct-messages.ts';
import type { ControlDeps } from './index.ts';

export function createOpenReview({ db }: ControlDeps): ControlActivities['openReview'] {
  return async (input) => {
    const sessionId = await callersSession(db, 'temporal.forged_start', input);
    const session = await existing(db, sessionId);
    return {
      ...(await rowsOf(db, session)),
      queuePrefix: await ownPrefix(db, sessionId, input.queuePrefix),
      connection: session.connectionName,
      kind: session.kind,
      grant: session.grantId,
      agent: session.agentName,
      requester: session.requesterEmail,
      channels: session.channelIds,
      expiresAt: session.expiresAt.getTime(),
      remindAt: session.remindedAt ? null : remindAt(session.createdAt.getTime(), session.expiresAt.getTime()),
    };
  };
}

export function createLoadDecisions({ db }: ControlDeps): ControlActivities['loadDecisions'] {
  return async ({ sessionId, signalled = [] }) => {
    const rows = await rowsOf(db, await existing(db, sessionId));
    const known = new Set([sessionId, ...rows.facts.decisions.map(({ id }) => id)]);
    for (const id of signalled) {
      if (!known.has(id)) await noteForgery(db, { kind: 'temporal.forged_signal', sessionId, details: { id } });
    }
    return rows;
  };
}

/** Of the queue that this worker polls: a workflow that was started for another's queues uses its own all the same. */
async function ownPrefix(db: Database, sessionId: string, given: unknown): Promise<string> {
  const { taskQueue } = Context.current().info;
  const own = taskQueue.slice(0, -taskQueues('').control.length);
  if (given !== undefined && given !== own) {
    await noteForgery(db, { kind: 'temporal.forged_start', sessionId, details: { queuePrefix: String(given) } });
  }
  return own;
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
    inSlack: await findInSlack(db, session.id, facts.policy.groups),
    ...(session.activeUntil && { activeUntil: session.activeUntil.getTime() }),
  };
}

/** When the window opens, ms since the epoch; null: it is open, or there is none. */
function opensAt(window: string | undefined): number | null {
  if (window === undefined) return null;
  const state = windowAt(readTimeWindow(window), new Date());
  return state.open ? null : state.opensAt.getTime();
}

async function factsOf(db: Queryable, session: SessionRow): Promise<ReviewFacts> {
  const { policy, requesterId, digest, decisions, people, grantOver } = await loadReview(db, session);
  return {
    policy,
    requesterId,
    digest,
    people,
    ...(grantOver && { grantOver }),
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
async function existing(db: Database, sessionId: string): Promise<SessionRow> {
  const session = await findSession(db, sessionId);
  if (session) return session;
  await noteForgery(db, { kind: 'temporal.forged_start', details: { named: sessionId } });
  throw ApplicationFailure.nonRetryable('there is no such session', 'not_found');
}
