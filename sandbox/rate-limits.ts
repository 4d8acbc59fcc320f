import { methodNamed } from './methods/call.ts';
import { TIER } from './methods/method.ts';
import type { Clock } from './model.ts';

/** Slack allows about one message a second in a channel, and short bursts above that. */
const POSTS_A_SECOND = 1;
const POST_BURST = 3;
/** "Several hundred messages per minute" in a workspace; Slack gives no number. https://docs.slack.dev/apis/web-api/rate-limits */
const POSTS_A_MINUTE = 300;

interface Limit {
  key: string;
  perSecond: number;
  burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Slack's rate limits. Off until asked for: tests post faster than people. */
export class RateLimits {
  enabled: boolean;
  /** How many messages a minute an app may post in the whole workspace. */
  postsAMinute = POSTS_A_MINUTE;
  private readonly clock: Clock;
  private readonly buckets = new Map<string, Bucket>();

  constructor(clock: Clock, enabled: boolean) {
    this.clock = clock;
    this.enabled = enabled;
  }

  /** Whole seconds to wait before this call may be made, or 0 when it may be made now and is counted. */
  wait(method: string, appId: string | undefined, channel: string): number {
    if (!this.enabled || !appId) return 0;
    if (method === 'chat.postMessage') {
      return this.take([
        { key: `${appId} post ${channel}`, perSecond: POSTS_A_SECOND, burst: POST_BURST },
        { key: `${appId} post`, perSecond: this.postsAMinute / 60, burst: this.postsAMinute },
      ]);
    }
    const perMinute = TIER[methodNamed(method)?.tier ?? 'four'];
    return this.take([{ key: `${appId} ${method}`, perSecond: perMinute / 60, burst: perMinute }]);
  }

  /** Takes from all of the buckets or from none. */
  private take(limits: Limit[]): number {
    const now = this.clock.now();
    const filled = limits.map((limit) => {
      const before = this.buckets.get(limit.key) ?? { tokens: limit.burst, at: now };
      const tokens = Math.min(limit.burst, before.tokens + ((now - before.at) / 1000) * limit.perSecond);
      return { ...limit, tokens };
    });
    const waits = filled.map(({ tokens, perSecond }) =>
      tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond)),
    );
    const wait = Math.max(...waits);
    for (const { key, tokens } of filled) this.buckets.set(key, { tokens: wait === 0 ? tokens - 1 : tokens, at: now });
    return wait;
  }
}
