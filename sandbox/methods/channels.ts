import { SlackError } from '../errors.ts';
import type { App, Channel, Json } from '../model.ts';
import type { Workspace } from '../workspace.ts';
import { requireScopes } from './method.ts';

export type ChannelKind = 'public_channel' | 'private_channel' | 'im' | 'mpim';

export function kindOf(channel: Channel): ChannelKind {
  if (channel.im) return 'im';
  if (channel.mpim) return 'mpim';
  return channel.isPrivate ? 'private_channel' : 'public_channel';
}

const READ: Record<ChannelKind, string> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};
const HISTORY: Record<ChannelKind, string> = {
  public_channel: 'channels:history',
  private_channel: 'groups:history',
  im: 'im:history',
  mpim: 'mpim:history',
};
const MANAGE: Record<ChannelKind, string> = {
  public_channel: 'channels:manage',
  private_channel: 'groups:write',
  im: 'im:write',
  mpim: 'mpim:write',
};
/** The scope per kind of channel, for what is done with it. */
export const SCOPES = { READ, HISTORY, MANAGE };

/** Any of these lets a call in; which it needs shows when the channel is known. */
export const anyKind = (scopes: Record<ChannelKind, string>) => ({
  scopes: Object.values(scopes),
  needs: () => [] as string[],
});

export const isKind = (type: string): type is ChannelKind => Object.hasOwn(READ, type);

/** A channel by its id, which the app may know of: to others a private one does not exist. @throws SlackError channel_not_found */
export function visible(workspace: Workspace, app: App, id: unknown): Channel {
  const channel = typeof id === 'string' ? workspace.channel(id) : undefined;
  const hidden = channel?.isPrivate && !channel.members.includes(app.botUserId);
  if (!channel || hidden) throw new SlackError('channel_not_found');
  return channel;
}

/** The same, where the token has the scope for that kind. @throws SlackError missing_scope */
export function permitted(
  { workspace, app, args }: { workspace: Workspace; app: App; args: Json },
  scopes: Record<ChannelKind, string>,
): Channel {
  const channel = visible(workspace, app, args.channel);
  requireScopes(app.scopes, [scopes[kindOf(channel)]]);
  return channel;
}

/** Posting takes names too, and the id of a person for their direct message. @throws SlackError */
export function addressed(workspace: Workspace, app: App, name: string): Channel {
  if (workspace.people().some((person) => person.id === name)) return workspace.openIm(app, name);
  const named = workspace.channelNamed(name);
  return visible(workspace, app, named?.id ?? name);
}
