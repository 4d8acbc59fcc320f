import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { api, type ShownMessage } from './api.ts';
import { useClient } from './client.ts';

/** Messages that are asked for at a time; a channel may hold thousands. */
const PAGE = 100;

export interface Messages {
  messages: ShownMessage[];
  loading: boolean;
  error: Error | null;
  /** Asks for older ones, where there are any. */
  older: (() => void) | undefined;
}

const none: ShownMessage[] = [];

/** The newest messages of a channel, as many as were asked for, kept current. */
export function useMessages(channel: string): Messages {
  const { me } = useClient();
  const [limit, setLimit] = useState(PAGE);
  const { data, error, isPending, isFetching } = useQuery({
    queryKey: ['messages', channel, me.id, limit],
    queryFn: () => api.messages({ channel, as: me.id, limit: String(limit) }),
    placeholderData: keepPreviousData,
  });
  const more = useCallback(() => setLimit((before) => before + PAGE), []);
  return {
    messages: data?.messages ?? none,
    loading: isPending,
    error,
    older: data?.more && !isFetching ? more : undefined,
  };
}

/** A message and its replies. */
export function useThread(channel: string, thread: string): Messages {
  const { me } = useClient();
  const { data, error, isPending } = useQuery({
    queryKey: ['messages', channel, me.id, 'thread', thread],
    queryFn: () => api.messages({ channel, as: me.id, thread }),
  });
  return { messages: data?.messages ?? none, loading: isPending, error, older: undefined };
}
