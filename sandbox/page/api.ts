import type { Block, Json, Person, SlashCommand, Team } from '../model.ts';

/** The control API as the page uses it. */

export interface ShownMessage {
  ts: string;
  thread_ts?: string;
  channel: string;
  user: string;
  username: string;
  bot_id?: string;
  text: string;
  blocks?: Block[];
  attachments?: { blocks?: Block[]; text?: string; fallback?: string }[];
  ephemeral: boolean;
  edited?: unknown;
  reply_count: number;
}

export interface ShownView {
  id: string;
  appName: string;
  hash: string;
  title: { text: string };
  submit: { text: string } | null;
  close: { text: string } | null;
  blocks: Block[];
  errors: Record<string, string>;
  state: { values: Record<string, Record<string, Json>> };
}

export interface ShownChannel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  members: string[];
}

export interface Client {
  me: Person;
  team: Team;
  people: Person[];
  channels: ShownChannel[];
  apps: {
    appId: string;
    name: string;
    botUserId: string;
    botName: string;
    commands: SlashCommand[];
    sockets: number;
  }[];
  dms: (ShownChannel & { botUserId: string })[];
}

/** A refusal of the control API, in words for people. */
export class Refused extends Error {
  readonly code: string;
  readonly errors: Record<string, string>;

  constructor(code: string, message: string, errors: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.errors = errors;
  }
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`./control/${path}`, body === undefined ? {} : post).catch(() => {
    throw new Refused('unreachable', 'The sandbox cannot be reached. Is it still running?');
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error.code, answer.error.message, answer.errors);
  return answer;
}

const query = (values: Record<string, string>) => new URLSearchParams(values).toString();

export const api = {
  workspace: () => ask<Omit<Client, 'me' | 'dms'>>('workspace'),
  client: (as: string) => ask<Client>(`client?${query({ as })}`),
  /** Oldest first: a thread, the newest `limit`, what is later than `after`. */
  messages: (wanted: { channel: string; as: string; thread?: string; after?: string; limit?: string }) =>
    ask<{ messages: ShownMessage[]; more: boolean }>(`messages?${query(wanted)}`),
  views: (as: string) => ask<{ views: ShownView[] }>(`views?${query({ as })}`),
  say: (body: { as: string; channel: string; text: string; thread_ts?: string | undefined }) => ask('message', body),
  command: (body: { as: string; channel: string; command: string; text: string }) => ask('command', body),
  click: (body: object) => ask('click', body),
  invite: (body: { as?: string; channel: string; user: string }) => ask('invite', body),
  dismiss: (body: { as: string; channel: string; ts: string }) => ask('dismiss', body),
  submit: (id: string, as: string, values: Json) =>
    ask<{ errors?: Record<string, string> }>(`views/${id}/submit`, { as, values }),
  close: (id: string, as: string) => ask(`views/${id}/close`, { as }),
};
