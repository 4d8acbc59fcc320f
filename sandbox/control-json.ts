import type { SandboxContext } from './methods/method.ts';
import type { App, Channel, Json, Message, Person, View } from './model.ts';
import { messageJson, viewJson } from './payloads.ts';

/** Shapes of the control API's answers; `README.md` describes them. */

export const personJson = ({ id, name, realName }: Person) => ({ id, name, realName });

export const channelJson = ({ id, name, isPrivate, isArchived, members, mpim }: Channel) => ({
  ...{ id, name, isPrivate, isArchived, members },
  ...(mpim ? { isGroupDm: true } : {}),
});

export function appJson(context: SandboxContext, app: App) {
  const { appId, name, botUserId, botName, commands, shortcuts = [], homeTab = false } = app;
  return { appId, name, botUserId, botName, commands, shortcuts, homeTab, sockets: context.hub.openCount(appId) };
}

export function workspaceJson(context: SandboxContext) {
  const { workspace } = context;
  return {
    team: workspace.team(),
    people: workspace.people().map(personJson),
    channels: workspace.channels().map(channelJson),
    apps: workspace.apps().map((app) => appJson(context, app)),
  };
}

/** What one person's client shows beside the messages: channels they may open, and their direct messages. */
export function clientJson(context: SandboxContext, person: Person) {
  const { workspace } = context;
  return {
    me: personJson(person),
    ...workspaceJson(context),
    channels: workspace
      .channels()
      .filter((channel) => workspace.canRead(channel, person.id))
      .map(channelJson),
    dms: workspace.apps().map((app) => ({
      ...channelJson(workspace.openIm(app, person.id)),
      name: app.botName,
      botUserId: app.botUserId,
    })),
  };
}

export interface WantedMessages {
  thread?: string | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}

/** A channel as one person sees it: roots and replies in order, or one thread; `more` when older ones were left out. */
export function messagesJson(
  context: SandboxContext,
  channel: Channel,
  person: Person,
  { thread, after = '', limit = Infinity }: WantedMessages = {},
): { messages: Json[]; more: boolean } {
  const { workspace } = context;
  const visible = workspace.visibleMessages(channel, person.id);
  const replies = new Map<string, number>();
  for (const { threadTs, ephemeralTo } of visible) {
    if (threadTs && !ephemeralTo) replies.set(threadTs, (replies.get(threadTs) ?? 0) + 1);
  }
  const found = visible.filter(({ ts, threadTs }) => ts > after && (!thread || ts === thread || threadTs === thread));
  const messages = found
    .slice(-Math.min(limit, found.length || 1))
    .map((message) => ({ ...shownMessage(context, message), reply_count: replies.get(message.ts) ?? 0 }));
  return { messages, more: messages.length < found.length };
}

function shownMessage({ workspace }: SandboxContext, message: Message): Json {
  return {
    ...messageJson(message, workspace.team()),
    channel: message.channel,
    username: message.username,
    ephemeral: message.ephemeralTo !== undefined,
  };
}

export function viewsJson(context: SandboxContext, person: Person): Json[] {
  return context.views.stackOf(person.id).map((view) => shownView(context, view));
}

export function shownView({ workspace }: SandboxContext, view: View): Json {
  const app = workspace.store.apps.get(view.appId)!;
  return {
    appId: app.appId,
    appName: app.botName,
    ...viewJson(view, app, workspace.team()),
    errors: view.errors ?? {},
  };
}
