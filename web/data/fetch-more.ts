import { useQueryClient, type InfiniteData, type QueryKey, type UseInfiniteQueryResult } from '@tanstack/react-query';

type List<Page> = Pick<UseInfiniteQueryResult<InfiniteData<Page, unknown>>, 'data' | 'fetchNextPage'>;

/**
 * Fetches the next page of a list. What changes meanwhile has the list fetched anew, which would take the place of this
 * fetch, as this one would take the place of that: neither may, or the click or the change would be lost. `isShown`:
 * whether the page still shows this list, where another one can take its place.
 */
export async function fetchMore<Page>(list: List<Page>, isShown = () => true): Promise<void> {
  const before = list.data?.pages.length ?? 0;
  while (isShown()) {
    const { data, isError, hasNextPage } = await list.fetchNextPage({ cancelRefetch: false });
    if (isError || !hasNextPage || (data?.pages.length ?? 0) > before) return;
  }
}

/** `fetchMore` of a list with a filter: once another filter is chosen, it asks for nothing more. */
export function useFetchMore<Page>(list: List<Page>, queryKey: QueryKey): () => void {
  const cache = useQueryClient().getQueryCache();
  return () => void fetchMore(list, () => cache.find({ queryKey, exact: true })?.isActive() ?? false);
}
