import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Change } from '../feed.ts';

/** Asks again for whatever the server says has changed. Gives the channels with news, and whether the line is up. */
export function useLive(me: string, current: string) {
  const queries = useQueryClient();
  const [unread, setUnread] = useState<ReadonlySet<string>>(new Set());
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    const source = new EventSource('./control/events');
    source.onopen = () => {
      setConnected(true);
      void queries.invalidateQueries(); // whatever was missed while the line was down
    };
    source.onerror = () => setConnected(false);
    source.onmessage = ({ data }) => {
      const change = JSON.parse(data) as Change;
      if (change.user && change.user !== me) return;
      if (change.kind === 'view') void queries.invalidateQueries({ queryKey: ['views'] });
      if (change.kind === 'workspace') void queries.invalidateQueries({ queryKey: ['client'] });
      if (change.kind !== 'message' || !change.channel) return;
      const { channel } = change;
      void queries.invalidateQueries({ queryKey: ['messages', channel] });
      setUnread((before) => new Set(before).add(channel));
    };
    return () => source.close();
  }, [me, queries]);

  useEffect(() => {
    setUnread((before) => new Set([...before].filter((channel) => channel !== current)));
  }, [current]);

  return { unread, connected };
}
