import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Client, type ShownMessage } from './api.ts';
import { refresh } from './refresh.ts';

/** How far people have read is the browser's to remember, as it is no fact of the workspace. */
const nameOf = (me: string, channel: string) => `read ${me} ${channel}`;
export const readUpTo = (me: string, channel: string): string => localStorage.getItem(nameOf(me, channel)) ?? '';

/** More than anybody counts. */
export const MANY = 100;

/** How many messages of others wait in each channel. */
export function useUnread({ me, channels, dms }: Client): ReadonlyMap<string, number> {
  const ids = [...channels, ...dms].map(({ id }) => id);
  const counts = useQueries({
    queries: ids.map((channel) => ({
      queryKey: ['messages', channel, me.id, 'unread'],
      queryFn: async () => {
        const after = readUpTo(me.id, channel);
        const { messages } = await api.messages({
          ...{ channel, as: me.id, limit: String(MANY) },
          ...(after && { after }),
        });
        return messages.filter(({ user, thread_ts }) => user !== me.id && !thread_ts).length;
      },
    })),
  });
  return new Map(ids.map((id, index) => [id, counts[index]?.data ?? 0]));
}

/** Remembers that what is shown has been seen, once somebody can see it. */
export function useMarkRead(me: string, channel: string, messages: ShownMessage[]): void {
  const queries = useQueryClient();
  const [visible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  const newest = messages.at(-1)?.ts;
  useEffect(() => {
    if (!visible || !newest || newest <= readUpTo(me, channel)) return;
    localStorage.setItem(nameOf(me, channel), newest);
    void refresh(queries, ['messages', channel, me, 'unread']);
  }, [visible, newest, me, channel, queries]);
}
