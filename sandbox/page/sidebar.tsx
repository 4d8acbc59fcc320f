import type { KeyboardEvent, ReactNode } from 'react';
import type { Client, ShownChannel } from './api.ts';
import { Avatar } from './avatar.tsx';
import { AppSign, Hash, Lock } from './icons.tsx';
import { People } from './people.tsx';
import { isColumn } from './place.ts';
import { MANY } from './unread.ts';

interface Props {
  client: Client;
  current: string;
  unread: ReadonlyMap<string, number>;
  menuOpen: boolean;
  onOpen: (channel: string) => void;
  onJump: () => void;
  onBecome: (as: string) => void;
  onClose: () => void;
}

/** Channels, direct messages, and the people one can be instead. */
export function Sidebar({ client, current, unread, menuOpen, onOpen, onJump, onBecome, onClose }: Props) {
  const entry = (channel: ShownChannel, sign: ReactNode, note = channel.isArchived ? 'archived' : '') => {
    const count = channel.id === current ? 0 : (unread.get(channel.id) ?? 0);
    return (
      <li key={channel.id}>
        <button
          type="button"
          aria-current={channel.id === current ? 'page' : undefined}
          className={count > 0 ? 'unread' : ''}
          onClick={() => onOpen(channel.id)}
        >
          <span className="sign">{sign}</span>
          <span className="name">{channel.name}</span>
          {note && <small>{note}</small>}
          {count > 0 && (
            <span className="count">
              {count < MANY ? count : `${MANY - 1}+`}
              <span className="unseen"> unread</span>
            </span>
          )}
        </button>
      </li>
    );
  };
  return (
    <>
      <nav className="sidebar" aria-label="Workspace" onKeyDown={moveByArrows}>
        <header>
          <Avatar name={client.me.realName} id={client.me.id} />
          <div>
            <strong>{client.me.realName}</strong>
            <small>{client.team.name} · not Slack</small>
          </div>
          {menuOpen && (
            <button type="button" className="close" aria-label="Close the menu" autoFocus onClick={onClose}>
              ✕
            </button>
          )}
        </header>
        <button type="button" className="jump" onClick={onJump}>
          Jump to… <kbd>Ctrl K</kbd>
        </button>
        <h2>Channels</h2>
        <ul>{inOrder(client.channels).map((channel) => entry(channel, channel.isPrivate ? <Lock /> : <Hash />))}</ul>
        <h2>Direct messages</h2>
        <ul>
          {client.dms.map((dm) => entry(dm, <AppSign />, isDeaf(client, dm.botUserId) ? 'not connected' : 'app'))}
          {client.dms.length === 0 && <li className="empty">No app is installed yet.</li>}
        </ul>
        {!isColumn() && <People client={client} channel={current} onBecome={onBecome} />}
      </nav>
      <button type="button" className="backdrop" tabIndex={-1} aria-label="Close the menu" onClick={onClose} />
    </>
  );
}

/** Up and down go through what can be opened, beside Tab. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey) return;
  const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('li > button, li > a:not(.tool)')];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  entries[Math.min(Math.max(at + step, 0), entries.length - 1)]?.focus();
}

/** Whether nobody would hear of a click: the app has no Socket Mode connection. */
export function isDeaf({ apps }: Client, botUserId: string): boolean {
  return apps.some((app) => app.botUserId === botUserId && app.sockets === 0);
}

/** By name, archived ones last. */
export function inOrder(channels: ShownChannel[]): ShownChannel[] {
  return [...channels].sort((a, b) => Number(a.isArchived) - Number(b.isArchived) || a.name.localeCompare(b.name));
}
