import { HoopError } from '#shared/errors.ts';
import { findSession } from '#db/sessions.ts';
import type { SlackActivities } from '../types.ts';
import { askReviewers } from './ask-reviewers.ts';
import type { SlackActivityDeps } from './deps.ts';
import { unconfigured } from './direct-unconfigured.ts';
import { PacedSlack, SlackCallError } from './paced-slack.ts';
import { longestAppWaitMs, triedAfterEndMs } from './refusal.ts';
import { tellApprovers, tellCreator } from './tell-creator.ts';
import { tryAgainIn, tryAgainLater } from './try-again.ts';
import { usableTokens } from './usable-tokens.ts';

/**
 * Tells who asked, once an envelope and event; or asks the reviewers, and tells them what became of it. People without
 * a Slack id, or of another workspace, are told nothing here. Throws what Temporal tries again.
 */
export function sendDirectMessages(deps: SlackActivityDeps): SlackActivities['sendDirectMessages'] {
  return async ({ sessionId, event }) => {
    const session = await findSession(deps.db, sessionId);
    if (!session) return;
    try {
      const tokens = await usableTokens(deps);
      if (typeof tokens === 'string') return await unconfigured(deps, session, event, tokens);
      const slack = new PacedSlack(deps.db, tokens, deps.log);
      if (event === 'asked' || event === 'reminder') await askReviewers(deps, slack, sessionId, event);
      else await tellCreator(deps, slack, session, event);
      if (event === 'changed') await tellApprovers(deps, slack, session);
    } catch (error) {
      if (error instanceof HoopError) {
        deps.log.warn({ sessionId, event, code: error.code }, 'direct message not made');
        return;
      }
      if (!(error instanceof SlackCallError)) throw error;
      if (error.failure.kind === 'unavailable')
        throw await tryAgainLater(deps.db, `direct ${event} ${sessionId}`, error);
      // of the tokens: until an admin sets new ones, or long after the end
      const { endedAt } = session;
      if (endedAt && Date.now() - endedAt.getTime() > triedAfterEndMs) return;
      throw tryAgainIn(longestAppWaitMs, 'SlackRefused', error.failure.code);
    }
  };
}
