/** What the sandbox remembers. Field names in Slack's own payloads are snake_case; what is ours is camelCase. */

/** A piece of Block Kit: validated by `blocks/`, otherwise passed through as the app sent it. */
export type Block = { type: string; block_id?: string } & Record<string, unknown>;
export type Json = Record<string, unknown>;
/** `state.values`: what is entered, by block and action. */
export type Values = Record<string, Record<string, Json>>;

export interface Team {
  id: string;
  name: string;
  domain: string;
}

export interface Person {
  id: string;
  /** The handle people type. */
  name: string;
  realName: string;
}

export interface Channel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  /** People and bots. */
  members: string[];
  /** Set for a direct message: the person it belongs to and the bot at the other end. */
  im?: { personId: string; botUserId: string; appId: string };
  /** A direct message of several people. */
  mpim?: true;
  /** Slack's error for apps that post here, where a setting of the channel keeps them out. */
  posting?: string;
}

export interface SlashCommand {
  command: string;
  description: string;
  usageHint?: string;
  shouldEscape: boolean;
}

export interface Shortcut {
  name: string;
  type: 'global' | 'message';
  callbackId: string;
  description: string;
}

export interface App {
  appId: string;
  name: string;
  botId: string;
  botUserId: string;
  botName: string;
  botToken: string;
  appToken: string;
  scopes: string[];
  botEvents: string[];
  commands: SlashCommand[];
  shortcuts: Shortcut[];
  interactive: boolean;
  /** Whether it has a home tab. */
  homeTab: boolean;
  socketMode: boolean;
  /** Removed from the workspace, until it is installed again. */
  uninstalled: boolean;
  /** Order of installation; the newest app is the one a bare "dm" means. */
  order: number;
}

export interface Token {
  kind: 'bot' | 'app' | 'user';
  appId: string;
  /** Of an app-level or user token; a bot's are its app's. */
  scopes?: string[];
  /** Whose a user token is. */
  personId?: string;
  /** Slack's error for this token once it is revoked. */
  revoked?: string;
}

export interface Message {
  channel: string;
  ts: string;
  threadTs?: string;
  /** The person or bot user that wrote it. */
  user: string;
  username: string;
  appId?: string;
  botId?: string;
  text: string;
  blocks?: Block[];
  attachments?: Json[];
  metadata?: Json;
  /** Only this person sees it. */
  ephemeralTo?: string;
  edited?: { user: string; ts: string };
}

export interface View {
  id: string;
  appId: string;
  personId: string;
  type: 'modal' | 'home';
  callbackId: string;
  externalId: string;
  title?: Json;
  submit?: Json | null;
  close?: Json | null;
  blocks: Block[];
  privateMetadata: string;
  clearOnClose: boolean;
  notifyOnClose: boolean;
  hash: string;
  rootViewId: string;
  previousViewId: string | null;
  values: Values;
  /** What the app's last `response_action: errors` said, per block. */
  errors?: Record<string, string>;
  /** Depth in the person's stack of open modals; 0 for a home tab. */
  depth: number;
}

export interface Trigger {
  appId: string;
  personId: string;
  expiresAt: number;
  used: boolean;
  /** The modal it came from, for views.push. */
  viewId?: string;
}

export interface ResponseUrl {
  appId: string;
  personId: string;
  channel: string;
  expiresAt: number;
  uses: number;
  /** The message the click was on. */
  messageTs?: string;
  threadTs?: string;
}

/** An event that its app has not acknowledged yet. */
export interface PendingEvent {
  eventId: string;
  appId: string;
  payload: Json;
  /** How often it was tried. */
  attempts: number;
  nextAt: number;
}

export interface Call {
  seq: number;
  at: string;
  kind: 'api' | 'response_url' | 'delivery';
  method: string;
  appId?: string;
  args: unknown;
  status: number;
  response: unknown;
  fault?: string;
  ms: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}
