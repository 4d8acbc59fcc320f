/** Reviews posted a minute into many channels, with Slack's limits in force. */
import { randomUUID } from 'node:crypto';
import { CallLog, reviewPosted, type Call } from '../lib/workspace.ts';
import type { SlackBenchOptions } from './options.ts';
import { addChannels, addReviewer, stage, type OnStop } from './stage.ts';

export interface PostingResult {
  channels: number;
  seconds: number;
  /** First messages in that time. */
  posted: number;
  /** What a channel takes in that time, a burst and one a second, times the channels. */
  byChannels: number;
  /** What hoop allows itself in a workspace, where Slack says "several hundred a minute". */
  byWorkspace: number;
  perMinute: number;
  allowedPerMinute: number;
  /** Answers 429, until everything was posted. */
  refused: number;
  /** Reviews and channels of everything that was asked. */
  expected: number;
  lost: number;
  doubled: number;
  /** Seconds after the end until the rest was posted too. */
  drained: number;
}

/** Kept waiting in each channel, so that it is never the requests that are missing. */
const backlog = 3;
const channelLimit = { everyMs: 1_000, burst: 3 };
/** The lane of reviews in `activities/slack/paced-slack.ts`; the sandbox takes as many, and a minute's worth at once. */
const workspaceLimit = { everyMs: 200, burst: 30 };
const drainWithinMs = 180_000;

export function measurePosting(onStop: OnStop, options: SlackBenchOptions): Promise<PostingResult> {
  return stage(onStop, async (bench) => {
    const { admin, workspace } = bench;
    const { channels: count, postSeconds: seconds } = options;
    await addReviewer(bench, 'bench-first');
    const channels = await addChannels(workspace, count);
    const plugins = [{ name: 'slack', channels: channels.map(({ name }) => name) }];
    const connection = { name: 'posting', agent: 'default', command: ['sh'], reviewers: ['bench-first'], plugins };
    await admin.saveConnection(connection);
    // adding the connection posted to each channel: hoop's own pace has to be what it is at rest
    await workspace.quiet(5_000, 30_000);
    await workspace.limits(true);

    const log = await CallLog.from(workspace);
    const posts = new Map<string, number[]>();
    let refused = 0;
    let asked = 0;
    let posted = 0;
    const take = (calls: Call[]) => {
      for (const call of calls) {
        const post = reviewPosted(call);
        if (call.status === 429) refused += 1;
        if (!post) continue;
        posted += 1;
        const key = `${post.id} ${post.channel}`;
        posts.set(key, [...(posts.get(key) ?? []), call.at]);
      }
    };
    const began = Date.now();
    const end = began + seconds * 1000;
    while (Date.now() < end) {
      while (asked * count - posted < backlog * count) {
        await admin.createSession(randomUUID(), 'posting', 'echo hi');
        asked += 1;
      }
      await workspace.change(Math.min(250, end - Date.now()), count);
      take(await log.more());
    }
    const expected = asked * count;
    console.error(`Posted ${posted} in ${seconds} s; ${expected - posted} are waiting`);
    await log.until((calls) => (take(calls), posts.size >= expected), drainWithinMs, count);
    const drained = (Date.now() - end) / 1000;
    // what is doubled may come later than all the others
    await workspace.quiet(3_000, 20_000);
    take(await log.more());

    const inTime = [...posts.values()].filter(([first]) => first !== undefined && first <= end).length;
    const within = (limit: typeof channelLimit) => limit.burst + (seconds * 1000) / limit.everyMs;
    const [byChannels, byWorkspace] = [count * within(channelLimit), within(workspaceLimit)];
    return {
      channels: count,
      seconds,
      posted: inTime,
      byChannels,
      byWorkspace,
      perMinute: (inTime / seconds) * 60,
      allowedPerMinute: (Math.min(byChannels, byWorkspace) / seconds) * 60,
      refused,
      expected,
      lost: expected - posts.size,
      doubled: [...posts.values()].filter(({ length }) => length > 1).length,
      drained,
    };
  });
}
