import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';

/**
 * Fetches the next page of a list. What changes meanwhile has the list fetched anew, which would take the place of this
 * fetch, as this one would take the place of that: neither may, or the click or the change would be lost.
 */
export async function fetchMore<Page>(
  list: Pick<UseInfiniteQueryResult<InfiniteData<Page, unknown>>, 'data' | 'fetchNextPage'>,
): Promise<void> {
  const before = list.data?.pages.length ?? 0;
  for (;;) {
    const { data, isError, hasNextPage } = await list.fetchNextPage({ cancelRefetch: false });
    if (isError || !hasNextPage || (data?.pages.length ?? 0) > before) return;
  }
}
