import { SlackError } from '../errors.ts';
import type { App, Channel, Json } from '../model.ts';
import { channelJson } from '../payloads.ts';
import type { Workspace } from '../workspace.ts';
import { visible } from './chat.ts';
import { flag, text, type Method } from './method.ts';

const READ_SCOPE: Record<string, string> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};
const PAGE = 100;
const MAX_PAGE = 1000;

const typesOf = (args: Json) => (text(args, 'types') || 'public_channel').split(',').map((type) => type.trim());
const kindOf = (channel: Channel) => (channel.im ? 'im' : channel.isPrivate ? 'private_channel' : 'public_channel');

function listed(workspace: Workspace, app: App, args: Json): Channel[] {
  const types = typesOf(args);
  return workspace.store
    .all(workspace.store.channels)
    .filter((channel) => types.includes(kindOf(channel)))
    .filter((channel) => !channel.isPrivate || channel.members.includes(app.botUserId))
    .filter((channel) => !(flag(args, 'exclude_archived') && channel.isArchived));
}

function offsetOf(cursor: string): number {
  if (!cursor) return 0;
  const match = /^next:(\d{1,6})$/.exec(Buffer.from(cursor, 'base64').toString());
  if (!match) throw new SlackError('invalid_cursor');
  return Number(match[1]);
}

export const conversations: Record<string, Method> = {
  'conversations.list': {
    token: 'bot',
    scopes: (args) => typesOf(args).map((type) => READ_SCOPE[type] ?? 'channels:read'),
    run({ context: { workspace }, app, args }) {
      if (typesOf(args).some((type) => !READ_SCOPE[type])) throw new SlackError('invalid_types');
      const limit = text(args, 'limit') ? Number(text(args, 'limit')) : PAGE;
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) throw new SlackError('invalid_limit');
      const channels = listed(workspace, app, args);
      const start = offsetOf(text(args, 'cursor'));
      const end = start + limit;
      const next_cursor = end < channels.length ? Buffer.from(`next:${end}`).toString('base64') : '';
      return {
        channels: channels.slice(start, end).map((channel) => channelJson(channel, app, workspace.team())),
        response_metadata: { next_cursor },
      };
    },
  },
  'conversations.info': {
    token: 'bot',
    run({ context: { workspace }, app, args }) {
      const channel = visible(workspace, app, text(args, 'channel'));
      requireScope(app, READ_SCOPE[kindOf(channel)]!);
      return { channel: channelJson(channel, app, workspace.team()) };
    },
  },
  'conversations.join': {
    token: 'bot',
    scopes: ['channels:join'],
    run({ context: { workspace }, app, args }) {
      const channel = visible(workspace, app, text(args, 'channel'));
      if (channel.isPrivate) throw new SlackError('method_not_supported_for_channel_type');
      if (channel.isArchived) throw new SlackError('is_archived');
      const already = channel.members.includes(app.botUserId);
      const joined = workspace.setMember(channel, app.botUserId, true);
      const warning = { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } };
      return { channel: channelJson(joined, app, workspace.team()), ...(already ? warning : {}) };
    },
  },
  'conversations.open': {
    token: 'bot',
    scopes: ['im:write'],
    run({ context: { workspace }, app, args }) {
      const im = text(args, 'channel')
        ? visible(workspace, app, text(args, 'channel'))
        : openWith(workspace, app, args);
      if (!flag(args, 'return_im')) return { channel: { id: im.id } };
      return { no_op: true, already_open: true, channel: channelJson(im, app, workspace.team()) };
    },
  },
};

function openWith(workspace: Workspace, app: App, args: Json): Channel {
  const users = Array.isArray(args.users) ? args.users.map(String) : text(args, 'users').split(',').filter(Boolean);
  if (users.length === 0) throw new SlackError('users_list_not_supplied');
  // Group direct messages are a kind of conversation that the sandbox does not have.
  if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
  if (!workspace.people().some((person) => person.id === users[0])) throw new SlackError('user_not_found');
  return workspace.openIm(app, users[0]!);
}

function requireScope(app: App, needed: string): void {
  if (!app.scopes.includes(needed)) throw new SlackError('missing_scope', { needed, provided: app.scopes.join(',') });
}
