import { Button, NativeSelect, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { sessionStates, type SessionState } from '#shared/session-states.ts';
import { SessionList } from '../components/session-list.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { sessionsQuery } from '../data/sessions.ts';
import { stateLabel } from '../util/session-words.ts';

const choices = [
  { value: '', label: 'Any state' },
  ...sessionStates.map((state) => ({ value: state as string, label: stateLabel(state) })),
];

/** Every session the person may see, newest first; the filter is in the address. */
export function SessionsPage() {
  const [search, setSearch] = useSearchParams();
  const state = sessionStates.find((known) => known === search.get('state'));
  const sessions = useInfiniteQuery(sessionsQuery(state));
  const all = sessions.data?.pages.flat() ?? [];

  return (
    <Page title="Sessions">
      <NativeSelect
        label="State"
        data={choices}
        value={state ?? ''}
        onChange={({ currentTarget }) => setSearch(currentTarget.value ? { state: currentTarget.value } : {})}
        maw={240}
      />
      {sessions.isPending && !sessions.isError && <Loading what="sessions" rows={5} />}
      {sessions.isError && !sessions.data && (
        <Problem error={sessions.error} title="Sessions cannot be shown" onRetry={() => void sessions.refetch()} />
      )}
      {sessions.data && all.length === 0 && <Text c="dimmed">{emptySentence(state)}</Text>}
      {all.length > 0 && <SessionList sessions={all} label="Sessions" />}
      {sessions.hasNextPage && (
        <Button
          variant="default"
          loading={sessions.isFetchingNextPage}
          onClick={() => void sessions.fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          Show older ones
        </Button>
      )}
    </Page>
  );
}

const emptySentence = (state: SessionState | undefined) =>
  state ? `No session is in the state ${stateLabel(state).toLowerCase()}.` : 'There are no sessions yet.';
