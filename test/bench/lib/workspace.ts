/** The sandbox as the benches use it: its control API, its log of calls, and its feed in place of polling. */
import { WebSocket } from 'ws';
import manifest from '../../../slack/manifest.json' with { type: 'json' };
import { SandboxClient } from '#test/support/sandbox-client.ts';

/** One call of an app, or one payload to it. */
export interface Call {
  seq: number;
  /** Milliseconds since the epoch of its end. */
  at: number;
  method: string;
  appId?: string;
  args: { channel?: string; ts?: string; thread_ts?: string; text?: string; blocks?: string };
  status: number;
  response: { ok?: boolean; channel?: string; ts?: string; error?: string };
  fault?: string;
}

export interface Installed {
  appId: string;
  botToken: string;
  appToken: string;
}

export class BenchWorkspace extends SandboxClient {
  private readonly feed: WebSocket;
  private readonly listeners = new Set<() => unknown>();

  private constructor(url: string, feed: WebSocket) {
    super(url);
    this.feed = feed;
    feed.on('message', () => this.listeners.forEach((listener) => listener()));
  }

  static async open(url: string): Promise<BenchWorkspace> {
    const feed = new WebSocket(`${url.replace(/^http/, 'ws')}/control/events`);
    await new Promise((resolve, reject) => {
      feed.once('open', resolve);
      feed.once('error', reject);
    });
    return new BenchWorkspace(url, feed);
  }

  close(): void {
    this.feed.close();
  }

  /** Another app, with hoop's scopes. */
  install(name: string): Promise<Installed> {
    return this.call('POST', '/control/apps', { ...manifest, display_information: { name } });
  }

  async addChannel(name: string): Promise<string> {
    return (await this.call<{ channel: { id: string } }>('POST', '/control/channels', { name })).channel.id;
  }

  async limits(enabled: boolean): Promise<void> {
    await this.call('POST', '/control/limits', { enabled });
  }

  async calls(after: number): Promise<Call[]> {
    const { calls } = await this.call<{ calls: (Omit<Call, 'at'> & { at: string })[] }>(
      'GET',
      `/control/calls?after=${after}&limit=5000`,
    );
    return calls.map((call) => ({ ...call, at: Date.parse(call.at) }));
  }

  /** The number of the latest call. */
  async now(): Promise<number> {
    const { calls } = await this.call<{ calls: Call[] }>('GET', '/control/calls?limit=1');
    return calls[0]?.seq ?? 0;
  }

  /** Resolves when so much has changed in the workspace, after `atMostMs` in any case. */
  change(atMostMs: number, changes = 1): Promise<'changed' | 'late'> {
    return new Promise((resolve) => {
      let seen = 0;
      const end = (what: 'changed' | 'late') => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        resolve(what);
      };
      const listener = () => (seen += 1) >= changes && end('changed');
      const timer = setTimeout(() => end('late'), atMostMs);
      this.listeners.add(listener);
    });
  }

  /** Resolves once nothing has changed for `forMs`, or after `atMostMs`. */
  async quiet(forMs: number, atMostMs: number): Promise<void> {
    const until = Date.now() + atMostMs;
    while (Date.now() < until && (await this.change(forMs)) === 'changed');
  }
}

/** Reads the log of calls as it grows; each call is given once. */
export class CallLog {
  private seq: number;
  private readonly workspace: BenchWorkspace;

  private constructor(workspace: BenchWorkspace, seq: number) {
    this.workspace = workspace;
    this.seq = seq;
  }

  static async from(workspace: BenchWorkspace): Promise<CallLog> {
    return new CallLog(workspace, await workspace.now());
  }

  async more(): Promise<Call[]> {
    const calls = await this.workspace.calls(this.seq);
    this.seq = calls.at(-1)?.seq ?? this.seq;
    return calls;
  }

  /**
   * Gives `take` what is new until it is satisfied; false when it was not in time. It is read after so many changes, or
   * each second: reading what is long keeps the sandbox from its work.
   */
  async until(take: (calls: Call[]) => boolean, atMostMs: number, changes = 1): Promise<boolean> {
    const end = Date.now() + atMostMs;
    for (;;) {
      const changed = this.workspace.change(Math.max(0, Math.min(end - Date.now(), 1_000)), changes);
      if (take(await this.more())) return true;
      await changed;
      if (Date.now() >= end) return take(await this.more());
    }
  }
}

/** A call that Slack did. */
export const succeeded = (call: Call, method: string): boolean =>
  call.method === method && call.status === 200 && call.response.ok === true;

/** The first message of a review, when the call put one into a channel: by the value of its buttons. */
export function reviewPosted(call: Call): { id: string; channel: string; ts: string } | undefined {
  if (!succeeded(call, 'chat.postMessage') || call.args.thread_ts !== undefined) return undefined;
  const id = /"value":"([0-9a-f]{8}-[0-9a-f-]{27}):/.exec(call.args.blocks ?? '')?.[1];
  const { channel = '', ts = '' } = call.response;
  // direct messages may hold buttons too
  return id !== undefined && channel.startsWith('C') ? { id, channel, ts } : undefined;
}
