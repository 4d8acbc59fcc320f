import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import type { SessionView } from '#shared/api-schemas.ts';
import { fetchMore } from '../data/fetch-more.ts';
import { Problem } from '../ui/problem.tsx';

interface Props {
  title: string;
  query: UseInfiniteQueryResult<InfiniteData<SessionView[], unknown>>;
  /** As it is shown beside the title. */
  count?: string;
  /** Said when there is nothing in it; without it the part is left out then. */
  empty?: string;
  more: string;
  children: (sessions: SessionView[]) => ReactNode;
}

/** A titled part of the inbox, as many of it as were asked for. */
export function ReviewPart({ title, query, count, empty, more, children }: Props) {
  const id = useId();
  const sessions = query.data?.pages.flat() ?? [];
  if (sessions.length === 0 && empty === undefined && !query.isError) return null;
  return (
    <Stack component="section" gap="xs" aria-labelledby={id}>
      <Group gap="xs">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {count !== undefined && (
          <Badge variant="light" color="gray" tt="none" aria-hidden>
            {count}
          </Badge>
        )}
      </Group>
      {query.isError && !query.data && (
        <Problem error={query.error} title={`${title}: cannot be shown`} onRetry={() => void query.refetch()} />
      )}
      {sessions.length > 0 ? children(sessions) : query.data && <Text c="dimmed">{empty}</Text>}
      {query.hasNextPage && (
        <Button
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void fetchMore(query)}
          style={{ alignSelf: 'center' }}
        >
          {more}
        </Button>
      )}
    </Stack>
  );
}
