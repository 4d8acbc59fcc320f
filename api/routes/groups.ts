import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import { groupView } from '#shared/group-schemas.ts';
import { listGroupViews } from '#core/list-groups.ts';
import { userRoute } from '../route.ts';

export const groupRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.groups,
      tag: 'Users',
      summary: 'All groups, with how many people are in each and how many connections it reviews',
      answer: z.array(groupView),
    },
    async ({ ctx }) => ({ body: await listGroupViews(ctx) }),
  ),
];
