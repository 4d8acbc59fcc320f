import type { QueryClient, QueryKey } from '@tanstack/react-query';

/**
 * Asks again for everything under a key. An answer that is under way for the first time would be taken as it is, though
 * it may be older than the change: it is asked for once more.
 */
export async function refresh(queries: QueryClient, queryKey: QueryKey = []): Promise<void> {
  const underWay = queries
    .getQueryCache()
    .findAll({ queryKey })
    .some(({ state }) => state.data === undefined && state.fetchStatus !== 'idle');
  await queries.invalidateQueries({ queryKey });
  if (underWay) await queries.invalidateQueries({ queryKey });
}
