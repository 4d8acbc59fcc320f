import { useState, type KeyboardEvent } from 'react';
import type { Client } from './api.ts';
import { Dialog } from './dialog.tsx';
import { AppSign, Hash, Lock } from './icons.tsx';
import { inOrder } from './sidebar.tsx';

interface Props {
  client: Client;
  unread: ReadonlyMap<string, number>;
  onOpen: (channel: string) => void;
  onClose: () => void;
}

/** Ctrl+K: goes to a conversation by the letters of its name. Those with news come first. */
export function Jump({ client, unread, onOpen, onClose }: Props) {
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState(0);
  const letters = wanted.trim().toLowerCase().replace(/^#/, '');
  const places = [
    ...inOrder(client.channels).map((channel) => ({ ...channel, sign: channel.isPrivate ? <Lock /> : <Hash /> })),
    ...client.dms.map((dm) => ({ ...dm, sign: <AppSign /> })),
  ]
    .filter(({ name }) => name.toLowerCase().includes(letters))
    .sort((a, b) => Number((unread.get(b.id) ?? 0) > 0) - Number((unread.get(a.id) ?? 0) > 0));
  const at = Math.min(chosen, places.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: places.length - 1 }[event.key];
    if (step !== undefined && places.length > 0) setChosen((at + step) % places.length);
    else if (event.key === 'Enter' && places[at]) onOpen(places[at].id);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog className="modal jump-to" label="Jump to a conversation" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        autoFocus
        value={wanted}
        placeholder="Jump to a channel or app"
        aria-label="Jump to a channel or app"
        aria-expanded
        aria-autocomplete="list"
        aria-controls="jump-places"
        aria-activedescendant={places[at] && `jump-${places[at].id}`}
        onChange={({ target }) => {
          setWanted(target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id="jump-places" aria-label="Conversations">
        {places.map(({ id, name, sign, isArchived }, index) => (
          <li key={id} id={`jump-${id}`} role="option" aria-selected={index === at} onMouseDown={() => onOpen(id)}>
            <span className="sign">{sign}</span> {name}
            {isArchived && <small> archived</small>}
            {(unread.get(id) ?? 0) > 0 && <small> {unread.get(id)} new</small>}
          </li>
        ))}
      </ul>
      {places.length === 0 && <p className="empty">Nothing is called that.</p>}
    </Dialog>
  );
}
