/** Who is signed in, and how people can sign in. */
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { loginAnswer, me, paths, type Me } from '#shared/api-schemas.ts';
import { signInMethod } from '#shared/sign-in-schemas.ts';
import { ask, askFor, hasCode } from './ask.ts';

export const signIn = (email: string, password: string) =>
  askFor(loginAnswer, paths.login, { method: 'POST', body: { email, password, kind: 'web' } });

export const signOut = async () => void (await ask(paths.logout, { method: 'POST', body: {} }));

export const signInMethodsQuery = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: ({ signal }) => askFor(z.array(signInMethod), paths.signInMethods, { signal }),
  staleTime: 60_000,
});

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
