import { ControlError } from './errors.ts';
import type { Feed } from './feed.ts';
import { slackId } from './ids.ts';
import type { App, Block, Channel, Clock, Json, Message, Person, Team } from './model.ts';
import { SLACKBOT } from './seed.ts';
import { lookUp, type Store } from './store.ts';

const TS_MAX = 40;

export interface NewMessage {
  channel: string;
  user: string;
  username: string;
  text: string;
  blocks?: Block[] | undefined;
  attachments?: Json[] | undefined;
  metadata?: Json | undefined;
  threadTs?: string | undefined;
  app?: App | undefined;
  ephemeralTo?: string | undefined;
}

/** People, channels and messages: what everybody in the workspace shares. */
export class Workspace {
  readonly store: Store;
  readonly clock: Clock;
  readonly triggerMs: number;
  private readonly feed: Feed;

  /** `triggerMs`: how long a trigger opens a modal (default: Slack's 3 s). */
  constructor(store: Store, clock: Clock, feed: Feed, triggerMs = 3_000) {
    this.store = store;
    this.clock = clock;
    this.feed = feed;
    this.triggerMs = triggerMs;
  }

  team(): Team {
    return this.store.team()!;
  }

  people(): Person[] {
    return this.store.all(this.store.people);
  }

  /** Those that are installed, the newest last. */
  apps(): App[] {
    return this.store
      .all(this.store.apps)
      .filter((app) => !app.uninstalled)
      .sort((a, b) => a.order - b.order);
  }

  /** An installed app by id or name, the newest when none is named. @throws ControlError unknown_app */
  app(named?: string): App {
    const found = named ? this.apps().find((app) => [app.appId, app.name].includes(named)) : this.apps().at(-1);
    if (!found)
      throw new ControlError(404, 'unknown_app', `There is no app "${named ?? ''}" in the sandbox workspace.`);
    return found;
  }

  botOf(userId: string): App | undefined {
    return this.apps().find((app) => app.botUserId === userId);
  }

  /** A person by id or name. @throws ControlError unknown_person */
  person(who: string): Person {
    const found = this.people().find((person) => person.id === who || person.name === who.replace(/^@/, ''));
    if (!found) throw new ControlError(404, 'unknown_person', `There is no person "${who}" in the sandbox workspace.`);
    return found;
  }

  /** A person or a bot, by id or name. @throws ControlError unknown_person */
  member(who: string): { id: string; name: string } {
    const bare = who.replace(/^@/, '');
    const app = this.apps().find((entry) => [entry.botUserId, entry.botName].includes(bare));
    return app ? { id: app.botUserId, name: app.botName } : this.person(bare);
  }

  channel(id: string): Channel | undefined {
    return lookUp(this.store.channels, id);
  }

  channels(): Channel[] {
    return this.store.all(this.store.channels).filter((channel) => !channel.im);
  }

