/** Channels are verified by posting to them: what the scopes show says little about what the bot may do. */
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import type { ChannelsToResolve, ResolvedChannels, SlackChannel, SlackTokens } from '#core/slack-verifier.ts';
import { plainName as safeName } from './blocks/text.ts';
import { findChannel, listChannels, post, refused, searchIn, type Search } from './find-channel.ts';

const patienceMs = 60_000;

interface Posted {
  channel: SlackChannel;
  ts: string | undefined;
}

/**
 * Each channel once, however often and by whatever name it was given. What was posted goes again if one is refused, and
 * where it is no news.
 */
export async function resolveChannels(
  tokens: SlackTokens,
  { channels: asked, connection, announced }: ChannelsToResolve,
  known: readonly SlackChannel[] | undefined,
  log: Logger,
): Promise<ResolvedChannels> {
  const search = searchIn(tokens, log, patienceMs);
  const text = `hoop asks for reviews of ${safeName(connection, 'a connection')} in this channel from now on.`;
  const posted = new Map<string, Posted>();
  const problems: string[] = [];
  let botAppId: string | undefined;
  try {
    const listed = await listChannels(search, asked, known);
    for (const name of asked) {
      try {
        const channel = findChannel(listed, name);
        if (posted.has(channel.id)) continue;
        const { ts, message } = await post(search, channel, name, text);
        posted.set(channel.id, { channel, ts });
        botAppId ??= message?.app_id;
      } catch (error) {
        if (!(error instanceof HoopError) || error.code !== 'slack_channel_refused') throw error;
        problems.push(error.message);
      }
    }
  } catch (error) {
    await takeBack(search, posted, log);
    throw error;
  }
  if (problems.length > 0) {
    await takeBack(search, posted, log);
    throw refused(problems.join('\n'));
  }
  await takeBack(search, new Map([...posted].filter(([id]) => announced.includes(id))), log);
  const channels = [...posted.values()].map(({ channel }) => channel);
  return { channels, ...(botAppId !== undefined && { botAppId }) };
}

/** Nothing is saved, so nothing that was said holds; or people read it before. */
async function takeBack({ client }: Search, posted: ReadonlyMap<string, Posted>, log: Logger): Promise<void> {
  for (const { channel, ts } of posted.values()) {
    try {
      if (ts !== undefined) await client.chat.delete({ channel: channel.id, ts });
    } catch (error) {
      log.warn({ err: error, channel: channel.id }, 'a message that verified a channel could not be taken back');
    }
  }
}
