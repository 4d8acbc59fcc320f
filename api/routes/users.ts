import { z } from 'zod';
import { paths, userInput, userView } from '#shared/api-schemas.ts';
import { listUsersQuery } from '#shared/user-schemas.ts';
import { removeUser } from '#core/delete-user.ts';
import { saveUser } from '#core/save-user.ts';
import { getUserView, listUserViews } from '#core/user-views.ts';
import { userRoute } from '../route.ts';

const tag = 'Users';
const params = z.object({ email: z.string().max(254) });
const path = '/api/users/:email';

export const userRoutes = [
  userRoute(
    {
      method: 'post',
      path: paths.users,
      tag,
      summary: 'Make a user, or with overwrite change what is named',
      body: userInput,
      answer: userView,
      statuses: [201, 200],
    },
    async ({ ctx, body }) => {
      const { view, created } = await saveUser(ctx, body);
      return { status: created ? 201 : 200, body: view };
    },
  ),
  userRoute(
    {
      method: 'get',
      path: paths.users,
      tag,
      summary: 'Users by e-mail address: all, or those that a filter names',
      query: listUsersQuery,
      answer: z.array(userView),
    },
    async ({ ctx, query }) => ({ body: await listUserViews(ctx, query) }),
  ),
  userRoute(
    { method: 'get', path, tag, summary: 'A user', params, answer: userView },
    async ({ ctx, params: { email } }) => ({
      body: await getUserView(ctx, email),
    }),
  ),
  userRoute(
    {
      method: 'delete',
      path,
      tag,
      summary: 'Delete a user; one whom sessions name is deactivated instead',
      params,
      statuses: [204],
    },
    async ({ ctx, params: { email } }) => {
      await removeUser(ctx, email);
      return { status: 204 };
    },
  ),
];
