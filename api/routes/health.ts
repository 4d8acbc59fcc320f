import { paths } from '#shared/api-schemas.ts';
import { healthView, type HealthView } from '#shared/health-schemas.ts';
import { readHealth } from '#core/read-health.ts';
import { requireAdmin, type Core } from '#core/context.ts';
import { userRoute } from '../route.ts';

/** Whoever asks while it is being measured gets the same answer: a part that hangs is asked once. */
const measuring = new WeakMap<Core, Promise<HealthView>>();

export const healthRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.health,
      tag: 'Service',
      summary: 'How each part of hoop is, measured now, and what to do; for admins',
      answer: healthView,
    },
    async ({ ctx, core, deps }) => {
      requireAdmin(ctx);
      const running = measuring.get(core) ?? readHealth(ctx, deps).finally(() => measuring.delete(core));
      measuring.set(core, running);
      return { body: await running };
    },
  ),
];
