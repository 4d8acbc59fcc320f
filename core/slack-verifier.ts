/** What core asks of Slack when an admin sets tokens or channels; `slack/` implements it over the Web API. */
import type { SlackInfo } from '#db/plugins.ts';

export type { SlackInfo };

export interface SlackTokens {
  botToken: string;
  appToken: string;
  /** The API the tokens belong to. */
  apiUrl: string;
}

export interface SlackChannel {
  id: string;
  /** As people call it: `#ops`, or the id where the scopes show no name. */
  name: string;
}

export interface ResolvedChannels {
  channels: SlackChannel[];
  /** The app that the bot posts as, where Slack told. */
  botAppId?: string;
}

export interface ChannelsToResolve {
  /** By id or name. */
  channels: string[];
  /** For which they are named. */
  connection: string;
  /** Ids of those where people read before that hoop asks there: what verifies them is taken back. */
  announced: string[];
}

export interface TestMessage {
  /** By id or name. */
  channel: string;
  /** E-mail address of the admin who sends it. */
  by: string;
}

export interface PostedTest extends Pick<ResolvedChannels, 'botAppId'> {
  channel: SlackChannel;
  ts: string;
}

export interface SlackVerifier {
  /** Where tokens like these are verified: sandbox tokens at the sandbox, all others at `SLACK_API_URL`. */
  apiUrlFor(botToken: string): string;
  /** Asks Slack about both tokens. Throws `HoopError('slack_refused')` that says which is wrong and why. */
  verify(tokens: SlackTokens): Promise<SlackInfo>;
  /**
   * Finds channels by id or name, each once, and posts to them. Throws `HoopError('slack_channel_refused')` that says
   * of every one that is refused what to do, a line each.
   */
  resolveChannels(tokens: SlackTokens, asked: ChannelsToResolve): Promise<ResolvedChannels>;
  /**
   * Public channels that are not archived, by name, as they were within the last minute. Throws `slack_channel_refused`
   * when Slack lists none, and `slack_unavailable`, also when the list of a large workspace takes its time.
   */
  listChannels(tokens: SlackTokens): Promise<readonly SlackChannel[]>;
  /** Posts a line that asks for nothing. Throws `slack_channel_refused` that says what to do. */
  postTest(tokens: SlackTokens, message: TestMessage): Promise<PostedTest>;
}
