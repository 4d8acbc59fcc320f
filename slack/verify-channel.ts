/** A channel is verified by posting to it: what the scopes show says little about what the bot may do. */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import type { SlackChannel, SlackTokens } from '#core/slack-verifier.ts';
import { appIdIn, unavailable } from './verify-errors.ts';

const pageSize = 1_000;
/** Bounds the search of a workspace whose pages never end. */
const maxPages = 200;

export async function resolveChannel(tokens: SlackTokens, asked: string, log: Logger): Promise<SlackChannel> {
  const client = slackClient(tokens.botToken, tokens.apiUrl, log);
  const text = asked.trim();
  const found = /^[CG][A-Z0-9]{6,20}$/.test(text)
    ? { id: text, name: await nameOf(client, text) }
    : await findByName(client, text.replace(/^#/, '').toLowerCase());
  await post(client, tokens, found, text);
  return found;
}

/** The scopes show public channels only; a private one goes by its id. */
async function nameOf(client: WebClient, id: string): Promise<string> {
  try {
    const { channel } = await client.conversations.info({ channel: id });
    return channel?.name ? `#${channel.name}` : id;
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === 'refused') return id;
    throw unavailable(failure, error);
  }
}

async function findByName(client: WebClient, name: string): Promise<SlackChannel> {
  if (name === '') throw new HoopError('slack_channel_refused', 'The name of a channel is empty.');
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const listed = await listPage(client, cursor);
    const channel = listed.channels?.find((entry) => entry.name === name);
    if (channel?.id) return { id: channel.id, name: `#${name}` };
    cursor = listed.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  throw new HoopError(
    'slack_channel_refused',
    `There is no public channel #${name} in the workspace. A private channel is given by its id (channel details, at ` +
      'the bottom), after @hoop was invited to it.',
  );
}

async function listPage(client: WebClient, cursor: string | undefined) {
  try {
    return await client.conversations.list({ types: 'public_channel', limit: pageSize, ...(cursor && { cursor }) });
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === 'refused') {
      throw new HoopError(
        'slack_channel_refused',
        `Slack does not list its channels (${failure.message}); give the channel by its id.`,
        { cause: error },
      );
    }
    throw unavailable(failure, error);
  }
}

async function post(client: WebClient, tokens: SlackTokens, channel: SlackChannel, asked: string): Promise<void> {
  try {
    const posted = await client.chat.postMessage({
      channel: channel.id,
      text: 'hoop asks for reviews in this channel from now on.',
    });
    refuseOtherApp(tokens.appToken, posted.message?.app_id);
  } catch (error) {
    if (error instanceof HoopError) throw error;
    const failure = slackFailure(error);
    if (failure.kind === 'refused') {
      throw new HoopError('slack_channel_refused', refusalText(asked, failure.code, failure.message), { cause: error });
    }
    throw unavailable(failure, error);
  }
}

/** Only a message tells which app the bot belongs to; clicks go to that app, whose sockets hoop has to hold. */
function refuseOtherApp(appToken: string, botApp: string | undefined): void {
  const socketApp = appIdIn(appToken);
  if (!botApp || !socketApp || botApp === socketApp) return;
  throw new HoopError(
    'slack_refused',
    `SLACK_APP_TOKEN belongs to the app ${socketApp} and SLACK_BOT_TOKEN to ${botApp}: clicks would never arrive. ` +
      'Take both tokens from one app.',
  );
}

function refusalText(asked: string, code: string, message: string): string {
  switch (code) {
    case 'channel_not_found':
    case 'not_in_channel':
      return `The bot cannot post to ${asked} (${code}). Invite it there with "/invite @hoop" and try again.`;
    case 'is_archived':
      return `${asked} is archived; unarchive it or choose another channel.`;
    case 'restricted_action':
      return `The settings of ${asked} let the bot not post there; change who may post, or choose another channel.`;
    default:
      return `The bot cannot post to ${asked}: Slack answers ${message}.`;
  }
}
