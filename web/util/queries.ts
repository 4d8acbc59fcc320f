/** What the pages know of the gateway, by key. */
import { MutationCache, QueryCache, QueryClient, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { SessionState } from '#shared/session-states.ts';
import type { Me, SessionDetail } from '#shared/api-schemas.ts';
import { api, hasCode } from './api.ts';

export const recentCount = 20;
export const pageCount = 50;

const keys = {
  me: ['me'] as const,
  reviews: ['reviews'] as const,
  sessions: ['sessions'] as const,
  session: (id: string) => ['session', id] as const,
};

/** Null: nobody is signed in. */
export const meQuery = queryOptions<Me | null>({
  queryKey: keys.me,
  queryFn: ({ signal }) =>
    api.me(signal).catch((error: unknown) => {
      if (hasCode(error, 'not_signed_in')) return null;
      throw error;
    }),
  staleTime: 60_000,
});

export const reviewsQuery = (state: 'pending' | 'decided', limit: number) =>
  queryOptions({
    queryKey: [...keys.reviews, state],
    queryFn: ({ signal }) => api.reviews(state, limit, signal),
  });

export const sessionsQuery = (state: SessionState | undefined) =>
  infiniteQueryOptions({
    queryKey: [...keys.sessions, state ?? 'all'],
    queryFn: ({ pageParam, signal }) => api.sessions({ state, before: pageParam, limit: pageCount }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.createdAt),
  });

/** What was opened under a grant, and its extensions, newest first. */
export const underGrantQuery = (grant: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.sessions, 'under', grant],
    queryFn: ({ pageParam, signal }) => api.sessions({ grant, before: pageParam, limit: pageCount }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.id),
  });

export const sessionQuery = (id: string) =>
  queryOptions({ queryKey: keys.session(id), queryFn: ({ signal }) => api.session(id, signal) });

export const slackLinkQuery = (token: string) =>
  queryOptions({ queryKey: ['slack-link', token], queryFn: ({ signal }) => api.openSlackLink(token, signal) });

export function createQueryClient(): QueryClient {
  // Signed out elsewhere, or the sign-in ran out: the frame sees that nobody is signed in and asks again.
  const onError = (error: unknown) => {
    if (hasCode(error, 'not_signed_in')) client.setQueryData(keys.me, null);
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
  client.clear();
  client.setQueryData(keys.me, user);
}

export function signedOut(client: QueryClient): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
  client.setQueryData(keys.me, null);
}

/** Changes within this time are fetched together: on a busy day one fetch must not cut off the one before for ever. */
const togetherMs = 400;
const gathered = new WeakMap<QueryClient, Set<string>>();

/** A session changed: refetch what shows it, if it is on the screen. */
export function sessionChanged(client: QueryClient, id: string): void {
  const later = gathered.get(client);
  if (later) later.add(id);
  else refetchSessions(client, [id]);
}

function refetchSessions(client: QueryClient, ids: Iterable<string>): void {
  const later = new Set<string>();
  gathered.set(client, later);
  for (const id of ids) void client.invalidateQueries({ queryKey: keys.session(id) });
  void client.invalidateQueries({ queryKey: keys.reviews });
  void client.invalidateQueries({ queryKey: keys.sessions });
  setTimeout(() => {
    gathered.delete(client);
    if (later.size > 0) refetchSessions(client, later);
  }, togetherMs);
}

/** A fetch that began before the answer would bring back how the session was. */
export async function sessionAnswered(client: QueryClient, detail: SessionDetail): Promise<void> {
  await client.cancelQueries({ queryKey: keys.session(detail.id) });
  client.setQueryData(keys.session(detail.id), detail);
  void client.invalidateQueries({ queryKey: keys.reviews });
  void client.invalidateQueries({ queryKey: keys.sessions });
}
