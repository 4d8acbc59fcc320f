import { Button, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { fetchMore } from '../data/fetch-more.ts';
import { underGrantQuery } from '../data/sessions.ts';
import { isGrant } from '../util/session-words.ts';
import { SessionList } from './session-list.tsx';

/** What was run under a grant, newest first, with the requests to extend it; follows while it is active. */
export function GrantCard({ session }: { session: SessionDetail }) {
  return isGrant(session) && session.startedAt !== null ? <UnderGrant session={session} /> : null;
}

function UnderGrant({ session: { id, state } }: { session: SessionDetail }) {
  const under = useInfiniteQuery(underGrantQuery(id));
  const all = under.data?.pages.flat() ?? [];
  return (
    <Section title="Under this grant">
      {under.isPending && !under.isError && <Loading what="commands" rows={1} />}
      {under.isError && !under.data && (
        <Problem error={under.error} title="Commands cannot be shown" onRetry={() => void under.refetch()} />
      )}
      {under.data && all.length === 0 && (
        <Text size="sm" c="dimmed">
          {state === 'active' ? 'No command was run yet.' : 'No command was run.'}
        </Text>
      )}
      {all.length > 0 && <SessionList sessions={all} label="Commands" ofGrant />}
      {under.hasNextPage && (
        <Button
          variant="default"
          loading={under.isFetchingNextPage}
          onClick={() => void fetchMore(under)}
          style={{ alignSelf: 'center' }}
        >
          Show older ones
        </Button>
      )}
    </Section>
  );
}
