import { messageBlocks } from '../blocks/validate.ts';
import { SlackError } from '../errors.ts';
import type { App, Block, Channel, Json, Message } from '../model.ts';
import { messageJson } from '../payloads.ts';
import type { Workspace } from '../workspace.ts';
import { structured, text, type Method, type MethodCall } from './method.ts';

const POST_TEXT = 40_000;
const UPDATE_TEXT = 4_000;

/** The channel an app may post to, by id, name, or the id of a person for their direct message. */
function writable(workspace: Workspace, app: App, name: string): Channel {
  const isPerson = workspace.people().some((person) => person.id === name);
  const channel = isPerson ? workspace.openIm(app, name) : visible(workspace, app, name);
  if (channel.isArchived) throw new SlackError('is_archived');
  const member = channel.members.includes(app.botUserId);
  if (!member && !app.scopes.includes('chat:write.public')) throw new SlackError('not_in_channel');
  return channel;
}

/** A channel the app may know of: to others a private one does not exist. */
export function visible(workspace: Workspace, app: App, name: string): Channel {
  const channel = workspace.channel(name) ?? workspace.channelNamed(name);
  const hidden = channel?.isPrivate && !channel.members.includes(app.botUserId);
  if (!channel || hidden) throw new SlackError('channel_not_found');
  return channel;
}

/** Text and blocks of a message; `undefined` blocks when the caller gave none. */
function content(args: Json): { text: string; blocks: Block[] | undefined } {
  const markdown = text(args, 'markdown_text');
  const given = structured(args, 'blocks', 'invalid_blocks_format');
  if (markdown && (text(args, 'text') || given)) throw new SlackError('markdown_text_conflict');
  const source = markdown ? [{ type: 'markdown', text: markdown }] : given;
  return { text: text(args, 'text') || markdown, blocks: source === undefined ? undefined : messageBlocks(source) };
}

function ownMessage({ context, app, args }: MethodCall, refusal: string): Message {
  const channel = visible(context.workspace, app, text(args, 'channel'));
  if (channel.isArchived) throw new SlackError('is_inactive');
  const message = context.workspace.message(channel.id, text(args, 'ts'));
  if (!message || message.ephemeralTo) throw new SlackError('message_not_found');
  if (message.appId !== app.appId) throw new SlackError(refusal);
  return message;
}

function threadOf(workspace: Workspace, channel: Channel, args: Json): string | undefined {
  const ts = text(args, 'thread_ts');
  if (!ts) return undefined;
  if (!/^\d{10}\.\d{6}$/.test(ts)) throw new SlackError('invalid_thread_ts');
  return workspace.message(channel.id, ts)?.threadTs ?? ts;
}

export const chat: Record<string, Method> = {
  'chat.postMessage': {
    token: 'bot',
    scopes: ['chat:write'],
    run({ context: { workspace }, app, args }) {
      const channel = writable(workspace, app, text(args, 'channel'));
      const { text: words, blocks } = content(args);
      if (!words && !blocks?.length) throw new SlackError('no_text');
      const message = workspace.postAsBot(app, {
        channel: channel.id,
        text: words.slice(0, POST_TEXT),
        blocks,
        threadTs: threadOf(workspace, channel, args),
      });
      return { channel: channel.id, ts: message.ts, message: messageJson(message, workspace.team()) };
    },
  },
  'chat.update': {
    token: 'bot',
    scopes: ['chat:write'],
    run(call) {
      const { workspace } = call.context;
      const before = ownMessage(call, 'cant_update_message');
      const { text: words, blocks } = content(call.args);
      if (words.length > UPDATE_TEXT) throw new SlackError('msg_too_long');
      if (!words && blocks === undefined) throw new SlackError('no_text');
      // An app that leaves blocks out keeps the old ones; an empty list removes them.
      const message = workspace.edit(before, { text: words, blocks: blocks ?? before.blocks });
      const { channel, ts } = message;
      return { channel, ts, text: message.text, message: messageJson(message, workspace.team()) };
    },
  },
  'chat.postEphemeral': {
    token: 'bot',
    scopes: ['chat:write'],
    run({ context: { workspace }, app, args }) {
      const channel = visible(workspace, app, text(args, 'channel'));
      if (channel.isArchived) throw new SlackError('is_archived');
      if (!channel.members.includes(app.botUserId)) throw new SlackError('not_in_channel');
      const person = text(args, 'user');
      if (!channel.members.includes(person)) throw new SlackError('user_not_in_channel');
      const { text: words, blocks } = content(args);
      if (!words && !blocks?.length) throw new SlackError('no_text');
      if (words.length > POST_TEXT) throw new SlackError('msg_too_long');
      const threadTs = threadOf(workspace, channel, args);
      const message = workspace.postAsBot(app, {
        channel: channel.id,
        text: words,
        blocks,
        threadTs,
        ephemeralTo: person,
      });
      return { message_ts: message.ts };
    },
  },
  'chat.delete': {
    token: 'bot',
    scopes: ['chat:write'],
    run(call) {
      const message = ownMessage(call, 'cant_delete_message');
      call.context.workspace.remove(message);
      return { channel: message.channel, ts: message.ts };
    },
  },
};
