import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import { publicRoute } from '../route.ts';

const tag = 'Service';

export const serviceRoutes = [
  publicRoute(
    {
      method: 'get',
      path: '/healthz',
      tag,
      summary: 'Whether this gateway is alive',
      answer: z.object({ ok: z.literal(true) }),
    },
    async () => ({ body: { ok: true as const } }),
  ),
  publicRoute(
    {
      method: 'get',
      path: '/readyz',
      tag,
      summary: 'Whether it can do its work; 503 names the parts that are not ready',
      answer: z.object({ ready: z.boolean(), notReady: z.array(z.string()) }),
      statuses: [200, 503],
    },
    async ({ deps }) => {
      const notReady = await deps.readiness();
      return { status: notReady.length === 0 ? 200 : 503, body: { ready: notReady.length === 0, notReady } };
    },
  ),
  publicRoute(
    {
      method: 'get',
      path: '/metrics',
      tag,
      summary: 'Figures for Prometheus',
      answer: z.string(),
      contentType: 'text/plain',
    },
    async ({ deps, res }) => {
      res.setHeader('Content-Type', deps.metrics.registry.contentType);
      return { body: await deps.metrics.registry.metrics() };
    },
  ),
  publicRoute(
    {
      method: 'get',
      path: paths.version,
      tag,
      summary: 'The version of hoop',
      answer: z.object({ version: z.string() }),
    },
    async ({ deps }) => ({ body: { version: deps.version } }),
  ),
];
