/** What can be asked for, and asking for it. */
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { connectionView, paths, sessionView, type CreateSessionInput, type SessionView } from '#shared/api-schemas.ts';
import { limits } from '#shared/api-paths.ts';
import { askFor, withQuery } from './ask.ts';

/** Sessions of whoever is signed in that are open now; fetched again when any session changes. */
export const ownSessionsKey = ['sessions', 'own'] as const;

/** The id is made by whoever asks: sent again after a lost answer, it finds the first. */
export type SessionRequest = Partial<Omit<CreateSessionInput, 'timeout' | 'duration'>> & {
  id: string;
  connection: string;
  timeout?: number;
  duration?: number;
};

/** Everybody who is signed in may know what there is to ask for. */
export const targetsQuery = queryOptions({
  queryKey: ['connections', 'targets'],
  queryFn: ({ signal }) => askFor(z.array(connectionView), paths.connections, { signal }),
});

export const createSession = (request: SessionRequest): Promise<SessionView> =>
  askFor(sessionView, paths.sessions, { method: 'POST', body: request });

const listOwn = (filter: Record<string, string>, signal: AbortSignal) =>
  askFor(z.array(sessionView), withQuery(paths.sessions, { requester: 'me', limit: limits.pageSize, ...filter }), {
    signal,
  });

/** Open grants of whoever is signed in, and what is asked for to extend them; newest first. */
export const ownGrantsQuery = (connection: string) =>
  queryOptions({
    queryKey: [...ownSessionsKey, 'grants', connection],
    queryFn: ({ signal }) => listOwn({ kind: 'connect', connection, state: 'pending,approved,active,closing' }, signal),
  });

/** Open terminals under a grant, oldest first. */
export const ownTerminalsQuery = (grant: string) =>
  queryOptions({
    queryKey: [...ownSessionsKey, 'terminals', grant],
    queryFn: async ({ signal }) => {
      const running = await listOwn({ kind: 'exec', grant, state: 'approved,queued,running' }, signal);
      return running.filter(({ terminal }) => terminal).reverse();
    },
  });

/** Lists that show what was just asked for. */
export async function sessionAsked(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: ownSessionsKey });
}
