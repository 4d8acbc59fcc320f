import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type Client } from './api.ts';
import { ClientContext } from './client.ts';
import { Conversation } from './conversation.tsx';
import { useLive } from './live.ts';
import { Modal } from './modal.tsx';
import { usePlace, type Place } from './place.ts';
import { Sidebar } from './sidebar.tsx';
import { Thread } from './thread.tsx';
import { WhoAreYou } from './who.tsx';

export function App() {
  const { place, go } = usePlace();
  const client = useQuery({
    queryKey: ['client', place.as],
    queryFn: () => api.client(place.as),
    enabled: place.as !== '',
  });
  if (place.as === '' || client.isError) {
    const unknown = client.isError ? client.error.message : undefined;
    return <WhoAreYou problem={unknown} onPick={(as) => go({ as, thread: '' })} />;
  }
  if (!client.data) return <p className="loading">Loading the workspace…</p>;
  return <Workspace key={client.data.me.id} client={client.data} place={place} go={go} />;
}

function Workspace({ client, place, go }: { client: Client; place: Place; go: (next: Partial<Place>) => void }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const places = [...client.channels, ...client.dms];
  const wanted = place.channel.replace(/^#/, '');
  const channel =
    places.find((entry) => entry.id === wanted || entry.name === wanted) ??
    (wanted === 'dm' ? client.dms.at(-1) : undefined) ??
    client.channels.find((entry) => entry.name === 'ops') ??
    client.channels[0]!;
  const { unread, connected } = useLive(client.me.id, channel.id);
  const isDm = client.dms.some((entry) => entry.id === channel.id);
  const title = `${isDm ? '' : '#'}${channel.name}`;
  useEffect(() => {
    document.title = `${title} as ${client.me.name} · Slack sandbox`;
  }, [title, client.me.name]);
  const open = (id: string) => {
    setMenuOpen(false);
    go({ channel: id, thread: '' });
  };
  return (
    <ClientContext value={client}>
      <div className={`workspace ${menuOpen ? 'menu-open' : ''} ${place.thread ? 'thread-open' : ''}`}>
        <Sidebar
          client={client}
          current={channel.id}
          unread={unread}
          onOpen={open}
          onBecome={(as) => go({ as, thread: '' })}
          onClose={() => setMenuOpen(false)}
        />
        <Conversation
          key={channel.id}
          channel={channel}
          title={title}
          isDm={isDm}
          connected={connected}
          onMenu={() => setMenuOpen(true)}
          onThread={(thread) => go({ thread })}
        />
        {place.thread && (
          <Thread
            key={place.thread}
            channel={channel}
            title={title}
            root={place.thread}
            onClose={() => go({ thread: '' })}
          />
        )}
        <Modal />
      </div>
    </ClientContext>
  );
}
