import { z } from 'zod';
import { paths, pluginInput, pluginView } from '#shared/api-schemas.ts';
import {
  slackChannelList,
  slackChannelSearch,
  slackManifest,
  slackTestInput,
  slackTestSent,
} from '#shared/slack-admin-schemas.ts';
import { removePlugin } from '#core/delete-plugin.ts';
import { getPluginView, listPluginViews } from '#core/plugin-views.ts';
import { listSlackChannels } from '#core/list-slack-channels.ts';
import { savePlugin } from '#core/save-plugin.ts';
import { sendSlackTest } from '#core/send-slack-test.ts';
import { userRoute } from '../route.ts';
import manifest from '../../slack/manifest.json' with { type: 'json' };

const tag = 'Plugins';
const params = z.object({ name: z.string().max(63) });
const path = '/api/plugins/:name';

export const pluginRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.slackManifest,
      tag,
      summary: "The Slack app's manifest, as hoop slack manifest prints it",
      answer: slackManifest,
    },
    async () => ({ body: manifest }),
  ),
  userRoute(
    {
      method: 'get',
      path: paths.slackChannels,
      tag,
      summary: 'Public channels of the Slack workspace, as they were within the last minute',
      query: slackChannelSearch,
      answer: slackChannelList,
    },
    async ({ ctx, query }) => ({ body: await listSlackChannels(ctx, query.search) }),
  ),
  userRoute(
    {
      method: 'post',
      path: paths.slackTestMessage,
      tag,
      summary: 'Post a test message to a Slack channel',
      body: slackTestInput,
      answer: slackTestSent,
    },
    async ({ ctx, body }) => ({ body: await sendSlackTest(ctx, body.channel) }),
  ),
  userRoute(
    {
      method: 'put',
      path,
      tag,
      summary: 'Configure a plugin; its tokens are verified first. With overwrite only what is named changes',
      params,
      body: pluginInput,
      answer: pluginView,
      statuses: [201, 200],
    },
    async ({ ctx, params: { name }, body }) => {
      const { view, created } = await savePlugin(ctx, { name, ...body });
      return { status: created ? 201 : 200, body: view };
    },
  ),
  userRoute(
    { method: 'get', path: paths.plugins, tag, summary: 'Plugins that are configured', answer: z.array(pluginView) },
    async ({ ctx }) => ({ body: await listPluginViews(ctx) }),
  ),
  userRoute(
    { method: 'get', path, tag, summary: 'A plugin, without its secrets', params, answer: pluginView },
    async ({ ctx, params: { name } }) => ({ body: await getPluginView(ctx, name) }),
  ),
  userRoute(
    { method: 'delete', path, tag, summary: "Forget a plugin's settings", params, statuses: [204] },
    async ({ ctx, params: { name } }) => {
      await removePlugin(ctx, name);
      return { status: 204 };
    },
  ),
];
