import type { ReactNode } from 'react';
import type { Client, ShownChannel } from './api.ts';
import { Avatar } from './avatar.tsx';
import { addressOf } from './place.ts';

interface Props {
  client: Client;
  current: string;
  unread: ReadonlySet<string>;
  onOpen: (channel: string) => void;
  onBecome: (as: string) => void;
  onClose: () => void;
}

/** Channels, direct messages, and the people one can be instead. */
export function Sidebar({ client, current, unread, onOpen, onBecome, onClose }: Props) {
  const entry = (channel: ShownChannel, sign: ReactNode, note = channel.isArchived ? 'archived' : undefined) => (
    <li key={channel.id}>
      <button
        type="button"
        aria-current={channel.id === current ? 'page' : undefined}
        className={unread.has(channel.id) ? 'unread' : ''}
        onClick={() => onOpen(channel.id)}
      >
        <span className="sign">{sign}</span>
        {channel.name}
        {note && <small>{note}</small>}
        {unread.has(channel.id) && <span className="dot" aria-label="new messages" />}
      </button>
    </li>
  );
  return (
    <>
      <nav className="sidebar" aria-label="Workspace">
        <header>
          <strong>{client.team.name}</strong>
          <small>not Slack: a sandbox on this machine</small>
        </header>
        <h2>Channels</h2>
        <ul>{inOrder(client.channels).map((channel) => entry(channel, channel.isPrivate ? <Lock /> : '#'))}</ul>
        <h2>Apps</h2>
        <ul>
          {client.dms.map((dm) => entry(dm, '◆', isDeaf(client, dm.botUserId) ? 'not connected' : undefined))}
          {client.dms.length === 0 && <li className="empty">No app is installed yet.</li>}
        </ul>
        <h2>You are</h2>
        <ul className="people">
          {client.people.map((person) => (
            <li key={person.id}>
              <a
                href={addressOf({ as: person.id, channel: current })}
                aria-current={person.id === client.me.id ? 'true' : undefined}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                  event.preventDefault();
                  onBecome(person.id);
                }}
              >
                <Avatar name={person.realName} id={person.id} />
                {person.realName}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <button type="button" className="backdrop" aria-label="Close the menu" onClick={onClose} />
    </>
  );
}

/** Whether nobody would hear of a click: the app has no Socket Mode connection. */
function isDeaf({ apps }: Client, botUserId: string): boolean {
  return apps.some((app) => app.botUserId === botUserId && app.sockets === 0);
}

/** By name, archived ones last. */
function inOrder(channels: ShownChannel[]): ShownChannel[] {
  return [...channels].sort((a, b) => Number(a.isArchived) - Number(b.isArchived) || a.name.localeCompare(b.name));
}

function Lock() {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" role="img" aria-label="private">
      <rect x="2.5" y="7" width="11" height="7.5" rx="1.5" fill="currentColor" />
      <path d="M5 7V4.8a3 3 0 0 1 6 0V7" fill="none" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  );
}
