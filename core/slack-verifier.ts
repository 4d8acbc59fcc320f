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
}
