import { useState } from 'react';
import type { ShownChannel } from './api.ts';
import { useClient } from './client.ts';
import { Composer } from './composer.tsx';
import { Members } from './members.tsx';
import { MessageList } from './message-list.tsx';
import { useMessages } from './messages.ts';
import { isDeaf } from './sidebar.tsx';
import { readUpTo, useMarkRead } from './unread.ts';

interface Props {
  channel: ShownChannel;
  title: string;
  isDm: boolean;
  connected: boolean;
  /** Unread messages elsewhere, for the menu button of a phone. */
  waiting: number;
  onMenu: () => void;
  onThread: (ts: string) => void;
}

/** One channel or direct message: what was said, and the line to say more. */
export function Conversation({ channel, title, isDm, connected, waiting, onMenu, onThread }: Props) {
  const client = useClient();
  const { messages, loading, error, older } = useMessages(channel.id);
  const [newFrom] = useState(() => readUpTo(client.me.id, channel.id));
  useMarkRead(client.me.id, channel.id, messages);
  const deaf = client.dms.some(({ id, botUserId }) => id === channel.id && isDeaf(client, botUserId));
  return (
    <main className="conversation">
      <header>
        <button
          type="button"
          className="menu"
          aria-label={waiting > 0 ? `Open the menu, ${waiting} unread` : 'Open the menu'}
          onClick={onMenu}
        >
          ☰{waiting > 0 && <span className="dot" />}
        </button>
        <h1>{title}</h1>
        {channel.isArchived && <small>archived</small>}
        {isDm ? <small>{deaf ? 'not connected' : 'app'}</small> : <Members channel={channel} />}
      </header>
      {!connected && (
        <p className="problem banner" role="status">
          Offline: the sandbox cannot be reached. Trying again…
        </p>
      )}
      {connected && error && <p className="problem banner">{error.message}</p>}
      <MessageList
        messages={messages}
        isThread={false}
        empty={loading ? '' : `This is the very beginning of ${title}.`}
        newFrom={newFrom}
        older={older}
        onThread={onThread}
      />
      <Composer channel={channel} title={title} isDm={isDm} />
    </main>
  );
}
