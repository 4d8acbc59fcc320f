import { z } from 'zod';
import { connectionInput, connectionView, limits, paths } from '#shared/api-schemas.ts';
import { connectionCheck } from '#shared/connection-check.ts';
import { checkConnection } from '#core/check-connection.ts';
import { getConnectionView, listConnectionViews } from '#core/connection-views.ts';
import { removeConnection } from '#core/delete-connection.ts';
import { saveConnection } from '#core/save-connection.ts';
import { userRoute } from '../route.ts';

const tag = 'Connections';
const params = z.object({ name: z.string().max(63) });
const path = '/api/connections/:name';

export const connectionRoutes = [
  userRoute(
    {
      method: 'post',
      path: paths.connections,
      tag,
      summary: 'Make a connection, or with overwrite change what is named',
      body: connectionInput,
      bodyBytes: limits.bodyBytes,
      answer: connectionView,
      statuses: [201, 200],
    },
    async ({ ctx, body }) => {
      const { view, created } = await saveConnection(ctx, body);
      return { status: created ? 201 : 200, body: view };
    },
  ),
  userRoute(
    {
      method: 'post',
      path: paths.connectionCheck,
      tag,
      summary: 'What saving a connection would do: why it would be refused, warnings, and whom it would reach',
      body: connectionInput,
      bodyBytes: limits.bodyBytes,
      answer: connectionCheck,
    },
    async ({ ctx, body }) => ({ body: await checkConnection(ctx, body) }),
  ),
  userRoute(
    { method: 'get', path: paths.connections, tag, summary: 'All connections', answer: z.array(connectionView) },
    async ({ ctx }) => ({ body: await listConnectionViews(ctx) }),
  ),
  userRoute(
    { method: 'get', path, tag, summary: 'A connection', params, answer: connectionView },
    async ({ ctx, params: { name } }) => ({ body: await getConnectionView(ctx, name) }),
  ),
  userRoute(
    { method: 'delete', path, tag, summary: 'Delete a connection; its sessions stay', params, statuses: [204] },
    async ({ ctx, params: { name } }) => {
      await removeConnection(ctx, name);
      return { status: 204 };
    },
  ),
];
