import { Code, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { SessionView } from '#shared/api-schemas.ts';
import { useMe } from '../components/frame.tsx';
import { SessionList } from '../components/session-list.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { recentCount, reviewsQuery } from '../data/sessions.ts';
import { sortWaiting } from '../util/waiting.ts';

const mostPending = 200;

/** What waits for the person who looks comes first, then what waits for others, then what was decided lately. */
export function ReviewsPage() {
  const me = useMe();
  const pending = useQuery(reviewsQuery('pending', mostPending));
  const decided = useQuery(reviewsQuery('decided', recentCount));
  const waiting = sortWaiting(pending.data ?? [], me);

  return (
    <Page title="Reviews">
      {pending.isPending && !pending.isError && <Loading what="reviews" />}
      {pending.isError && !pending.data && (
        <Problem error={pending.error} title="Reviews cannot be shown" onRetry={() => void pending.refetch()} />
      )}
      {pending.data && (
        <>
          <Part title="Waiting for you" sessions={waiting.forMe} empty="Nothing waits for you." />
          <Part title="Asked by you" sessions={waiting.mine} />
          <Part title="Waiting for others" sessions={waiting.forOthers} />
        </>
      )}
      {decided.isError && !decided.data && !pending.isError && (
        <Problem error={decided.error} title="Recent reviews cannot be shown" onRetry={() => void decided.refetch()} />
      )}
      <Part title="Recent" sessions={decided.data ?? []} />
      {pending.data?.length === 0 && decided.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {/* The first thing to try, as the README has it. */}
          No request was made yet. In a terminal: <Code>hoop exec bash -i &apos;ls&apos;</Code>
        </Text>
      )}
    </Page>
  );
}

/** Left out when there is nothing in it, unless that is worth saying. */
function Part({ title, sessions, empty }: { title: string; sessions: SessionView[]; empty?: string }) {
  const id = useId();
  if (sessions.length === 0 && !empty) return null;
  return (
    <Stack component="section" gap="xs" aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {sessions.length > 0 ? <SessionList sessions={sessions} label={title} /> : <Text c="dimmed">{empty}</Text>}
    </Stack>
  );
}
