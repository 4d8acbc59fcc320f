import { z } from 'zod';
import { paths } from '#shared/api-paths.ts';
import { tokenCreated, tokenInput, tokensQuery, tokenView } from '#shared/token-schemas.ts';
import { createToken } from '#core/create-token.ts';
import { removeToken } from '#core/delete-token.ts';
import { getTokenView, listTokenViews } from '#core/token-views.ts';
import { userRoute } from '../route.ts';

const tag = 'API tokens';
const params = z.object({ key: z.string().max(100) });
const path = '/api/tokens/:key';

export const tokenRoutes = [
  userRoute(
    {
      method: 'post',
      path: paths.tokens,
      tag,
      summary: 'Make an API token; it is shown this once. An API token cannot make another',
      body: tokenInput,
      bodyBytes: 16 * 1024,
      answer: tokenCreated,
      statuses: [201],
    },
    async ({ ctx, body }) => ({ status: 201, body: await createToken(ctx, body) }),
  ),
  userRoute(
    {
      method: 'get',
      path: paths.tokens,
      tag,
      summary: 'Your API tokens, for admins those of everybody; the newest first',
      query: tokensQuery,
      answer: z.array(tokenView),
    },
    async ({ ctx, query }) => ({ body: await listTokenViews(ctx, query) }),
  ),
  userRoute(
    {
      method: 'get',
      path,
      tag,
      summary: 'An API token, by its id, or your own by its name',
      params,
      answer: tokenView,
    },
    async ({ ctx, params: { key } }) => ({ body: await getTokenView(ctx, key) }),
  ),
  userRoute(
    { method: 'delete', path, tag, summary: 'End an API token', params, statuses: [204] },
    async ({ ctx, params: { key } }) => {
      await removeToken(ctx, key);
      return { status: 204 };
    },
  ),
];
