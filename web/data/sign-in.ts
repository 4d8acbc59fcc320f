/** Who is signed in. */
import { queryOptions } from '@tanstack/react-query';
import { loginAnswer, me, paths, type Me } from '#shared/api-schemas.ts';
import { ask, askFor, hasCode } from './ask.ts';

export const signIn = (email: string, password: string) =>
  askFor(loginAnswer, paths.login, { method: 'POST', body: { email, password, kind: 'web' } });

export const signOut = async () => void (await ask(paths.logout, { method: 'POST', body: {} }));

/** Null: nobody is signed in. */
export const meQuery = queryOptions<Me | null>({
  queryKey: ['me'],
  queryFn: ({ signal }) =>
    askFor(me, paths.me, { signal }).catch((error: unknown) => {
      if (hasCode(error, 'not_signed_in')) return null;
      throw error;
    }),
  staleTime: 60_000,
});
