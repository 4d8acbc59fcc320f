/** A message that asks for nothing: shows an admin that hoop reaches a channel. */
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import type { PostedTest, SlackChannel, SlackTokens, TestMessage } from '#core/slack-verifier.ts';
import { escapeMrkdwn } from './blocks/text.ts';
import { findChannel, listChannels, post, searchIn } from './find-channel.ts';

/** The admin waits at a page. */
const patienceMs = 8_000;

export async function postTest(
  tokens: SlackTokens,
  { channel: asked, by }: TestMessage,
  known: readonly SlackChannel[] | undefined,
  log: Logger,
): Promise<PostedTest> {
  const search = searchIn(tokens, log, patienceMs);
  const channel = findChannel(await listChannels(search, [asked], known), asked);
  const text = `A test message of hoop, sent by ${escapeMrkdwn(by)}: requests can be asked in this channel. There is nothing to do.`;
  const { ts, message } = await post(search, channel, asked, text);
  if (ts === undefined) throw new HoopError('slack_unavailable', 'Slack took the message and did not name it.');
  return { channel, ts, ...(message?.app_id !== undefined && { botAppId: message.app_id }) };
}
