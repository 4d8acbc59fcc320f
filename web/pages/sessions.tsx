import { Button, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { SessionFilters } from '../components/session-filters.tsx';
import { SessionList } from '../components/session-list.tsx';
import { SessionTable } from '../components/session-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { useFetchMore } from '../data/fetch-more.ts';
import { sessionListQuery } from '../data/session-list.ts';
import { phoneWidth } from '../util/screen.ts';
import { filterParams, readFilter, type SessionFilter } from '../util/session-filter.ts';
import { useHeldRows } from '../util/use-held-rows.ts';

/** Every session the person may see, newest first; what they are narrowed to is in the address. */
export function SessionsPage() {
  const [search, setSearch] = useSearchParams();
  const filter = readFilter(search);
  const params = filterParams(filter);
  const list = sessionListQuery(params);
  const sessions = useInfiniteQuery({ ...list, placeholderData: keepPreviousData });
  const showOlder = useFetchMore(sessions, list.queryKey);
  const all = sessions.data?.pages.flatMap(({ rows }) => rows) ?? [];
  const { rows, held, release } = useHeldRows(all, JSON.stringify(params));
  const phone = useMediaQuery(phoneWidth, false, { getInitialValueInEffect: false });
  const connections = [...new Set(all.map(({ connection }) => connection))].sort();
  const change = (next: SessionFilter) => setSearch(filterParams(next));

  return (
    <Page title="Sessions">
      <SessionFilters filter={filter} connections={connections} onChange={change} />
      {sessions.isPending && !sessions.isError && <Loading what="sessions" rows={8} />}
      {sessions.isError && !sessions.data && (
        <Problem error={sessions.error} title="Sessions cannot be shown" onRetry={() => void sessions.refetch()} />
      )}
      {sessions.data && all.length === 0 && (
        <Empty
          action={
            hasAny(params) && (
              <Button variant="default" onClick={() => setSearch({})}>
                Show all
              </Button>
            )
          }
        >
          {hasAny(params) ? 'No session is like that.' : 'There are no sessions yet.'}
        </Empty>
      )}
      {rows.length > 0 && (
        <Stack
          gap="sm"
          style={{ opacity: sessions.isPlaceholderData ? 0.6 : 1 }}
          aria-busy={sessions.isPlaceholderData}
        >
          {phone ? <SessionList sessions={rows} label="Sessions" /> : <SessionTable sessions={rows} />}
        </Stack>
      )}
      <NewOnes count={held} onShow={release} />
      {sessions.hasNextPage && (
        <Button
          variant="default"
          loading={sessions.isFetchingNextPage}
          onClick={showOlder}
          style={{ alignSelf: 'center' }}
        >
          Show older ones
        </Button>
      )}
    </Page>
  );
}

const hasAny = (params: Record<string, string>): boolean => Object.keys(params).length > 0;

/** Who reads further down is told of new sessions, and what they read stays where it is. */
function NewOnes({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <div
      role="status"
      style={{ position: 'fixed', bottom: 24, left: '50%', transform: 'translateX(-50%)', zIndex: 90 }}
    >
      {count > 0 && (
        <Button radius="xl" onClick={onShow}>
          {count === 1 ? '1 new session' : `${count} new sessions`}
        </Button>
      )}
    </div>
  );
}
