/** What admins ask about the Slack workspace while they set hoop up in it. */
import { z } from 'zod';

const channel = z.object({
  id: z.string(),
  name: z.string().describe('As people call it, e.g. #ops; the id where the scopes show no name'),
});

export const slackChannelSearch = z.object({
  search: z.string().max(100).default('').describe('Part of a name, or an id'),
});
export const slackChannelList = z.object({
  channels: z.array(channel).describe('Public ones, those that begin with the search first'),
  total: z.number().int().describe('How many fit, with those that are left out'),
});
export type SlackChannelList = z.infer<typeof slackChannelList>;

export const slackTestInput = z.object({
  channel: z.string().trim().min(1).max(100).describe('Its name, its id, or the link to it'),
});
export const slackTestSent = z.object({
  channel,
  permalink: z.string().nullable().describe('Of the message'),
});
export type SlackTestSent = z.infer<typeof slackTestSent>;

/** The manifest of the app, as Slack takes it, in its own order. */
export const slackManifest = z.record(z.string(), z.unknown());

const withScopes = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });

/** Of the bot. */
export const scopesOf = (manifest: z.infer<typeof slackManifest>): string[] =>
  withScopes.safeParse(manifest).data?.oauth_config.scopes.bot ?? [];
