import type { WebClient } from '@slack/web-api';
import { sha256Hex } from '#shared/digest.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { findSession } from '#db/sessions.ts';
import { findSlackMessage, saveSlackFailure, saveSlackMessage } from '#db/slack-messages.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import type { Message } from '#slack/blocks/text.ts';
import type { SlackActivities } from '../types.ts';
import type { SlackActivityDeps } from './deps.ts';
import { clearWithPlugin, refusalOf, showWithPlugin } from './refusal.ts';

/** Changes while posting are followed this often before the next call of the activity goes on. */
const maxRounds = 10;
/** Answers to `chat.update` after which only a new message helps: deleted, or posted with the tokens of another app. */
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
const quiet = { unfurl_links: false, unfurl_media: false };

/**
 * Makes one channel show the session as its rows are now; nothing is sent when it does already. `settled`: nothing
 * more will come, as the session has ended and says so there, or Slack refuses for good (kept with the message's row).
 * Another process may do the same at the same time: whoever posted looks again whether that was still the latest.
 */
export function syncSlackMessage(deps: SlackActivityDeps): SlackActivities['syncSlackMessage'] {
  return async ({ sessionId, channel }) => {
    let revision = 0;
    try {
      const slack = await deps.openTokens();
      if (!slack) return { revision, settled: true };
      const client = slackClient(slack.botToken, slack.apiUrl, deps.log);
      let overtaken = false;
      for (let round = 0; round < maxRounds; round += 1) {
        const view = await loadSlackView(deps.db, deps.publicUrl, sessionId);
        revision = view.revision;
        const { ts, sent } = await showReview(deps, client, channel, view, overtaken);
        if (sent) await clearWithPlugin(deps, channel);
        const now = await findSession(deps.db, sessionId);
        if (now?.revision === revision) {
          if (view.endedAt) await showOutcome(deps, client, channel, view, ts);
          return { revision, settled: view.endedAt !== null };
        }
        overtaken ||= sent;
      }
      return { revision, settled: false };
    } catch (error) {
      const refusal = refusalOf(error);
      deps.log.warn({ sessionId, channel, problem: refusal.message }, 'slack message refused');
      await saveSlackFailure(deps.db, sessionId, channel, 'review', refusal.message);
      await showWithPlugin(deps, channel, refusal);
      return { revision, settled: true };
    }
  };
}

/** `overtaken`: what is there may be older than its row says, so it is written whatever the row says. */
async function showReview(
  { db }: SlackActivityDeps,
  client: WebClient,
  channel: string,
  view: SlackSessionView,
  overtaken: boolean,
): Promise<{ ts: string; sent: boolean }> {
  const row = await findSlackMessage(db, view.id, channel, 'review');
  const message = reviewMessage(view);
  const contentHash = sha256Hex(JSON.stringify(message));
  const current = row?.ts && (row.contentHash === contentHash || row.revision > view.revision);
  if (row?.ts && current && !overtaken) return { ts: row.ts, sent: false };
  const ts = await write(client, channel, row?.ts ?? null, message);
  await saveSlackMessage(db, {
    sessionId: view.id,
    channel,
    kind: 'review',
    ts,
    contentHash,
    revision: view.revision,
  });
  return { ts, sent: true };
}

async function write(client: WebClient, channel: string, ts: string | null, message: Message): Promise<string> {
  if (ts !== null) {
    try {
      await client.chat.update({ channel, ts, ...message });
      return ts;
    } catch (error) {
      const failure = slackFailure(error);
      if (failure.kind !== 'refused' || !gone.has(failure.code)) throw error;
    }
  }
  const posted = await client.chat.postMessage({ channel, ...message, ...quiet });
  return timestampOf(posted.ts);
}

async function showOutcome(
  { db }: SlackActivityDeps,
  client: WebClient,
  channel: string,
  view: SlackSessionView,
  threadTs: string,
): Promise<void> {
  const row = await findSlackMessage(db, view.id, channel, 'outcome');
  if (row?.ts) return;
  const message = outcomeMessage(view);
  const posted = await client.chat.postMessage({ channel, thread_ts: threadTs, ...message, ...quiet });
  await saveSlackMessage(db, {
    sessionId: view.id,
    channel,
    kind: 'outcome',
    ts: timestampOf(posted.ts),
    contentHash: sha256Hex(JSON.stringify(message)),
    revision: view.revision,
  });
}

function timestampOf(ts: string | undefined): string {
  if (ts === undefined) throw new Error('Slack posted a message and did not name it');
  return ts;
}