  channelNamed(name: string): Channel | undefined {
    const bare = name.replace(/^#/, '');
    return this.channels().find((channel) => channel.name === bare);
  }

  /** @throws ControlError name_taken */
  addChannel(name: string, members: string[], isPrivate: boolean): Channel {
    if (this.channelNamed(name)) throw new ControlError(409, 'name_taken', `There is a channel #${name} already.`);
    return this.saveChannel({ id: slackId('C'), name, isPrivate, isArchived: false, members: [...new Set(members)] });
  }

  /**
   * A channel as the control API names it: an id, a name, or a person whose direct message with the newest app is meant.
   * @throws ControlError unknown_channel
   */
  channelFor(name: string, as?: Person): Channel {
    const found = this.channel(name) ?? this.channelNamed(name) ?? this.directMessageFor(name, as);
    if (!found)
      throw new ControlError(404, 'unknown_channel', `There is no channel "${name}" in the sandbox workspace.`);
    return found;
  }

  private directMessageFor(name: string, as?: Person): Channel | undefined {
    const bare = name.replace(/^@/, '');
    const addressed = this.apps().find((app) => [app.botUserId, app.botName].includes(bare));
    const person =
      addressed || bare === 'dm' ? as : this.people().find((entry) => [entry.id, entry.name].includes(bare));
    const app = addressed ?? this.apps().at(-1);
    return person && app ? this.openIm(app, person.id) : undefined;
  }

  imsOf(personId: string): Channel[] {
    return this.store.all(this.store.channels).filter((channel) => channel.im?.personId === personId);
  }

  findIm(app: App, personId: string): Channel | undefined {
    return this.imsOf(personId).find((channel) => channel.im?.appId === app.appId);
  }

  /** The direct message of a person with a bot, made when it is first needed. */
  openIm(app: App, personId: string): Channel {
    return this.store.transaction(() => {
      const existing = this.findIm(app, personId);
      if (existing) return existing;
      const im: Channel = {
        id: slackId('D'),
        name: 'directmessage',
        isPrivate: true,
        isArchived: false,
        members: [personId, app.botUserId],
        im: { personId, botUserId: app.botUserId, appId: app.appId },
      };
      this.store.channels.putSync(im.id, im);
      return im;
    });
  }

  findGroup(app: App, personIds: string[]): Channel | undefined {
    const wanted = [...personIds, app.botUserId].toSorted().join();
    return this.store
      .all(this.store.channels)
      .find((channel) => channel.mpim && channel.members.toSorted().join() === wanted);
  }

  /** The direct message of several people with a bot. */
  openGroup(app: App, personIds: string[]): Channel {
    return this.store.transaction(() => {
      const existing = this.findGroup(app, personIds);
      if (existing) return existing;
      const names = personIds.map((id) => this.person(id).name);
      return this.saveChannel({
        id: slackId('C'),
        name: `mpdm-${names.join('--')}--${app.botName.toLowerCase().replace(/[^a-z0-9]+/g, '')}-1`,
        isPrivate: true,
        isArchived: false,
        members: [...personIds, app.botUserId],
        mpim: true,
      });
    });
  }

  setMember(channel: Channel, userId: string, present: boolean): Channel {
    const others = channel.members.filter((member) => member !== userId);
    return this.saveChannel({ ...channel, members: present ? [...others, userId] : others });
  }

  saveChannel(channel: Channel): Channel {
    this.store.channels.putSync(channel.id, channel);
    this.feed.announce({ kind: 'workspace', channel: channel.id });
    return channel;
  }

  /** Whether that person may look into the channel at all: public ones are open to everybody. */
  canRead(channel: Channel, personId: string): boolean {
    return !channel.isPrivate || channel.members.includes(personId);
  }

  /** What one person sees of a channel, oldest first. */
  visibleMessages(channel: Channel, personId: string): Message[] {
    return this.store
      .messagesOf(channel.id)
      .filter((message) => !message.ephemeralTo || message.ephemeralTo === personId);
  }

  message(channel: string, ts: string): Message | undefined {
    return ts.length <= TS_MAX ? this.store.messages.get([channel, ts]) : undefined;
  }

  post(draft: NewMessage): Message {
    const ts = this.store.nextTs(this.clock.now());
    const message: Message = {
      channel: draft.channel,
      ts,
      user: draft.user,
      username: draft.username,
      text: draft.text,
      ...(draft.blocks?.length ? { blocks: draft.blocks } : {}),
      ...(draft.attachments?.length ? { attachments: draft.attachments } : {}),
      ...(draft.metadata ? { metadata: draft.metadata } : {}),
      ...(draft.threadTs && draft.threadTs !== ts ? { threadTs: draft.threadTs } : {}),
      ...(draft.app ? { appId: draft.app.appId, botId: draft.app.botId } : {}),
      ...(draft.ephemeralTo ? { ephemeralTo: draft.ephemeralTo } : {}),
    };
    this.save(message);
    return message;
  }

  /** A private word from Slack itself, such as "the app did not respond". */
  slackbotSays(channel: string, to: string, text: string, blocks?: Block[]): Message {
    return this.post({ channel, user: SLACKBOT.id, username: SLACKBOT.name, text, blocks, ephemeralTo: to });
  }

  postAsBot(app: App, draft: Omit<NewMessage, 'user' | 'username' | 'app'>): Message {
    return this.post({ ...draft, user: app.botUserId, username: app.botName, app });
  }

  edit(message: Message, change: Pick<NewMessage, 'text' | 'blocks' | 'attachments'>): Message {
    const { blocks: _before, attachments: _with, ...rest } = message;
    const edited: Message = {
      ...rest,
      text: change.text,
      ...(change.blocks?.length ? { blocks: change.blocks } : {}),
      ...(change.attachments?.length ? { attachments: change.attachments } : {}),
      edited: { user: message.user, ts: this.store.nextTs(this.clock.now()) },
    };
    this.save(edited);
    return edited;
  }

  remove(message: Message): void {
    this.store.messages.removeSync([message.channel, message.ts]);
    this.announce(message);
  }

  private save(message: Message): void {
    this.store.messages.putSync([message.channel, message.ts], message);
    this.announce(message);
  }

  private announce(message: Message): void {
    const { channel, ephemeralTo } = message;
    this.feed.announce({ kind: 'message', channel, ...(ephemeralTo ? { user: ephemeralTo } : {}) });
  }
}
