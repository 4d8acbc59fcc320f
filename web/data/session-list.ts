/** Lists of sessions that go on where the last page ended, and follow what changes row by row. */
import { infiniteQueryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { paths, sessionView, type SessionView } from '#shared/api-schemas.ts';
import { askFor, withQuery } from './ask.ts';

export const pageCount = 50;
/** Beyond so many changes at once the list is fetched anew. */
const mostSingly = 6;

export interface ListPage {
  rows: SessionView[];
  /** The id after which the next page begins; null: it is the last. */
  next: string | null;
}
export type SessionListData = InfiniteData<ListPage, string | undefined>;
export type ListParams = Readonly<Record<string, string>>;

const listKey = ['sessions', 'list'] as const;

const ask = (params: ListParams, more: Record<string, string | number | undefined>, signal?: AbortSignal) =>
  askFor(z.array(sessionView), withQuery(paths.sessions, { ...params, ...more }), { signal });

/** `params`: as the API takes them. */
export const sessionListQuery = (params: ListParams) =>
  infiniteQueryOptions({
    queryKey: [...listKey, params],
    queryFn: async ({ pageParam, signal }): Promise<ListPage> => {
      const rows = await ask(params, { before: pageParam, limit: pageCount }, signal);
      return { rows, next: rows.length < pageCount ? null : (rows.at(-1)?.id ?? null) };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** Of each list, by session: what was asked last. */
const asked = new WeakMap<object, Map<string, symbol>>();

/** Brings the lists that are on the screen in line with sessions that changed. */
export function refreshLists(client: QueryClient, ids: readonly string[]): void {
  for (const query of client.getQueryCache().findAll({ queryKey: listKey })) {
    const params = query.queryKey[2] as ListParams;
    const latest = asked.get(query) ?? new Map<string, symbol>();
    asked.set(query, latest);
    const fetchAnew = () => {
      latest.clear();
      void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    };
    // a fetch that is under way may have passed the change by
    const isStill = query.state.fetchStatus === 'idle' && query.state.data !== undefined && query.isActive();
    if (!isStill || ids.length > mostSingly || 'id' in params) {
      fetchAnew();
      continue;
    }
    for (const id of ids) {
      // an answer that a later one has overtaken tells of a state that is over
      const question = Symbol(id);
      const isLatest = () => latest.get(id) === question;
      latest.set(id, question);
      ask(params, { id, limit: 1 }).then(
        ([row]) => {
          if (!isLatest()) return;
          latest.delete(id);
          // a fetch that began meanwhile, as for older ones, ends with the rows that it began with
          if (query.state.fetchStatus !== 'idle') return fetchAnew();
          client.setQueryData<SessionListData>(query.queryKey, (data) => data && withSession(data, id, row ?? null));
        },
        () => isLatest() && fetchAnew(),
      );
    }
  }
}

/** The newest first; of the same instant as the gateway orders them. */
export const isBefore = (
  a: Pick<SessionView, 'createdAt' | 'id'>,
  b: Pick<SessionView, 'createdAt' | 'id'>,
): boolean => (a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt);

/** The list with a session as it is now; `row` is null for one that is not of this list (any more). */
export function withSession(data: SessionListData, id: string, row: SessionView | null): SessionListData {
  const shown = data.pages.flatMap(({ rows }) => rows).find((known) => known.id === id);
  // answers may overtake each other
  if (shown && row && shown.stateSince > row.stateSince) return data;
  const pages = data.pages.map((page) =>
    page.rows.some((known) => known.id === id) ? { ...page, rows: page.rows.filter((known) => known.id !== id) } : page,
  );
  if (row) {
    const at = pages.findIndex((page, number) => {
      const last = page.rows.at(-1);
      const isEnd = number === pages.length - 1;
      return isEnd ? page.next === null || (last && isBefore(row, last)) : last && isBefore(row, last);
    });
    const page = pages[at];
    if (page) {
      const before = page.rows.filter((known) => isBefore(known, row));
      pages[at] = { ...page, rows: [...before, row, ...page.rows.slice(before.length)] };
    }
  }
  return { ...data, pages };
}
