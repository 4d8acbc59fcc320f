import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Change } from '../feed.ts';
import { refresh } from './refresh.ts';

const RETRY_MS = 500;
/** Changes within this time are asked for at once. */
const TOGETHER_MS = 40;

/** Asks again for whatever the server says has changed. Gives whether the line is up. */
export function useLive(me: string): boolean {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const stale = collect(queries);
    const line = keepConnected(
      (change) => {
        if (change.user && change.user !== me) return;
        if (change.kind === 'view') stale.add('views');
        if (change.kind === 'workspace') stale.add('client');
        if (change.kind === 'message' && change.channel) stale.add('messages', change.channel);
      },
      (up) => {
        setConnected(up);
        if (up) void refresh(queries); // whatever was missed while the line was down
      },
    );
    return () => {
      line.close();
      stale.close();
    };
  }, [me, queries]);
  return connected;
}

/** What is out of date, asked for together: a burst of messages is one question. */
function collect(queries: QueryClient) {
  const keys = new Map<string, string[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const queryKey of keys.values()) void refresh(queries, queryKey);
    keys.clear();
  };
  return {
    add(...key: string[]) {
      keys.set(key.join(' '), key);
      timer ??= setTimeout(flush, TOGETHER_MS);
    },
    close: () => clearTimeout(timer),
  };
}

/** Listens until it is closed, connecting again whenever the line breaks. */
function keepConnected(hear: (change: Change) => void, onLine: (up: boolean) => void) {
  let wanted = true;
  let retry: ReturnType<typeof setTimeout>;
  let socket: WebSocket;
  const connect = () => {
    clearTimeout(retry);
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
  return {
    close() {
      wanted = false;
      clearTimeout(retry);
      socket.close();
    },
  };
}
