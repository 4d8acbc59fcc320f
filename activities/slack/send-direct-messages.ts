import type { WebClient } from '@slack/web-api';
import { findSession } from '#db/sessions.ts';
import { directMessageSent, saveDirectMessage, saveDirectMessageFailure } from '#db/slack-messages.ts';
import { findSlackIdentity, rememberDmChannel } from '#db/users.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import type { Message } from '#slack/blocks/text.ts';
import type { SlackActivities } from '../types.ts';
import type { SlackActivityDeps } from './deps.ts';
import { refusalOf } from './refusal.ts';

/** Tells the person who asked, once a session and event; nobody is told who has no Slack id. */
export function sendDirectMessages(deps: SlackActivityDeps): SlackActivities['sendDirectMessages'] {
  const { db, log, publicUrl } = deps;
  return async ({ sessionId, event }) => {
    const session = await findSession(db, sessionId);
    if (!session) return;
    const { requesterId: userId } = session;
    const identity = await findSlackIdentity(db, userId);
    if (!identity || (await directMessageSent(db, sessionId, userId, event))) return;
    try {
      const slack = await deps.openTokens();
      if (!slack) return;
      if (identity.teamId !== null && slack.info.team && identity.teamId !== slack.info.team.id) return;
      const client = slackClient(slack.botToken, slack.apiUrl, log);
      const message = directMessage(event, await loadSlackView(db, publicUrl, sessionId));
      const sent = await send(client, identity, message);
      await saveDirectMessage(db, { sessionId, userId, event, ...sent });
      if (sent.channel !== identity.dmChannel) await rememberDmChannel(db, userId, sent.channel);
    } catch (error) {
      const refusal = refusalOf(error);
      log.warn({ sessionId, event, problem: refusal.message }, 'direct message refused');
      await saveDirectMessageFailure(db, sessionId, userId, event, refusal.message);
    }
  };
}

async function send(
  client: WebClient,
  { slackId, dmChannel }: { slackId: string; dmChannel: string | null },
  message: Message,
): Promise<{ channel: string; ts: string }> {
  if (dmChannel !== null) {
    try {
      return await post(client, dmChannel, message);
    } catch (error) {
      // remembered from another workspace or app
      const failure = slackFailure(error);
      if (failure.kind !== 'refused' || failure.code !== 'channel_not_found') throw error;
    }
  }
  const opened = await client.conversations.open({ users: slackId });
  return post(client, opened.channel?.id ?? '', message);
}

async function post(client: WebClient, channel: string, message: Message): Promise<{ channel: string; ts: string }> {
  const posted = await client.chat.postMessage({ channel, ...message, unfurl_links: false, unfurl_media: false });
  if (posted.ts === undefined) throw new Error('Slack posted a message and did not name it');
  return { channel, ts: posted.ts };
}
