import { SlackError } from '../errors.ts';
import type { App, Channel, Json } from '../model.ts';
import { channelJson } from '../payloads.ts';
import type { Workspace } from '../workspace.ts';
import { anyKind, isKind, kindOf, permitted, SCOPES, visible } from './channels.ts';
import { flag, page, requireScopes, text, type Method } from './method.ts';

const PAGE = 100;
const GROUP = 8;

const typesOf = (args: Json) => (text(args, 'types') || 'public_channel').split(',').map((type) => type.trim());

function listed(workspace: Workspace, app: App, args: Json): Channel[] {
  const types = typesOf(args);
  return workspace.store
    .all(workspace.store.channels)
    .filter((channel) => types.includes(kindOf(channel)))
    .filter((channel) => !channel.isPrivate || channel.members.includes(app.botUserId))
    .filter((channel) => !(flag(args, 'exclude_archived') && channel.isArchived));
}

const usersIn = (args: Json) =>
  Array.isArray(args.users) ? args.users.map(String) : text(args, 'users').split(',').filter(Boolean);

export const conversations: Record<string, Method> = {
  'conversations.list': {
    token: 'bot',
    tier: 'two',
    json: false,
    scopes: Object.values(SCOPES.READ),
    needs: (args) => typesOf(args).map((type) => (isKind(type) ? SCOPES.READ[type] : 'channels:read')),
    run({ context: { workspace }, app, args }) {
      if (!typesOf(args).every(isKind)) throw new SlackError('invalid_types');
      const { items, next_cursor } = page(listed(workspace, app, args), args, PAGE);
      return {
        channels: items.map((channel) => channelJson(channel, app, workspace.team(), true)),
        response_metadata: { next_cursor },
      };
    },
  },
  'conversations.info': {
    token: 'bot',
    tier: 'three',
    json: false,
    required: ['channel'],
    ...anyKind(SCOPES.READ),
    run({ context: { workspace }, app, args }) {
      const channel = permitted({ workspace, app, args }, SCOPES.READ);
      return { channel: channelJson(channel, app, workspace.team(), flag(args, 'include_num_members')) };
    },
  },
  'conversations.members': {
    token: 'bot',
    tier: 'four',
    json: false,
    required: ['channel'],
    ...anyKind(SCOPES.READ),
    run({ context: { workspace }, app, args }) {
      const channel = permitted({ workspace, app, args }, SCOPES.READ);
      const { items, next_cursor } = page(channel.members, args, PAGE);
      return { members: items, response_metadata: { next_cursor } };
    },
  },
  'conversations.join': {
    token: 'bot',
    tier: 'three',
    required: ['channel'],
    scopes: ['channels:join'],
    run({ context: { workspace }, app, args }) {
      const channel = visible(workspace, app, args.channel);
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
    tier: 'three',
    scopes: Object.values(SCOPES.MANAGE),
    needs: (args) => (text(args, 'channel') ? [] : [usersIn(args).length > 1 ? 'mpim:write' : 'im:write']),
    run({ context: { workspace }, app, args }) {
      const { channel, already } = text(args, 'channel')
        ? { channel: permitted({ workspace, app, args }, SCOPES.MANAGE), already: true }
        : openWith(workspace, app, args);
      if (!channel.im && !channel.mpim) throw new SlackError('method_not_supported_for_channel_type');
      const known = already ? { no_op: true, already_open: true } : {};
      if (!flag(args, 'return_im')) return { ...known, channel: { id: channel.id } };
      return { ...known, channel: channelJson(channel, app, workspace.team()) };
    },
  },
  'conversations.close': {
    token: 'bot',
    tier: 'two',
    required: ['channel'],
    ...anyKind(SCOPES.MANAGE),
    run({ context: { workspace }, app, args }) {
      const channel = permitted({ workspace, app, args }, SCOPES.MANAGE);
      if (!channel.im && !channel.mpim) throw new SlackError('method_not_supported_for_channel_type');
      return {};
    },
  },
};

function openWith(workspace: Workspace, app: App, args: Json): { channel: Channel; already: boolean } {
  const users = [...new Set(usersIn(args))];
  if (users.length === 0) throw new SlackError('users_list_not_supplied');
  if (users.length > GROUP) throw new SlackError('too_many_users');
  if (users.some((id) => workspace.botOf(id))) throw new SlackError('cannot_dm_bot');
  if (!users.every((id) => workspace.people().some((person) => person.id === id))) {
    throw new SlackError('user_not_found');
  }
  requireScopes(app.scopes, [users.length > 1 ? 'mpim:write' : 'im:write']);
  const found = users.length > 1 ? workspace.findGroup(app, users) : workspace.findIm(app, users[0]!);
  if (found) return { channel: found, already: true };
  if (flag(args, 'prevent_creation')) throw new SlackError('channel_not_found');
  const channel = users.length > 1 ? workspace.openGroup(app, users) : workspace.openIm(app, users[0]!);
  return { channel, already: false };
}
