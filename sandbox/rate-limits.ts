import type { Clock } from './model.ts';

/** Calls a minute, per method and app: https://docs.slack.dev/apis/web-api/rate-limits */
const PER_MINUTE: Record<string, number> = {
  'apps.connections.open': 50,
  'chat.update': 50,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  'conversations.list': 20,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.open': 50,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
};
/** Slack allows about one message a second in a channel, and short bursts above that. */
const POSTS_A_SECOND = 1;
const POST_BURST = 3;

interface Bucket {
  tokens: number;
  at: number;
}

/** Slack's rate limits. Off until asked for: tests post faster than people. */
export class RateLimits {
  enabled: boolean;
  private readonly clock: Clock;
  private readonly buckets = new Map<string, Bucket>();

  constructor(clock: Clock, enabled: boolean) {
    this.clock = clock;
    this.enabled = enabled;
  }

  /** Whole seconds to wait before this call may be made, or 0 when it may be made now and is counted. */
  wait(method: string, appId: string | undefined, channel: unknown): number {
    if (!this.enabled) return 0;
    if (method === 'chat.postMessage') return this.take(`${appId} post ${String(channel)}`, POSTS_A_SECOND, POST_BURST);
    const perMinute = PER_MINUTE[method];
    return perMinute === undefined ? 0 : this.take(`${appId} ${method}`, perMinute / 60, perMinute);
  }

  private take(key: string, perSecond: number, burst: number): number {
    const now = this.clock.now();
    const before = this.buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1000) * perSecond);
    const allowed = tokens >= 1;
    this.buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  }
}
