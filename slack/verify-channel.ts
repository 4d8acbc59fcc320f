/** Channels are verified by posting to them: what the scopes show says little about what the bot may do. */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import type { ChannelsToResolve, ResolvedChannels, SlackChannel, SlackTokens } from '#core/slack-verifier.ts';
import { plainName as safeName } from './blocks/text.ts';
import { createPatience } from './patience.ts';
import { unavailable } from './verify-errors.ts';

/** Slack: "an integer under 1000". */
const pageSize = 999;
/** Bounds the search of a workspace whose pages never end. */
const maxPages = 200;
const patienceMs = 60_000;
const channelId = /^[CG][A-Z0-9]{6,20}$/;

interface Search {
  client: WebClient;
  patiently: ReturnType<typeof createPatience>;
}

interface Listed {
  byName: Map<string, string>;
  byId: Map<string, string>;
}

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
  log: Logger,
): Promise<ResolvedChannels> {
  const search = { client: slackClient(tokens.botToken, tokens.apiUrl, log), patiently: createPatience(patienceMs) };
  const posted = new Map<string, Posted>();
  const problems: string[] = [];
  let botAppId: string | undefined;
  try {
    const listed = await listChannels(search, asked);
    for (const text of asked) {
      try {
        const channel = find(listed, text);
        if (posted.has(channel.id)) continue;
        const { ts, message } = await post(search, channel, text, connection);
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

/** `#ops`, `ops`, an id, `<#C0123|ops>` as Slack copies a mention, or the link to a channel. */
function nameOrId(asked: string): string {
  const text = asked.trim();
  const copied = /^<#([A-Z0-9]+)(?:\|[^>]*)?>$/.exec(text) ?? /^https:\/\/[^/]+\/archives\/([A-Z0-9]+)\/?$/.exec(text);
  return copied?.[1] ?? text;
}

function find(listed: Listed, asked: string): SlackChannel {
  const text = nameOrId(asked);
  if (channelId.test(text)) return { id: text, name: listed.byId.get(text) ?? text };
  if (/^[DUW][A-Z0-9]{6,20}$/.test(text)) {
    throw refused(`${asked} is a person or a direct message; requests are asked in channels (C...).`);
  }
  const name = plainName(text);
  if (name === '') throw refused('The name of a channel is empty.');
  const id = listed.byName.get(name);
  if (id !== undefined) return { id, name: `#${name}` };
  if (/[,\s]/.test(name))
    throw refused(`No channel is called #${name}: between two channels stands ";", as in ops;sre.`);
  throw refused(
    `There is no public channel #${name} in the workspace. A private channel is given by its id (channel details, at ` +
      'the bottom), after @hoop was invited to it.',
  );
}

const plainName = (text: string): string => text.replace(/^#/, '').toLowerCase();

/**
 * The public channels that are asked for; reads no further page once it has them all. The scopes show no others: a
 * private one goes by its id, and `conversations.info` would only answer that a scope is missing.
 */
async function listChannels(search: Search, asked: string[]): Promise<Listed> {
  const texts = asked.map(nameOrId);
  const ids = new Set(texts.filter((text) => channelId.test(text)));
  const names = new Set(texts.filter((text) => !channelId.test(text) && text !== '').map(plainName));
  const listed: Listed = { byName: new Map(), byId: new Map() };
  const isComplete = (): boolean => listed.byName.size === names.size && listed.byId.size === ids.size;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages && !isComplete(); page += 1) {
    const answer = await listPage(search, cursor).catch((error: unknown) => {
      // an id is as good without its name
      if (listed.byName.size === names.size) return undefined;
      throw error;
    });
    for (const { id, name } of answer?.channels ?? []) {
      if (id && name && names.has(name)) listed.byName.set(name, id);
      if (id && name && ids.has(id)) listed.byId.set(id, `#${name}`);
    }
    cursor = answer?.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return listed;
}

async function listPage({ client, patiently }: Search, cursor: string | undefined) {
  try {
    return await patiently(() =>
      client.conversations.list({ types: 'public_channel', limit: pageSize, ...(cursor && { cursor }) }),
    );
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

async function post({ client, patiently }: Search, channel: SlackChannel, asked: string, connection: string) {
  const text = `hoop asks for reviews of ${safeName(connection, 'a connection')} in this channel from now on.`;
  try {
    return await patiently(() => client.chat.postMessage({ channel: channel.id, text }));
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind !== 'refused') throw unavailable(failure, error);
    throw new HoopError('slack_channel_refused', refusalText(asked, failure.code, failure.message), { cause: error });
  }
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

function refusalText(asked: string, code: string, message: string): string {
  if (code.startsWith('restricted_action')) {
    return `The settings of ${asked} let the bot not post there (${code}); change who may post, or choose another channel.`;
  }
  switch (code) {
    case 'channel_not_found':
      return (
        `Slack knows no channel ${asked} that the bot can see (${code}). If it is private, invite the bot there with ` +
        '"/invite @hoop" and try again.'
      );
    case 'not_in_channel':
      return `The bot cannot post to ${asked} (${code}). Invite it there with "/invite @hoop" and try again.`;
    case 'is_archived':
      return `${asked} is archived; unarchive it or choose another channel.`;
    case 'missing_scope':
      return (
        `The bot may not post to ${asked}: ${message}. Give the app the manifest of "hoop slack manifest" and ` +
        'install it again.'
      );
    default:
      return `The bot cannot post to ${asked}: Slack answers ${message}.`;
  }
}

const refused = (message: string): HoopError => new HoopError('slack_channel_refused', message);
