/** What the pages know of the gateway, by key. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import type { Me } from '#shared/api-schemas.ts';
import { hasCode } from './ask.ts';
import { meQuery } from './sign-in.ts';

export function createQueryClient(): QueryClient {
  // Signed out elsewhere, or the sign-in ran out: the frame sees that nobody is signed in and asks again.
  const onError = (error: unknown) => {
    if (hasCode(error, 'not_signed_in')) client.setQueryData(meQuery.queryKey, null);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The banner does the retrying, for all queries at once.
      queries: { retry: false, networkMode: 'always', staleTime: 1000, refetchOnWindowFocus: true },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return client;
}

export function signedIn(client: QueryClient, user: Me): void {
  forgetAllBut(client, user);
}

export function signedOut(client: QueryClient): void {
  forgetAllBut(client, null);
}

/** The query itself stays, for those who look at it: a new one of the same key would be unknown to them. */
function forgetAllBut(client: QueryClient, user: Me | null): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
  client.setQueryData(meQuery.queryKey, user);
}
