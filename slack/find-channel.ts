/** Finds channels by what an admin calls them, and posts to them; says of each that is refused what to do. */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import type { SlackChannel, SlackTokens } from '#core/slack-verifier.ts';
import { createPatience } from './patience.ts';
import { tokenReason, unavailable } from './verify-errors.ts';

/** Slack: "an integer under 1000". */
const pageSize = 999;
/** Bounds the search of a workspace whose pages never end. */
export const maxPages = 200;
const channelId = /^[CG][A-Z0-9]{6,20}$/;

export interface Search {
  client: WebClient;
  patiently: ReturnType<typeof createPatience>;
}

interface Listed {
  byName: Map<string, string>;
  byId: Map<string, string>;
}

/** `patienceMs`: of waiting as long as Slack asks to, all calls together. */
export function searchIn(tokens: SlackTokens, log: Logger, patienceMs: number): Search {
  return { client: slackClient(tokens.botToken, tokens.apiUrl, log), patiently: createPatience(patienceMs) };
}

/** `#ops`, `ops`, an id, `<#C0123|ops>` as Slack copies a mention, or the link to a channel. */
function nameOrId(asked: string): string {
  const text = asked.trim();
  const copied = /^<#([A-Z0-9]+)(?:\|[^>]*)?>$/.exec(text) ?? /^https:\/\/[^/]+\/archives\/([A-Z0-9]+)\/?$/.exec(text);
  return copied?.[1] ?? text;
}

export function findChannel(listed: Listed, asked: string): SlackChannel {
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
 * private one goes by its id, and `conversations.info` would only answer that a scope is missing. `known`: all there
 * were a moment ago, where somebody has read them.
 */
export async function listChannels(
  search: Search,
  asked: string[],
  known: readonly SlackChannel[] | undefined,
): Promise<Listed> {
  const texts = asked.map(nameOrId);
  const ids = new Set(texts.filter((text) => channelId.test(text)));
  const names = new Set(texts.filter((text) => !channelId.test(text) && text !== '').map(plainName));
  const listed: Listed = { byName: new Map(), byId: new Map() };
  const isComplete = (): boolean =>
    listed.byName.size === names.size && (known !== undefined || listed.byId.size === ids.size);
  const note = (id: string, name: string): void => {
    if (names.has(name)) listed.byName.set(name, id);
    if (ids.has(id)) listed.byId.set(id, `#${name}`);
  };
  for (const { id, name } of known ?? []) note(id, plainName(name));
  let cursor: string | undefined;
  for (let page = 0; page < maxPages && !isComplete(); page += 1) {
    const answer = await listPage(search, cursor).catch((error: unknown) => {
      // an id is as good without its name
      if (listed.byName.size === names.size) return undefined;
      throw error;
    });
    for (const { id, name } of answer?.channels ?? []) {
      if (id && name) note(id, name);
    }
    cursor = answer?.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return listed;
}

export async function listPage({ client, patiently }: Search, cursor: string | undefined) {
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

/** `asked` is what the admin called the channel; `text` is read as mrkdwn. */
export async function post({ client, patiently }: Search, channel: SlackChannel, asked: string, text: string) {
  try {
    return await patiently(() => client.chat.postMessage({ channel: channel.id, text }));
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind !== 'refused') throw unavailable(failure, error);
    throw new HoopError('slack_channel_refused', refusalText(asked, failure.code, failure.message), { cause: error });
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
    default: {
      const reason = tokenReason(code);
      if (reason !== undefined) return `Slack refuses SLACK_BOT_TOKEN: ${reason} (${code}). Set another one.`;
      return `The bot cannot post to ${asked}: Slack answers ${message}.`;
    }
  }
}

export const refused = (message: string): HoopError => new HoopError('slack_channel_refused', message);
