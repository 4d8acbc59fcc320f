import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Change } from '../feed.ts';

const RETRY_MS = 1_000;

/** Asks again for whatever the server says has changed. Gives the channels with news, and whether the line is up. */
export function useLive(me: string, current: string) {
  const queries = useQueryClient();
  const [news, setNews] = useState<ReadonlySet<string>>(new Set());
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    const hear = (change: Change) => {
      if (change.user && change.user !== me) return;
      if (change.kind === 'view') void queries.invalidateQueries({ queryKey: ['views'] });
      if (change.kind === 'workspace') void queries.invalidateQueries({ queryKey: ['client'] });
      const { kind, channel } = change;
      if (kind !== 'message' || !channel) return;
      void queries.invalidateQueries({ queryKey: ['messages', channel] });
      setNews((before) => new Set(before).add(channel));
    };
    return keepConnected(hear, (up) => {
      setConnected(up);
      if (up) void queries.invalidateQueries(); // whatever was missed while the line was down
    });
  }, [me, queries]);

  useEffect(() => {
    setNews((before) => new Set([...before].filter((channel) => channel !== current)));
  }, [current]);

  return { unread: new Set([...news].filter((channel) => channel !== current)), connected };
}

/** Listens until the function it returns is called, connecting again whenever the line breaks. */
function keepConnected(hear: (change: Change) => void, onLine: (up: boolean) => void): () => void {
  let wanted = true;
  let retry: ReturnType<typeof setTimeout>;
  let socket: WebSocket;
  const connect = () => {
    socket = new WebSocket(new URL('./control/events', location.href).href.replace(/^http/, 'ws'));
    socket.onopen = () => onLine(true);
    socket.onmessage = ({ data }) => hear(JSON.parse(String(data)) as Change);
    socket.onclose = () => {
      if (!wanted) return;
      onLine(false);
      retry = setTimeout(connect, RETRY_MS);
    };
  };
  connect();
  return () => {
    wanted = false;
    clearTimeout(retry);
    socket.close();
  };
}
