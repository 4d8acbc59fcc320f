import { z } from 'zod';
import { paths, pluginInput, pluginView } from '#shared/api-schemas.ts';
import { removePlugin } from '#core/delete-plugin.ts';
import { getPluginView, listPluginViews } from '#core/plugin-views.ts';
import { savePlugin } from '#core/save-plugin.ts';
import { userRoute } from '../route.ts';

const tag = 'Plugins';
const params = z.object({ name: z.string().max(63) });
const path = '/api/plugins/:name';

export const pluginRoutes = [
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
