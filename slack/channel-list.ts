/**
 * The public channels of the workspace for whoever chooses one. Slack lists a thousand at a time, twenty times a minute
 * (https://docs.slack.dev/reference/methods/conversations.list), and people ask with every key they type: a list is
 * kept for a minute, and read once for all who ask meanwhile.
 */
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import type { SlackChannel, SlackTokens } from '#core/slack-verifier.ts';
import { listPage, maxPages, searchIn } from './find-channel.ts';

const keptMs = 60_000;
const patienceMs = 60_000;
/** Longer than this nobody waits at a page; the list is read to its end all the same. */
const answerWithinMs = 12_000;

interface Kept {
  tokens: SlackTokens;
  channels: Promise<readonly SlackChannel[]>;
  readAt: number;
}

export interface ChannelList {
  of(tokens: SlackTokens): Promise<readonly SlackChannel[]>;
  /** What was read within the last minute, if it was; asks nobody. */
  recent(tokens: SlackTokens): Promise<readonly SlackChannel[]> | undefined;
}

export function createChannelList(log: Logger): ChannelList {
  let kept: Kept | undefined;
  const isGood = ({ tokens, readAt }: Kept, asked: SlackTokens): boolean =>
    tokens.botToken === asked.botToken && tokens.apiUrl === asked.apiUrl && Date.now() - readAt < keptMs;

  function read(tokens: SlackTokens): Kept {
    const reading: Kept = { tokens, channels: readAll(tokens, log), readAt: Infinity };
    reading.channels.then(
      () => (reading.readAt = Date.now()),
      () => {
        if (kept === reading) kept = undefined;
      },
    );
    return reading;
  }
  return {
    of(tokens) {
      if (!kept || !isGood(kept, tokens)) kept = read(tokens);
      return within(kept.channels, answerWithinMs);
    },
    recent: (tokens) => (kept && kept.readAt !== Infinity && isGood(kept, tokens) ? kept.channels : undefined),
  };
}

async function readAll(tokens: SlackTokens, log: Logger): Promise<readonly SlackChannel[]> {
  const search = searchIn(tokens, log, patienceMs);
  const channels: SlackChannel[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await listPage(search, cursor);
    for (const { id, name, is_archived: isArchived } of answer.channels ?? []) {
      if (id && name && !isArchived) channels.push({ id, name: `#${name}` });
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) break;
  }
  return channels.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = 'Slack is still listing its channels; look again in a moment, or give the channel by its id.';
    timer = setTimeout(() => reject(new HoopError('slack_unavailable', message)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
