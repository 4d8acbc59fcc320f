/** Users, as admins keep them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { connectionView, paths, userView, type UserInput } from '#shared/api-schemas.ts';
import { ask, askFor, withQuery } from './ask.ts';
import { meQuery } from './sign-in.ts';

export interface UserFilter {
  search?: string | undefined;
  group?: string | undefined;
  active?: 'true' | 'false' | undefined;
}

const pageCount = 50;
const all = ['users'] as const;

export const usersQuery = (filter: UserFilter) =>
  infiniteQueryOptions({
    queryKey: [...all, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      askFor(z.array(userView), withQuery(paths.users, { ...filter, limit: pageCount, after: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.email),
    // while a filter is typed the rows of the one before stay where they are
    placeholderData: keepPreviousData,
  });

export const userQuery = (email: string) =>
  queryOptions({
    queryKey: [...all, 'one', email],
    queryFn: ({ signal }) => askFor(userView, paths.user(email), { signal }),
    // a form begins with how the user is, not with how they were when it was open last
    gcTime: 0,
  });

export type UserChange = Partial<UserInput> & { email: string };

export const saveUser = (change: UserChange) => askFor(userView, paths.users, { method: 'POST', body: change });

export const deleteUser = async (email: string) => void (await ask(paths.user(email), { method: 'DELETE' }));

/** Whoever changes themselves is shown so at once. */
export async function usersChanged(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: all }),
    client.invalidateQueries({ queryKey: meQuery.queryKey }),
  ]);
}

/** Which connections ask a group to approve: name of the group, names of connections. */
export const reviewedByGroupQuery = queryOptions({
  queryKey: ['connections', 'by-group'],
  queryFn: async ({ signal }) => {
    const connections = await askFor(z.array(connectionView), paths.connections, { signal });
    const byGroup: Record<string, string[]> = {};
    for (const { name, reviewers, forceApproveGroups } of connections) {
      for (const group of new Set([...reviewers, ...forceApproveGroups])) (byGroup[group] ??= []).push(name);
    }
    return byGroup;
  },
});
