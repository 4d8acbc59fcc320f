import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, type ShownChannel, type ShownMessage } from './api.ts';
import { useClient } from './client.ts';
import { Composer } from './composer.tsx';
import { Message } from './message.tsx';

interface Props {
  channel: ShownChannel;
  title: string;
  isDm: boolean;
  connected: boolean;
  onMenu: () => void;
  onThread: (ts: string) => void;
}

/** One channel or direct message: what was said, and the line to say more. */
export function Conversation({ channel, title, isDm, connected, onMenu, onThread }: Props) {
  const { messages, error } = useMessages(channel.id);
  const shown = messages.filter((message) => !message.thread_ts);
  return (
    <main className="conversation">
      <header>
        <button type="button" className="menu" aria-label="Open the menu" onClick={onMenu}>
          ☰
        </button>
        <h1>{title}</h1>
        <small>{isDm ? 'app' : `${channel.members.length} members`}</small>
      </header>
      {!connected && <p className="problem banner">The sandbox cannot be reached; trying again…</p>}
      {error && <p className="problem banner">{error.message}</p>}
      <MessageList messages={shown} empty={`This is the very beginning of ${title}.`} onThread={onThread} />
      <Composer channel={channel} title={title} isDm={isDm} />
    </main>
  );
}

export function useMessages(channel: string): { messages: ShownMessage[]; error: Error | null } {
  const { me } = useClient();
  const { data, error } = useQuery({
    queryKey: ['messages', channel, me.id],
    queryFn: () => api.messages(channel, me.id),
  });
  return { messages: data?.messages ?? [], error };
}

interface ListProps {
  messages: ShownMessage[];
  empty: string;
  onThread?: (ts: string) => void;
}

/** Keeps the newest message in sight, unless one has scrolled up to read. */
export function MessageList({ messages, empty, onThread }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [messages]);
  return (
    <div
      className="messages"
      ref={list}
      role="log"
      aria-label="Messages"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 80;
      }}
    >
      {messages.length === 0 && <p className="empty">{empty}</p>}
      {messages.map((message) => (
        <Message key={message.ts} message={message} onThread={onThread} />
      ))}
    </div>
  );
}
