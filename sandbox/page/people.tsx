import type { MouseEvent } from 'react';
import type { Client } from './api.ts';
import { Avatar } from './avatar.tsx';
import { Columns, NewTab } from './icons.tsx';
import { addressOf } from './place.ts';

interface Props {
  client: Client;
  channel: string;
  onBecome: (as: string) => void;
}

/** Anybody can be anybody: here, in a tab of their own, or beside. */
export function People({ client, channel, onBecome }: Props) {
  const become = (event: MouseEvent, who: string) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onBecome(who);
  };
  return (
    <>
      <h2>You are</h2>
      <ul className="people">
        {client.people.map((person) => {
          const { id, name, realName } = person;
          const isMe = id === client.me.id;
          const there = addressOf({ as: name, channel });
          return (
            <li key={id}>
              <a href={there} aria-current={isMe ? 'true' : undefined} onClick={(event) => become(event, name)}>
                <Avatar name={realName} id={id} />
                <span className="name">{realName}</span>
              </a>
              {!isMe && (
                <>
                  <a className="tool" href={there} target="_blank" rel="noopener" title={`${realName} in a new tab`}>
                    <NewTab />
                    <span className="unseen">{realName} in a new tab</span>
                  </a>
                  <a
                    className="tool"
                    href={addressOf({ as: client.me.name, channel, with: name })}
                    title={`${realName} beside you`}
                  >
                    <Columns />
                    <span className="unseen">{realName} beside you</span>
                  </a>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
