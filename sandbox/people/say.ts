import { secret } from '../ids.ts';
import { ControlError } from '../errors.ts';
import { kindOf } from '../methods/channels.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Block, Channel, Json, Message, Person } from '../model.ts';
import type { Acked } from './ack.ts';
import { publishEvent } from './events.ts';

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Text as typed, with `@name` of people and bots turned into mentions, as Slack's client does. */
function withMentions(context: SandboxContext, typed: string): string {
  const { workspace } = context;
  const known = [
    ...workspace.apps().map((app) => ({ name: app.botName, id: app.botUserId })),
    ...workspace.people().map((person) => ({ name: person.name, id: person.id })),
  ].sort((a, b) => b.name.length - a.name.length);
  const ids = new Set(known.map(({ id }) => id));
  let text = escape(typed).replace(/&lt;@(\w+)&gt;/g, (whole, id: string) => (ids.has(id) ? `<@${id}>` : whole));
  for (const { name, id } of known) {
    text = text.replace(new RegExp(`(^|[^\\w<])@${escapeRegExp(escape(name))}(?!\\w)`, 'gi'), `$1<@${id}>`);
  }
  return text;
}

/** The rich text block Slack makes of a typed message. */
function richText(text: string): Block {
  const unescape = (part: string) => part.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const elements = text
    .split(/(<@\w+>)/)
    .filter((part) => part !== '')
    .map((part) => {
      const mention = /^<@(\w+)>$/.exec(part);
      return mention ? { type: 'user', user_id: mention[1] } : { type: 'text', text: unescape(part) };
    });
  return { type: 'rich_text', block_id: secret(3), elements: [{ type: 'rich_text_section', elements }] };
}

/** A person writes into a channel. Apps that are mentioned there, and members, hear of it. */
export function say(
  context: SandboxContext,
  person: Person,
  channel: Channel,
  typed: string,
  threadTs?: string,
): Message {
  const { workspace } = context;
  if (!channel.members.includes(person.id)) {
    throw new ControlError(403, 'not_in_channel', `${person.name} is no member of #${channel.name}.`);
  }
  if (channel.isArchived) throw new ControlError(409, 'is_archived', `#${channel.name} is archived.`);
  const text = withMentions(context, typed);
  const root = threadTs ? (workspace.message(channel.id, threadTs)?.threadTs ?? threadTs) : undefined;
  const draft = { channel: channel.id, user: person.id, username: person.name, text, blocks: [richText(text)] };
  const message = workspace.post({ ...draft, threadTs: root });
  for (const app of workspace.apps()) {
    const member = channel.members.includes(app.botUserId);
    if (member) heard(context, app, channel, message);
    if (channel.im || !text.includes(`<@${app.botUserId}>`)) continue;
    if (member) mention(context, app, message);
    else if (!channel.mpim) promptToInvite(context, person, app, message);
  }
  return message;
}

/** The event of a message where an app is a member, by kind of channel. */
const HEARD = {
  public_channel: ['channel', 'message.channels', 'channels:history'],
  private_channel: ['group', 'message.groups', 'groups:history'],
  im: ['im', 'message.im', 'im:history'],
  mpim: ['mpim', 'message.mpim', 'mpim:history'],
} as const;

function heard(context: SandboxContext, app: App, channel: Channel, message: Message): void {
  const [channel_type, name, scope] = HEARD[kindOf(channel)];
  const event = { ...eventOf(context, message), type: 'message', channel_type };
  publishEvent(context, app, { name, scope, event });
}

function mention(context: SandboxContext, app: App, message: Message): void {
  const event = { ...eventOf(context, message), type: 'app_mention' };
  publishEvent(context, app, { name: 'app_mention', scope: 'app_mentions:read', event });
}

/** https://docs.slack.dev/reference/events/app_mention */
const eventOf = ({ workspace }: SandboxContext, message: Message): Json => ({
  user: message.user,
  ts: message.ts,
  client_msg_id: secret(16),
  text: message.text,
  team: workspace.team().id,
  blocks: message.blocks,
  channel: message.channel,
  event_ts: message.ts,
  ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
});

/** A bot that is no member does not hear a mention; Slack asks the writer whether to invite it. */
function promptToInvite(context: SandboxContext, person: Person, app: App, message: Message): void {
  const text = `You mentioned <@${app.botUserId}>, but they're not in this channel.`;
  const button = (label: string, action_id: string, style?: string) => ({
    type: 'button',
    text: { type: 'plain_text', text: label, emoji: true },
    action_id,
    value: `${app.appId} ${message.ts}`,
    ...(style ? { style } : {}),
  });
  context.workspace.slackbotSays(message.channel, person.id, text, [
    { type: 'section', block_id: 'prompt', text: { type: 'mrkdwn', text, verbatim: false } },
    {
      type: 'actions',
      block_id: 'choice',
      elements: [button('Invite Them', 'slackbot_invite', 'primary'), button('Do Nothing', 'slackbot_nothing')],
    },
  ]);
}

/** What the prompt's buttons do: an invited bot gets the mention that led to it. */
export function inviteFromPrompt(context: SandboxContext, person: Person, prompt: Message, element: Json): Acked {
  const { workspace } = context;
  const [appId, ts] = String(element.value).split(' ') as [string, string];
  const app = workspace.store.apps.get(appId);
  const channel = workspace.channel(prompt.channel);
  if (element.action_id === 'slackbot_invite' && app && channel) {
    invite(context, channel, app.botUserId, person);
    const message = workspace.message(channel.id, ts);
    if (message) mention(context, app, message);
  }
  workspace.remove(prompt);
  return { acked: true, ackMs: 0, response: {} };
}

/** Adds a person or bot to a channel. */
export function invite(context: SandboxContext, channel: Channel, userId: string, by?: Person): Channel {
  const { workspace } = context;
  if (channel.im) throw new ControlError(409, 'cant_invite', 'A direct message has the members it has.');
  const joined = workspace.setMember(channel, userId, true);
  const text = by ? `added <@${userId}> to #${channel.name}.` : `joined #${channel.name}.`;
  const author = by ?? { id: userId, name: workspace.member(userId).name };
  workspace.post({ channel: channel.id, user: author.id, username: author.name, text });
  return joined;
}
