import { Badge, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { reviewCountQuery } from '../data/reviews.ts';
import { countText } from '../util/count-text.ts';
import { tabTitle } from '../util/tab-title.ts';

/** How many requests wait for who is signed in, beside the entry of the menu; nothing while none does. */
export function WaitingCount() {
  const { data } = useQuery(reviewCountQuery);
  if (!data || data.waiting === 0) return null;
  return (
    <Badge size="sm" circle={data.waiting < 10} tt="none">
      {countText(data)}
      <VisuallyHidden> waiting for you</VisuallyHidden>
    </Badge>
  );
}

/** The same in the title of the tab. */
export function useWaitingInTitle(): void {
  const { data } = useQuery(reviewCountQuery);
  const text = data && data.waiting > 0 ? countText(data) : '';
  useEffect(() => {
    tabTitle.setWaiting(text);
    return () => tabTitle.setWaiting('');
  }, [text]);
}
