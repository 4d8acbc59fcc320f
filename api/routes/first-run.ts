import { paths } from '#shared/api-schemas.ts';
import { firstRunView } from '#shared/first-run-schemas.ts';
import { dismissFirstRun, getFirstRun } from '#core/first-run.ts';
import { userRoute } from '../route.ts';

const tag = 'First run';

export const firstRunRoutes = [
  userRoute(
    {
      method: 'get',
      path: paths.firstRun,
      tag,
      summary: 'How far this installation is on the way to its first command; for admins',
      answer: firstRunView,
    },
    async ({ ctx }) => ({ body: await getFirstRun(ctx) }),
  ),
  userRoute(
    {
      method: 'post',
      path: paths.firstRunDismiss,
      tag,
      summary: 'Put the first steps away, for all admins',
      answer: firstRunView,
    },
    async ({ ctx }) => ({ body: await dismissFirstRun(ctx) }),
  ),
];
