import { HoopError } from '#shared/errors.ts';
import { directMessageSettled, listEarlierApprovers } from '#db/slack-direct-messages.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { findSlackIdentity } from '#db/users.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import type { OpenedSlack } from '#core/slack-tokens.ts';
import { approvalLapsedMessage } from '#slack/blocks/changed-message.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import type { CreatorEvent, SlackActivities } from '../types.ts';
import { askReviewers } from './ask-reviewers.ts';
import { keepAsksFor } from './close-asks.ts';
import type { SlackActivityDeps } from './deps.ts';
import { deliver } from './direct-delivery.ts';
import { PacedSlack, SlackCallError } from './paced-slack.ts';
import { longestAppWaitMs, triedAfterEndMs } from './refusal.ts';
import { tryAgainIn, tryAgainLater } from './try-again.ts';

/**
 * Tells who asked, once an envelope and event; or asks the reviewers, and tells them what became of it. People without a Slack id, or of another
 * workspace, are told nothing here. Throws what Temporal tries again.
 */
export function sendDirectMessages(deps: SlackActivityDeps): SlackActivities['sendDirectMessages'] {
  return async ({ sessionId, event }) => {
    const session = await findSession(deps.db, sessionId);
    const tokens = session && (await usableTokens(deps));
    if (!session || !tokens) return keepAsksFor(deps, sessionId, event);
    const slack = new PacedSlack(deps.db, tokens, deps.log);
    try {
      if (event === 'asked' || event === 'reminder') await askReviewers(deps, slack, sessionId, event);
      else await tellCreator(deps, slack, session, event);
      if (event === 'changed') await tellApprovers(deps, slack, session);
    } catch (error) {
      if (error instanceof HoopError) {
        deps.log.warn({ sessionId, event, code: error.code }, 'direct message not made');
        return;
      }
      if (!(error instanceof SlackCallError)) throw error;
      if (error.failure.kind === 'unavailable') throw tryAgainLater(error);
      // of the tokens: until an admin sets new ones, or long after the end
      const { endedAt } = session;
      if (endedAt && Date.now() - endedAt.getTime() > triedAfterEndMs) return;
      throw tryAgainIn(longestAppWaitMs, 'SlackRefused', error.failure.code);
    }
  };
}

/** Null where there are none, or they belong to a sandbox that is off. */
async function usableTokens({ openTokens }: SlackActivityDeps): Promise<OpenedSlack | null> {
  try {
    return await openTokens();
  } catch (error) {
    if (error instanceof HoopError) return null;
    throw error;
  }
}

async function tellCreator(
  deps: SlackActivityDeps,
  slack: PacedSlack,
  session: SessionRow,
  event: CreatorEvent,
): Promise<void> {
  const { id: sessionId, requesterId: userId } = session;
  const key = { sessionId, userId, event, envelopeVersion: session.envelopeVersion };
  const identity = await findSlackIdentity(deps.db, userId);
  if (!identity || (await directMessageSettled(deps.db, key))) return;
  if (identity.teamId !== null && slack.teamId !== '' && identity.teamId !== slack.teamId) return;
  // its end says so too, and comes in a moment
  if (event === 'approved' && session.endedAt !== null) return;
  const approvalTold = await directMessageSettled(deps.db, { ...key, event: 'approved' });
  const message = directMessage(event, await loadSlackView(deps.db, deps.publicUrl, sessionId), approvalTold);
  await deliver(deps, slack, 'creators', key, identity, message);
}

/** Their approval was of what the request is not any more. */
async function tellApprovers(deps: SlackActivityDeps, slack: PacedSlack, session: SessionRow): Promise<void> {
  const { id: sessionId, envelopeVersion, digest } = session;
  const people = await listEarlierApprovers(deps.db, sessionId, digest);
  const view = people.length > 0 ? await loadSlackView(deps.db, deps.publicUrl, sessionId) : undefined;
  if (view?.state !== 'pending') return;
  for (const person of people) {
    const key = { sessionId, userId: person.userId, event: 'changed', envelopeVersion } as const;
    if (person.teamId !== null && slack.teamId !== '' && person.teamId !== slack.teamId) continue;
    if (await directMessageSettled(deps.db, key)) continue;
    await deliver(deps, slack, 'reviewers', key, person, approvalLapsedMessage(view));
  }
}
