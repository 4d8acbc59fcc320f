import { z } from 'zod';
import { listReviewsQuery, paths, reviewCount, sessionView } from '#shared/api-schemas.ts';
import { countReviews, listReviews } from '#core/list-sessions.ts';
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
  userRoute(
    {
      method: 'get',
      path: paths.reviewCount,
      tag: 'Reviews',
      summary: 'How many requests wait for you, counted up to 100',
      answer: reviewCount,
    },
    async ({ ctx }) => ({ body: await countReviews(ctx) }),
  ),
];
