import { Code, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionView } from '#shared/api-schemas.ts';
import { FirstRunCard } from '../components/first-run-card.tsx';
import { KeysButton, KeysHelp } from '../components/keys-help.tsx';
import { useQuickDecision } from '../components/quick-decision.tsx';
import { ReviewPart } from '../components/review-part.tsx';
import { ReviewRow } from '../components/review-row.tsx';
import rowClasses from '../components/review-row.module.css';
import { SessionList } from '../components/session-list.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice, type NoticeText } from '../ui/notice.tsx';
import { PageTitle } from '../ui/page.tsx';
import { decidedQuery, pendingQuery, reviewCountQuery } from '../data/reviews.ts';
import { countText } from '../util/count-text.ts';
import { useReviewRows } from '../util/review-rows.ts';
import { useKeys } from '../util/use-keys.ts';

const keys = [
  ['j k', 'next request, the one before'],
  ['o Enter', 'open it'],
  ['a', 'approve it; what is long is opened first'],
  ['r', 'reject it'],
  ['?', 'these keys'],
] as const;

/** What waits for the person who looks comes first, then what waits for others, then what was decided lately. */
export function ReviewsPage() {
  const mine = useInfiniteQuery(pendingQuery('mine'));
  const own = useInfiniteQuery(pendingQuery('own'));
  const others = useInfiniteQuery(pendingQuery('others'));
  const decided = useInfiniteQuery(decidedQuery);
  const { data: count } = useQuery(reviewCountQuery);
  const [notice, setNotice] = useState<NoticeText | null>(null);
  const [help, setHelp] = useState(false);
  const waiting = [mine, own, others];
  const shown = waiting.flatMap(({ data }) => data?.pages.flat() ?? []);
  const rows = useReviewRows(shown.map(({ id }) => id).join());
  const { decide, dialog } = useQuickDecision(setNotice, rows.goOn);
  const onCurrent = (action: 'approve' | 'reject') => () => {
    const id = rows.current();
    if (id === undefined) rows.move(1);
    else decide(action, id);
  };
  useKeys({
    j: () => rows.move(1),
    k: () => rows.move(-1),
    o: () => rows.current() !== undefined && (document.activeElement as HTMLElement).click(),
    a: onCurrent('approve'),
    r: onCurrent('reject'),
    '?': () => setHelp(true),
  });
  // All of them at once, or each that comes later would push the others down.
  const loading = [...waiting, decided].some(({ isPending, isError }) => isPending && !isError);
  const nothing = !loading && [...waiting, decided].every(({ data }) => data?.pages.flat().length === 0);

  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <PageTitle title="Reviews" />
        <KeysButton onClick={() => setHelp(true)} />
      </Group>
      <FirstRunCard />
      <VisuallyHidden role="status">
        {count && count.waiting > 0 && `${countText(count)} ${count.waiting === 1 ? 'waits' : 'wait'} for you`}
      </VisuallyHidden>
      {loading ? (
        <Loading what="reviews" height={140} />
      ) : (
        <>
          <ReviewPart
            title="Waiting for you"
            query={mine}
            count={count && count.waiting > 0 ? countText(count) : undefined}
            empty="Nothing waits for you."
            more="Show older ones that wait for you"
          >
            {(sessions) => <Rows sessions={sessions} label="Waiting for you" />}
          </ReviewPart>
          <ReviewPart title="Asked by you" query={own} more="Show older ones that you asked for">
            {(sessions) => <Rows sessions={sessions} label="Asked by you" />}
          </ReviewPart>
          <ReviewPart title="Waiting for others" query={others} more="Show older ones that wait for others">
            {(sessions) => <Rows sessions={sessions} label="Waiting for others" />}
          </ReviewPart>
          <ReviewPart title="Recent" query={decided} more="Show older ones">
            {(sessions) => <SessionList sessions={sessions} label="Recent" />}
          </ReviewPart>
        </>
      )}
      {nothing && (
        <Text size="sm" c="dimmed">
          {/* The first thing to try, as the README has it. */}
          No request was made yet. In a terminal: <Code>hoop exec bash -i &apos;ls&apos;</Code>
        </Text>
      )}
      {dialog}
      {help && <KeysHelp keys={keys} onClose={() => setHelp(false)} />}
      <Notice notice={notice} onClose={() => setNotice(null)} />
    </Stack>
  );
}

function Rows({ sessions, label }: { sessions: SessionView[]; label: string }) {
  return (
    <ul className={rowClasses.list} aria-label={label}>
      {sessions.map((session) => (
        <li key={session.id}>
          <ReviewRow session={session} />
        </li>
      ))}
    </ul>
  );
}
