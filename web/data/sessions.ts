/** Sessions, their reviews, and what people do with them. */
import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { paths, sessionDetail, sessionView, type DecisionInput, type SessionDetail } from '#shared/api-schemas.ts';
import { askFor, withQuery } from './ask.ts';
import { leaveWaiting, reviewKey } from './reviews.ts';
import { ownSessionsKey } from './run.ts';
import { pageCount, refreshLists } from './session-list.ts';

const keys = {
  under: ['sessions', 'under'] as const,
  session: (id: string) => ['session', id] as const,
};

export interface SessionFilter {
  grant?: string;
  before?: string;
  limit: number;
}

const listSessions = (filter: SessionFilter, signal: AbortSignal) =>
  askFor(z.array(sessionView), withQuery(paths.sessions, { ...filter }), { signal });

/** What was opened under a grant, and its extensions, newest first. */
export const underGrantQuery = (grant: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.under, grant],
    queryFn: ({ pageParam, signal }) => listSessions({ grant, before: pageParam, limit: pageCount }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.id),
  });

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.session(id),
    queryFn: ({ signal }) => askFor(sessionDetail, paths.session(id), { signal }),
  });

const act = (path: string, body: object) => askFor(sessionDetail, path, { method: 'POST', body });

export const decideReview = (id: string, body: DecisionInput) => act(paths.decisions(id), body);
export const cancelSession = (id: string, reason: string) => act(paths.cancel(id), reason ? { reason } : {});
export const revokeSession = (id: string, reason: string) => act(paths.revoke(id), reason ? { reason } : {});

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
  refetchLists(client, [...ids]);
  setTimeout(() => {
    gathered.delete(client);
    if (later.size > 0) refetchSessions(client, later);
  }, togetherMs);
}

function refetchLists(client: QueryClient, ids: readonly string[]): void {
  void client.invalidateQueries({ queryKey: reviewKey });
  void client.invalidateQueries({ queryKey: keys.under });
  void client.invalidateQueries({ queryKey: ownSessionsKey });
  refreshLists(client, ids);
}

/** A fetch that began before the answer would bring back how the session was. */
export async function sessionAnswered(client: QueryClient, detail: SessionDetail): Promise<void> {
  await client.cancelQueries({ queryKey: keys.session(detail.id) });
  client.setQueryData(keys.session(detail.id), detail);
  leaveWaiting(client, detail.id);
  refetchLists(client, [detail.id]);
}
