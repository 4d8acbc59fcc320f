/** One direct message to one person. */
import { rememberDmChannel } from '#db/users.ts';
import { saveDirectMessage, saveDirectMessageFailure, type DirectMessageKey } from '#db/slack-direct-messages.ts';
import type { Message } from '#slack/blocks/text.ts';
import type { SlackActivityDeps } from './deps.ts';
import { SlackCallError, type Lane, type PacedSlack } from './paced-slack.ts';
import { isAboutApp, isAboutContent } from './refusal.ts';

export interface Recipient {
  slackId: string;
  /** The conversation, where it was opened before. */
  dmChannel: string | null;
}

/**
 * Sends it and notes that it was sent. A person who cannot be written to is noted, and nobody tries again. Throws
 * what concerns everybody: Slack away, tokens refused, a turn not yet come.
 */
export async function deliver(
  deps: SlackActivityDeps,
  slack: PacedSlack,
  lane: Lane,
  key: DirectMessageKey,
  to: Recipient,
  message: Message,
): Promise<void> {
  const who = `${key.event} ${key.envelopeVersion} ${key.sessionId} ${key.userId}`;
  try {
    const sent = await send(deps, slack, lane, key, who, to, message);
    await saveDirectMessage(deps.db, { ...key, ...sent });
  } catch (error) {
    const failure = error instanceof SlackCallError ? error.failure : undefined;
    if (!failure) throw error;
    const final = failure.kind === 'refused' && !isAboutApp(failure.code);
    const { sessionId, userId, event } = key;
    deps.log.warn({ sessionId, userId, event, problem: failure.message }, 'direct message not delivered');
    await saveDirectMessageFailure(deps.db, key, failure.message, final);
    if (!final) throw error;
  }
}

async function send(
  { db, log }: SlackActivityDeps,
  slack: PacedSlack,
  lane: Lane,
  key: DirectMessageKey,
  who: string,
  to: Recipient,
  message: Message,
): Promise<{ channel: string; ts: string }> {
  const post = async (channel: string) => {
    try {
      return { channel, ts: await slack.post(who, lane, channel, message) };
    } catch (error) {
      if (codeOf(error) === undefined || !isAboutContent(codeOf(error) ?? '')) throw error;
      log.error({ sessionId: key.sessionId, code: codeOf(error) }, 'Slack refuses the blocks of a message');
      return { channel, ts: await slack.post(`plain ${who}`, lane, channel, { text: message.text, blocks: [] }) };
    }
  };
  if (to.dmChannel !== null) {
    try {
      return await post(to.dmChannel);
    } catch (error) {
      // remembered from another workspace or app
      if (codeOf(error) !== 'channel_not_found') throw error;
    }
  }
  const opened = await slack.openDirect(who, to.slackId);
  // before the message: when that has to wait, the conversation is not opened again
  await rememberDmChannel(db, key.userId, to.slackId, opened);
  return post(opened);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof SlackCallError && error.failure.kind === 'refused' ? error.failure.code : undefined;
}
