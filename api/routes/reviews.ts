import { z } from 'zod';
import { listReviewsQuery, paths, sessionView } from '#shared/api-schemas.ts';
import { listReviews } from '#core/list-sessions.ts';
import { sessionViewsOf } from '#core/session-view.ts';
import { userRoute } from '../route.ts';

export const reviewRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.reviews,
      tag: 'Reviews',
      summary: 'Sessions under review that you may decide or have asked for; for admins all',
      query: listReviewsQuery,
      answer: z.array(sessionView),
    },
    async ({ core, ctx, query }) => ({ body: await sessionViewsOf(core, await listReviews(ctx, query)) }),
  ),
];
