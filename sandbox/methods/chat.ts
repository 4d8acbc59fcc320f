import { messageAttachments } from '../blocks/attachments.ts';
import { messageBlocks } from '../blocks/validate.ts';
import { SlackError } from '../errors.ts';
import type { App, Block, Channel, Json, Message } from '../model.ts';
import { messageJson } from '../payloads.ts';
import { storedText } from '../text.ts';
import type { Workspace } from '../workspace.ts';
import { addressed, visible } from './channels.ts';
import { structured, text, type Method, type MethodCall } from './method.ts';

const POST_TEXT = 40_000;
const UPDATE_TEXT = 4_000;
const WRITE = ['chat:write'];

/** The channel an app may post to. */
function writable(workspace: Workspace, app: App, name: string): Channel {
  const channel = addressed(workspace, app, name);
  if (channel.isArchived) throw new SlackError('is_archived');
  const member = channel.members.includes(app.botUserId);
  if (!member && !app.scopes.includes('chat:write.public')) throw new SlackError('not_in_channel');
  if (channel.posting) throw new SlackError(channel.posting);
  return channel;
}

interface Content {
  text: string;
  /** Undefined when the caller gave none. */
  blocks: Block[] | undefined;
  attachments: Json[] | undefined;
}

function content(args: Json): Content {
  const markdown = text(args, 'markdown_text');
  const given = structured(args, 'blocks', 'invalid_blocks_format');
  const attached = structured(args, 'attachments', 'invalid_attachments');
  if (markdown && (text(args, 'text') || given)) throw new SlackError('markdown_text_conflict');
  const source = markdown ? [{ type: 'markdown', text: markdown }] : given;
  return {
    text: text(args, 'text') || markdown,
    blocks: source === undefined ? undefined : messageBlocks(source),
    attachments: attached === undefined ? undefined : messageAttachments(attached),
  };
}

const isEmpty = ({ text: words, blocks, attachments }: Content) => !words && !blocks?.length && !attachments?.length;

function metadataOf(args: Json): Json | undefined {
  const given = structured(args, 'metadata', 'invalid_metadata_format');
  if (given === undefined) return undefined;
  const { event_type, event_payload } = given as Json;
  if (typeof event_type !== 'string' || typeof event_payload !== 'object' || event_payload === null) {
    throw new SlackError('invalid_metadata_format');
  }
  return { event_type, event_payload };
}

function ownMessage({ context, app, args }: MethodCall, refusal: string): Message {
  const channel = visible(context.workspace, app, args.channel);
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
    tier: 'special',
    scopes: WRITE,
    run({ context: { workspace }, app, args }) {
      const channel = writable(workspace, app, text(args, 'channel'));
      const given = content(args);
      if (isEmpty(given)) throw new SlackError('no_text');
      const message = workspace.postAsBot(app, {
        ...given,
        channel: channel.id,
        text: storedText(given.text.slice(0, POST_TEXT)),
        threadTs: threadOf(workspace, channel, args),
        metadata: metadataOf(args),
      });
      return { channel: channel.id, ts: message.ts, message: messageJson(message, workspace.team()) };
    },
  },
  'chat.update': {
    token: 'bot',
    tier: 'three',
    scopes: WRITE,
    run(call) {
      const { workspace } = call.context;
      const before = ownMessage(call, 'cant_update_message');
      const given = content(call.args);
      if (given.text.length > UPDATE_TEXT) throw new SlackError('msg_too_long');
      if (!given.text && given.blocks === undefined && !given.attachments) throw new SlackError('no_text');
      // An app that leaves blocks out keeps the old ones; an empty list removes them.
      const { blocks = before.blocks, attachments = before.attachments } = given;
      const message = workspace.edit(before, { text: storedText(given.text), blocks, attachments });
      const { channel, ts } = message;
      return { channel, ts, text: message.text, message: messageJson(message, workspace.team()) };
    },
  },
  'chat.postEphemeral': {
    token: 'bot',
    tier: 'four',
    scopes: WRITE,
    run({ context: { workspace }, app, args }) {
      const channel = addressed(workspace, app, text(args, 'channel'));
      if (channel.isArchived) throw new SlackError('is_archived');
      if (!channel.members.includes(app.botUserId)) throw new SlackError('not_in_channel');
      if (channel.posting) throw new SlackError(channel.posting);
      const person = text(args, 'user');
      if (!channel.members.includes(person)) throw new SlackError('user_not_in_channel');
      const given = content(args);
      if (isEmpty(given)) throw new SlackError('no_text');
      if (given.text.length > POST_TEXT) throw new SlackError('msg_too_long');
      const message = workspace.postAsBot(app, {
        ...given,
        channel: channel.id,
        text: storedText(given.text),
        threadTs: threadOf(workspace, channel, args),
        ephemeralTo: person,
      });
      return { message_ts: message.ts };
    },
  },
  'chat.delete': {
    token: 'bot',
    tier: 'three',
    scopes: WRITE,
    run(call) {
      const message = ownMessage(call, 'cant_delete_message');
      call.context.workspace.remove(message);
      return { channel: message.channel, ts: message.ts };
    },
  },
  'chat.getPermalink': {
    token: 'bot',
    tier: 'special',
    json: false,
    required: ['channel', 'message_ts'],
    run({ context: { workspace }, app, args }) {
      const channel = visible(workspace, app, args.channel);
      const message = workspace.message(channel.id, text(args, 'message_ts'));
      if (!message || message.ephemeralTo) throw new SlackError('message_not_found');
      const { threadTs, ts } = message;
      const thread = threadTs ? `?thread_ts=${threadTs}&cid=${channel.id}` : '';
      const path = `archives/${channel.id}/p${ts.replace('.', '')}${thread}`;
      return { channel: channel.id, permalink: `https://${workspace.team().domain}.slack.com/${path}` };
    },
  },
};
