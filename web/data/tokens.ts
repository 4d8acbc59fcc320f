/** API tokens: one's own, for admins those of everybody. */
import { infiniteQueryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import { tokenCreated, tokenView } from '#shared/token-schemas.ts';
import { ask, askFor, withQuery } from './ask.ts';

const keys = { tokens: ['tokens'] as const };
const pageCount = 50;

export const tokensQuery = (whose: 'mine' | 'all') =>
  infiniteQueryOptions({
    queryKey: [...keys.tokens, whose],
    queryFn: ({ pageParam, signal }) =>
      askFor(
        z.array(tokenView),
        withQuery(paths.tokens, { user: whose === 'mine' ? 'me' : undefined, before: pageParam, limit: pageCount }),
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.id),
  });

export interface NewToken {
  name: string;
  expire: string;
  user?: string | undefined;
}

export const createToken = (body: NewToken) => askFor(tokenCreated, paths.tokens, { method: 'POST', body });

export const deleteToken = async (id: string) => void (await ask(paths.token(id), { method: 'DELETE' }));

export const tokensChanged = (client: QueryClient) => client.invalidateQueries({ queryKey: keys.tokens });
