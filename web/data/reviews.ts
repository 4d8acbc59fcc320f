/** What waits for a review and what was decided, page by page; how much waits for who looks. */
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { paths, reviewCount, sessionView, type SessionView } from '#shared/api-schemas.ts';
import type { ReviewPart } from '#shared/review-list-schemas.ts';
import { askFor, withQuery } from './ask.ts';

const recentCount = 20;
const pageCount = 50;

export const reviewKey = ['reviews'] as const;

interface Filter {
  state: 'pending' | 'decided';
  part?: ReviewPart;
  before?: string;
  limit: number;
}

const listReviews = (filter: Filter, signal: AbortSignal) =>
  askFor(z.array(sessionView), withQuery(paths.reviews, { ...filter }), { signal });

const nextOf = (page: SessionView[], limit: number) => (page.length < limit ? undefined : page.at(-1)?.id);

/** One part of what is pending, newest first. */
export const pendingQuery = (part: ReviewPart) =>
  infiniteQueryOptions({
    queryKey: [...reviewKey, part],
    queryFn: ({ pageParam, signal }) =>
      listReviews({ state: 'pending', part, before: pageParam, limit: pageCount }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => nextOf(page, pageCount),
  });

/** What was decided lately. */
export const decidedQuery = infiniteQueryOptions({
  queryKey: [...reviewKey, 'decided'],
  queryFn: ({ pageParam, signal }) => listReviews({ state: 'decided', before: pageParam, limit: recentCount }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => nextOf(page, recentCount),
});

export const reviewCountQuery = queryOptions({
  queryKey: [...reviewKey, 'count'],
  queryFn: ({ signal }) => askFor(reviewCount, paths.reviewCount, { signal }),
});

/** Whoever decided something has no business with it any more; the lists need not be fetched to know that. */
export function leaveWaiting(client: QueryClient, id: string): void {
  client.setQueryData<InfiniteData<SessionView[], string | undefined>>(
    pendingQuery('mine').queryKey,
    (data) => data && { ...data, pages: data.pages.map((page) => page.filter((session) => session.id !== id)) },
  );
}
