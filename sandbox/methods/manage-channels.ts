import { SlackError } from '../errors.ts';
import type { Channel } from '../model.ts';
import { channelJson } from '../payloads.ts';
import { anyKind, permitted, SCOPES } from './channels.ts';
import { flag, text, type Method, type MethodCall } from './method.ts';

const NAME = /^[a-z0-9_-]{1,80}$/;

/** A channel the app may change, being a member. */
function own({ context: { workspace }, app, args }: MethodCall): Channel {
  const channel = permitted({ workspace, app, args }, SCOPES.MANAGE);
  if (channel.im || channel.mpim) throw new SlackError('method_not_supported_for_channel_type');
  if (!channel.members.includes(app.botUserId)) throw new SlackError('not_in_channel');
  return channel;
}

const line = { token: 'bot', tier: 'two', required: ['channel'], ...anyKind(SCOPES.MANAGE) } as const;

export const manageChannels: Record<string, Method> = {
  'conversations.create': {
    ...line,
    required: ['name'],
    needs: (args) => [flag(args, 'is_private') ? 'groups:write' : 'channels:manage'],
    run({ context: { workspace }, app, args }) {
      const name = text(args, 'name');
      if (!name) throw new SlackError('invalid_name_required');
      if (name.length > 80) throw new SlackError('invalid_name_maxlength');
      if (!NAME.test(name)) throw new SlackError('invalid_name_specials');
      if (workspace.channelNamed(name)) throw new SlackError('name_taken');
      const channel = workspace.addChannel(name, [app.botUserId], flag(args, 'is_private'));
      return { channel: channelJson(channel, app, workspace.team()) };
    },
  },
  'conversations.invite': {
    ...line,
    tier: 'three',
    required: ['channel', 'users'],
    run(call) {
      const { context, app, args } = call;
      const channel = own(call);
      if (channel.isArchived) throw new SlackError('is_archived');
      const users = text(args, 'users').split(',').filter(Boolean);
      if (users.length === 0) throw new SlackError('no_user');
      if (users.includes(app.botUserId)) throw new SlackError('cant_invite_self');
      const { workspace } = context;
      const known = new Set(
        [...workspace.people(), ...workspace.apps().map(({ botUserId: id }) => ({ id }))].map(({ id }) => id),
      );
      if (!users.every((id) => known.has(id))) throw new SlackError('user_not_found');
      if (users.every((id) => channel.members.includes(id))) throw new SlackError('already_in_channel');
      const joined = users.reduce((before, id) => workspace.setMember(before, id, true), channel);
      return { channel: channelJson(joined, app, workspace.team()) };
    },
  },
  'conversations.kick': {
    ...line,
    tier: 'three',
    required: ['channel', 'user'],
    run(call) {
      const channel = own(call);
      const user = text(call.args, 'user');
      if (user === call.app.botUserId) throw new SlackError('cant_kick_self');
      if (!channel.members.includes(user)) throw new SlackError('not_in_channel');
      call.context.workspace.setMember(channel, user, false);
      return { errors: {} };
    },
  },
  'conversations.leave': {
    ...line,
    tier: 'three',
    run({ context: { workspace }, app, args }) {
      const channel = permitted({ workspace, app, args }, SCOPES.MANAGE);
      if (channel.isArchived) throw new SlackError('is_archived');
      if (!channel.members.includes(app.botUserId)) return { not_in_channel: true };
      workspace.setMember(channel, app.botUserId, false);
      return {};
    },
  },
  'conversations.archive': {
    ...line,
    run(call) {
      const channel = own(call);
      if (channel.isArchived) throw new SlackError('already_archived');
      if (channel.name === 'general') throw new SlackError('cant_archive_general');
      call.context.workspace.saveChannel({ ...channel, isArchived: true });
      return {};
    },
  },
  'conversations.rename': {
    ...line,
    required: ['channel', 'name'],
    run(call) {
      const channel = own(call);
      const { workspace } = call.context;
      const name = text(call.args, 'name');
      if (!NAME.test(name)) throw new SlackError('invalid_name_specials');
      if (workspace.channelNamed(name)) throw new SlackError('name_taken');
      const renamed = workspace.saveChannel({ ...channel, name });
      return { channel: channelJson(renamed, call.app, workspace.team()) };
    },
  },
};
