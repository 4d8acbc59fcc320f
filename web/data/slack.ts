/** The Slack app: how it fares, its tokens, its channels. */
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { connectionView, paths, pluginView, type ConnectionView, type PluginView } from '#shared/api-schemas.ts';
import { slackChannelList, slackManifest, slackTestSent } from '#shared/slack-admin-schemas.ts';
import { ask, askFor, hasCode, withQuery } from './ask.ts';

export const slackTokens = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'] as const;
export type SlackToken = (typeof slackTokens)[number];

const path = paths.plugin('slack');
/** hoop waits for Slack, which may ask it to slow down. */
const patienceMs = 75_000;

/** Null: Slack is not configured. */
export const slackQuery = queryOptions<PluginView | null>({
  queryKey: ['plugins', 'slack'],
  queryFn: ({ signal }) =>
    askFor(pluginView, path, { signal }).catch((error: unknown) => {
      if (hasCode(error, 'not_found')) return null;
      throw error;
    }),
});

export const slackManifestQuery = queryOptions({
  queryKey: ['slack-manifest'],
  queryFn: ({ signal }) => askFor(slackManifest, paths.slackManifest, { signal }),
});

/** Verified with Slack before anything is saved; a token that is not named stays. */
export const saveSlackTokens = (config: Partial<Record<SlackToken, string>>) =>
  askFor(pluginView, path, { method: 'PUT', body: { config, overwrite: true }, patienceMs });

export const removeSlack = async () => void (await ask(path, { method: 'DELETE' }));

export function slackSaved(client: QueryClient, plugin: PluginView | null): void {
  client.setQueryData(slackQuery.queryKey, plugin);
  void client.invalidateQueries({ queryKey: ['slack-channels'] });
  void client.invalidateQueries({ queryKey: ['connections'] });
}

export const sendTestMessage = (channel: string) =>
  askFor(slackTestSent, paths.slackTestMessage, { method: 'POST', body: { channel }, patienceMs });

/** Public channels with this text in their name. */
export const slackChannelsQuery = (search: string) =>
  queryOptions({
    queryKey: ['slack-channels', search],
    queryFn: ({ signal }) => askFor(slackChannelList, withQuery(paths.slackChannels, { search }), { signal }),
    staleTime: 30_000,
    placeholderData: (before) => before,
  });

export const connectionChannelsQuery = queryOptions({
  queryKey: ['connections', 'channels'],
  queryFn: ({ signal }) => askFor(z.array(connectionView), paths.connections, { signal }),
});

/** Each channel is verified by posting to it; of a connection nothing else changes. */
export const saveChannels = (connection: string, channels: string[]) =>
  askFor(connectionView, paths.connections, {
    method: 'POST',
    body: { name: connection, overwrite: true, plugins: [{ name: 'slack', channels }] },
    patienceMs,
  });

export function channelsSaved(client: QueryClient, saved: ConnectionView): void {
  client.setQueryData(connectionChannelsQuery.queryKey, (before) =>
    before?.map((connection) => (connection.id === saved.id ? saved : connection)),
  );
  void client.invalidateQueries({ queryKey: ['connections'] });
}
