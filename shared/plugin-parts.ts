/** Parts of `pluginView`: what admins see of the plugin `slack` beyond its settings. */
import { z } from 'zod';

/** Slack's limit of Socket Mode connections an app: https://docs.slack.dev/apis/events-api/using-socket-mode */
export const socketsAnApp = 10;

const replica = z.object({
  id: z.string().describe('Of the gateway; new with each start'),
  address: z.string().describe('Where its peers reach it'),
  state: z
    .enum(['connected', 'connecting', 'waiting', 'error'])
    .describe('waiting: other replicas hold the sockets, and it serves everything else'),
  since: z.string(),
  openSockets: z.number().int(),
  lastError: z.string().nullable(),
  lastErrorAt: z.string().nullable(),
});

const channel = z.object({
  id: z.string(),
  name: z.string(),
  /** Since when it takes no messages, in how many tries, and what to do about it; null while it does. */
  failure: z
    .object({ code: z.string(), message: z.string(), since: z.string(), lastAt: z.string(), count: z.number().int() })
    .nullable(),
  lastSuccessAt: z.string().nullable(),
});

export const slackPluginParts = {
  configuredAt: z.record(z.string(), z.string()).describe('When each setting was set'),
  appId: z.string().nullable(),
  lastErrorAt: z.string().nullable(),
  sockets: z.object({
    open: z.number().int(),
    limit: z.number().int(),
    replicas: z.array(replica).describe('One a running gateway, the oldest first'),
  }),
  channels: z.array(channel).describe('Where hoop has posted; those that refuse first'),
};
