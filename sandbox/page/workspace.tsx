import { useCallback, useEffect, useRef, useState } from 'react';
import type { Client, ShownChannel } from './api.ts';
import { ClientContext } from './client.ts';
import { Conversation } from './conversation.tsx';
import { Jump } from './jump.tsx';
import { useLive } from './live.ts';
import { Modal } from './modal.tsx';
import type { Go, Place } from './place.ts';
import { useShortcuts } from './shortcuts.ts';
import { inOrder, Sidebar } from './sidebar.tsx';
import { Thread } from './thread.tsx';
import { useUnread } from './unread.ts';

/** The client of one person. */
export function Workspace({ client, place, go }: { client: Client; place: Place; go: Go }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const [jumping, setJumping] = useState(false);
  const connected = useLive(client.me.id);
  const unread = useUnread(client);
  const channel = current(client, place.channel);
  const isDm = client.dms.some((entry) => entry.id === channel.id);
  const title = `${isDm ? '' : '#'}${channel.name}`;
  const waiting = [...unread].reduce((sum, [id, count]) => sum + (id === channel.id ? 0 : count), 0);
  useEffect(() => {
    const count = waiting > 0 ? `(${waiting}) ` : '';
    document.title = `${count}${title} as ${client.me.name} · Slack sandbox`;
  }, [title, client.me.name, waiting]);

  const open = useCallback(
    (id: string) => {
      setMenuOpen(false);
      setJumping(false);
      go({ channel: id, thread: '' });
    },
    [go],
  );
  const opener = useRef<Element | null>(null);
  const openThread = useCallback(
    (thread: string) => {
      opener.current = document.activeElement;
      go({ thread });
    },
    [go],
  );
  const closeThread = () => {
    go({ thread: '' });
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  const step = (by: number) => {
    const order = [...inOrder(client.channels), ...client.dms].map(({ id }) => id);
    open(order.at((order.indexOf(channel.id) + by) % order.length)!);
  };
  useShortcuts({
    jump: () => setJumping(true),
    step,
    leave: menuOpen ? () => setMenuOpen(false) : place.thread ? closeThread : undefined,
  });

  return (
    <ClientContext value={client}>
      <div className={`workspace ${menuOpen ? 'menu-open' : ''} ${place.thread ? 'thread-open' : ''}`}>
        <Sidebar
          client={client}
          current={channel.id}
          unread={unread}
          menuOpen={menuOpen}
          onOpen={open}
          onJump={() => setJumping(true)}
          onBecome={(as) => go({ as, thread: '' })}
          onClose={() => setMenuOpen(false)}
        />
        <Conversation
          key={channel.id}
          channel={channel}
          title={title}
          isDm={isDm}
          connected={connected}
          waiting={waiting}
          onMenu={() => setMenuOpen(true)}
          onThread={openThread}
        />
        {place.thread && (
          <Thread
            key={`${channel.id} ${place.thread}`}
            channel={channel}
            title={title}
            root={place.thread}
            onClose={closeThread}
          />
        )}
        {jumping && <Jump client={client} unread={unread} onOpen={open} onClose={() => setJumping(false)} />}
        <Modal />
      </div>
    </ClientContext>
  );
}

/** The channel that the address names, by id or name; `dm` is the newest app's. */
function current({ channels, dms }: Client, named: string): ShownChannel {
  const wanted = named.replace(/^#/, '');
  return (
    [...channels, ...dms].find(({ id, name }) => id === wanted || name === wanted) ??
    (wanted === 'dm' ? dms.at(-1) : undefined) ??
    channels.find(({ name }) => name === 'ops') ??
    channels[0]!
  );
}
