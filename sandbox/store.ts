import { mkdirSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import type {
  App,
  Call,
  Channel,
  Json,
  Message,
  PendingEvent,
  Person,
  ResponseUrl,
  Team,
  Token,
  Trigger,
  Values,
  View,
} from './model.ts';

const KEPT_CALLS = 5_000;
/** For an hour they are still answered "expired" rather than "unknown". */
const KEPT_EXPIRED_MS = 3_600_000;

/** Nothing the workspace made has a longer name, and LMDB takes no key above 1,978 bytes. */
const KEY_MAX = 300;

/** What `table` holds under a key that came from outside, if it can be a key at all. */
export function lookUp<V>(table: Database<V, string>, key: unknown): V | undefined {
  return typeof key === 'string' && key !== '' && key.length <= KEY_MAX ? table.get(key) : undefined;
}

/**
 * Everything the workspace remembers, in one LMDB folder. Writes are synchronous and in the page cache before the answer
 * goes out, so killing the process at any moment loses nothing that was answered.
 */
export class Store {
  private readonly root: RootDatabase<unknown, string>;
  readonly people: Database<Person, string>;
  readonly channels: Database<Channel, string>;
  readonly apps: Database<App, string>;
  readonly tokens: Database<Token, string>;
  /** By channel and ts, so a channel is read in order. */
  readonly messages: Database<Message, [string, string]>;
  readonly views: Database<View, string>;
  readonly triggers: Database<Trigger, string>;
  readonly responseUrls: Database<ResponseUrl, string>;
  readonly events: Database<PendingEvent, string>;
  /** What each person entered or chose in a message, by `messageStateKey`. */
  readonly messageStates: Database<Values, string>;
  /** The options an app last offered in an external select, by `suggestionKey`. */
  readonly suggestions: Database<Json[], string>;
  private readonly calls: Database<Call, number>;
  private readonly meta: Database<unknown, string>;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    this.root = open({ path: dataDir, maxDbs: 16, encoding: 'json' });
    const table = <V, K extends string | number | [string, string]>(name: string) =>
      this.root.openDB<V, K>({ name, encoding: 'json' });
    this.people = table('people');
    this.channels = table('channels');
    this.apps = table('apps');
    this.tokens = table('tokens');
    this.messages = table('messages');
    this.views = table('views');
    this.triggers = table('triggers');
    this.responseUrls = table('response_urls');
    this.events = table('events');
    this.messageStates = table('message_states');
    this.suggestions = table('suggestions');
    this.calls = table('calls');
    this.meta = table('meta');
  }

  /** All of `work` is on disk or none of it. */
  transaction<T>(work: () => T): T {
    return this.root.transactionSync(work);
  }

  team(): Team | undefined {
    return this.meta.get('team') as Team | undefined;
  }

  setTeam(team: Team): void {
    this.meta.putSync('team', team);
  }

  /** The next number of a named counter, starting at 1, never given twice. */
  next(counter: string): number {
    return this.transaction(() => {
      const value = ((this.meta.get(counter) as number | undefined) ?? 0) + 1;
      this.meta.putSync(counter, value);
      return value;
    });
  }

  /** A message timestamp: Slack's `seconds.micros`, unique and always later than the one before. */
  nextTs(now: number): string {
    return this.transaction(() => {
      const last = (this.meta.get('last_ts') as number | undefined) ?? 0;
      const micros = Math.max(now * 1000, last + 1);
      this.meta.putSync('last_ts', micros);
      const digits = String(micros);
      return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    });
  }

  /** The messages of a channel, oldest first. */
  messagesOf(channel: string): Message[] {
    return [...this.messages.getRange({ start: [channel, ''], end: [channel, '\uffff'] })].map(({ value }) => value);
  }

  all<V, K extends string>(database: Database<V, K>): V[] {
    return [...database.getRange({})].map(({ value }) => value);
  }

  addCall(call: Omit<Call, 'seq'>): void {
    this.transaction(() => {
      const seq = this.next('calls');
      this.calls.putSync(seq, { ...call, seq });
      this.calls.removeSync(seq - KEPT_CALLS);
    });
  }

  callsAfter(seq: number): Call[] {
    return [...this.calls.getRange({ start: seq + 1 })].map(({ value }) => value);
  }

  clearCalls(): number {
    return this.transaction(() => {
      const keys = [...this.calls.getKeys()];
      for (const key of keys) this.calls.removeSync(key);
      return keys.length;
    });
  }

  /** Trigger ids and response URLs are many and soon worthless. */
  forgetExpired(now: number): void {
    this.transaction(() => {
      for (const { key, value } of this.triggers.getRange({})) {
        if (value.expiresAt < now - KEPT_EXPIRED_MS) this.triggers.removeSync(key);
      }
      for (const { key, value } of this.responseUrls.getRange({})) {
        if (value.expiresAt < now - KEPT_EXPIRED_MS) this.responseUrls.removeSync(key);
      }
    });
  }

  async close(): Promise<void> {
    await this.root.close();
  }
}
