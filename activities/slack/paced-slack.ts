/**
 * Slack's Web API within Slack's limits, counted in Postgres for all workers. A call that would come too early is not
 * made: it holds a turn, and Temporal tries its activity again then (`nextRetryDelay`), when the latest state is sent.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { closeBucket, isAwaited, takeTurn, type Bucket } from '#db/slack-pace.ts';
import type { Database } from '#db/pool.ts';
import { noteBotApp } from '#core/slack-bot-app.ts';
import { slackClient, slackFailure, type SlackFailure } from '#core/slack-client.ts';
import type { OpenedSlack } from '#core/slack-tokens.ts';
import type { Message } from '#slack/blocks/text.ts';
import { tryAgainIn } from './try-again.ts';

/**
 * "1 message a second in a channel", short bursts above that tolerated: three, of which one is left for the ways of
 * different length that messages take to Slack.
 */
const channelLimit = { everyMs: 1_000, burst: 2 };
/** Tier 3: 50 calls a minute for a method in a workspace. */
const tier3 = { everyMs: 1_200, burst: 10 };
/** Of them, what nobody looks out for may have: half, and none while something else waits. */
const closings = { everyMs: 2_400, burst: 5 };
const givesWayMs = 5_000;
/** Slack allows "several hundred" messages a minute in a workspace. */
const workspaceLimit = { everyMs: 200, burst: 30 };
/** They are shared out, so that thousands of reviewers who are asked delay no channel, and no creator who waits. */
const lanes = {
  channels: { everyMs: 200, burst: 30 },
  creators: { everyMs: 1_000, burst: 20 },
  reviewers: { everyMs: 1_000, burst: 20 },
};
export type Lane = keyof typeof lanes;

export type Refused = Extract<SlackFailure, { kind: 'refused' }>;
export type Unavailable = Extract<SlackFailure, { kind: 'unavailable' }>;

/** Slack said no, or did not answer; limits never come as this. */
export class SlackCallError extends Error {
  override readonly name = 'SlackCallError';
  readonly failure: Refused | Unavailable;

  constructor(failure: Refused | Unavailable, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

const quiet = { unfurl_links: false, unfurl_media: false };

export class PacedSlack {
  /** Of the workspace the tokens belong to, empty while it is not known. */
  readonly teamId: string;
  readonly pluginVersion: number;
  readonly teamUrl: string | undefined;
  private readonly db: Database;
  private readonly client: WebClient;
  private readonly slack: OpenedSlack;
  private readonly log: Logger;

  constructor(db: Database, slack: OpenedSlack, log: Logger) {
    this.db = db;
    this.slack = slack;
    this.log = log;
    this.client = slackClient(slack.botToken, slack.apiUrl, log);
    this.teamId = slack.info.team?.id ?? '';
    this.teamUrl = slack.info.team?.url;
    this.pluginVersion = slack.version;
  }

  /**
   * Posts into a channel (`threadTs`: into a thread of it) and gives the `ts`. `who`: names the caller's turn; `fresh`:
   * which comes before those of messages that are late anyway.
   */
  async post(
    who: string,
    lane: Lane,
    channel: string,
    message: Message,
    threadTs?: string,
    fresh = false,
  ): Promise<string> {
    const family = `${this.teamId} post `;
    const buckets = [
      { name: family + channel, ...channelLimit },
      { name: `${this.teamId} lane ${lane}`, ...lanes[lane] },
      { name: `${this.teamId} posts`, ...workspaceLimit },
    ];
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const send = () => this.client.chat.postMessage({ channel, ...message, ...thread, ...quiet });
    const posted = await this.call(`post ${who}`, buckets, family, send, fresh);
    await noteBotApp({ db: this.db, log: this.log }, this.slack, posted.message?.app_id);
    return named(posted.ts, 'posted a message');
  }

  async update(who: string, channel: string, ts: string, message: Message, fresh: boolean): Promise<void> {
    const buckets = [{ name: `${this.teamId} chat.update`, ...tier3 }];
    const send = () => this.client.chat.update({ channel, ts, ...message });
    await this.call(`update ${who}`, buckets, null, send, fresh);
  }

  /** As `update`, behind everything else: however many there are, no other message is later for them. */
  async updateLast(who: string, channel: string, ts: string, message: Message): Promise<void> {
    const updates = { name: `${this.teamId} chat.update`, ...tier3 };
    const own = { name: `${this.teamId} closings`, ...closings };
    if (await isAwaited(this.db, updates.name)) await closeBucket(this.db, own, givesWayMs, null);
    const send = () => this.client.chat.update({ channel, ts, ...message });
    await this.call(`close ${who}`, [own, updates], null, send);
  }

  /** The channel of direct messages with a person. */
  async openDirect(who: string, slackId: string): Promise<string> {
    const buckets = [{ name: `${this.teamId} conversations.open`, ...tier3 }];
    const opened = await this.call(`open ${who}`, buckets, null, () =>
      this.client.conversations.open({ users: slackId }),
    );
    return named(opened.channel?.id, 'opened a conversation');
  }

  /** Throws `SlackCallError`, and an `ApplicationFailure` that says when to try again. */
  private async call<T>(
    who: string,
    buckets: Bucket[],
    family: string | null,
    work: () => Promise<T>,
    fresh = false,
  ): Promise<T> {
    const waitMs = await takeTurn(this.db, who, buckets, fresh);
    if (waitMs > 0) throw tryAgainIn(waitMs, 'SlackPaced', 'waits for its turn');
    try {
      return await work();
    } catch (error) {
      const failure = slackFailure(error);
      if (failure.kind !== 'rate_limited') throw new SlackCallError(failure, error);
      const ms = failure.retryAfterSeconds * 1_000;
      await this.close(buckets, ms, family);
      throw tryAgainIn(ms, 'SlackRateLimited', `Slack asks to wait ${failure.retryAfterSeconds} s`);
    }
  }

  /** Slack does not say which limit was met: the channel's first, the lane's too once another channel has to wait. */
  private async close([first, lane]: Bucket[], ms: number, family: string | null): Promise<void> {
    if (!first) return;
    const others = await closeBucket(this.db, first, ms, family);
    if (others && lane) await closeBucket(this.db, lane, ms, null);
  }
}

function named(id: string | undefined, did: string): string {
  if (id !== undefined && id !== '') return id;
  throw new SlackCallError({ kind: 'unavailable', message: `Slack ${did} and did not name it` }, undefined);
}
