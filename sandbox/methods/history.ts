import { SlackError } from '../errors.ts';
import type { Channel, Message } from '../model.ts';
import { messageJson } from '../payloads.ts';
import { anyKind, permitted, SCOPES } from './channels.ts';
import { flag, page, text, type Method, type MethodCall } from './method.ts';

const PAGE = 100;

/** Everybody's messages of a channel, the app being a member; ephemeral ones are in no history. */
function readable({ context: { workspace }, app, args }: MethodCall): { channel: Channel; messages: Message[] } {
  const channel = permitted({ workspace, app, args }, SCOPES.HISTORY);
  if (!channel.members.includes(app.botUserId)) throw new SlackError('not_in_channel');
  const oldest = text(args, 'oldest') || '0';
  const latest = text(args, 'latest') || '9'.repeat(12);
  const inclusive = flag(args, 'inclusive');
  const messages = workspace.store
    .messagesOf(channel.id)
    .filter(({ ephemeralTo }) => !ephemeralTo)
    .filter(
      ({ ts }) =>
        (Number(ts) > Number(oldest) && Number(ts) < Number(latest)) || (inclusive && [oldest, latest].includes(ts)),
    );
  return { channel, messages };
}

export const history: Record<string, Method> = {
  'conversations.history': {
    token: 'bot',
    tier: 'three',
    json: false,
    required: ['channel'],
    ...anyKind(SCOPES.HISTORY),
    run(call) {
      const { messages } = readable(call);
      const roots = messages.filter(({ threadTs }) => !threadTs).toReversed();
      const { items, next_cursor } = page(roots, call.args, PAGE);
      const team = call.context.workspace.team();
      const threads = items.map((root) => ({ root, replies: messages.filter(({ threadTs }) => threadTs === root.ts) }));
      return {
        messages: threads.map(({ root, replies }) => ({
          ...messageJson(root, team),
          ...(replies.length > 0
            ? { thread_ts: root.ts, reply_count: replies.length, latest_reply: replies.at(-1)!.ts }
            : {}),
        })),
        has_more: next_cursor !== '',
        pin_count: 0,
        ...(next_cursor ? { response_metadata: { next_cursor } } : {}),
      };
    },
  },
  'conversations.replies': {
    token: 'bot',
    tier: 'three',
    json: false,
    required: ['channel', 'ts'],
    ...anyKind(SCOPES.HISTORY),
    run(call) {
      const { messages } = readable(call);
      const ts = text(call.args, 'ts');
      const asked = messages.find((message) => message.ts === ts);
      if (!asked) throw new SlackError('thread_not_found');
      const root = asked.threadTs ?? ts;
      const thread = messages.filter((message) => message.ts === root || message.threadTs === root);
      const { items, next_cursor } = page(thread, call.args, PAGE);
      const team = call.context.workspace.team();
      return {
        messages: items.map((message) => ({ ...messageJson(message, team), thread_ts: root })),
        has_more: next_cursor !== '',
        ...(next_cursor ? { response_metadata: { next_cursor } } : {}),
      };
    },
  },
};
