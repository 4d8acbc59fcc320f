import { useRef } from 'react';
import type { ShownChannel } from './api.ts';
import { Avatar } from './avatar.tsx';
import { useClient } from './client.ts';

/** How many are in a channel, and who. */
export function Members({ channel }: { channel: ShownChannel }) {
  const { people, apps, me } = useClient();
  const details = useRef<HTMLDetailsElement>(null);
  const members = channel.members.map((id) => {
    const app = apps.find((entry) => entry.botUserId === id);
    return { id, name: app?.botName ?? people.find((person) => person.id === id)?.realName ?? id, isBot: Boolean(app) };
  });
  const close = () => details.current?.removeAttribute('open');
  return (
    <details
      ref={details}
      className="members"
      onBlur={({ relatedTarget, currentTarget }) => !currentTarget.contains(relatedTarget) && close()}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        event.preventDefault();
        close();
      }}
    >
      <summary>{members.length === 1 ? '1 member' : `${members.length} members`}</summary>
      <ul className="popup">
        {members.map(({ id, name, isBot }) => (
          <li key={id}>
            <Avatar name={name} id={id} bot={isBot} />
            {name}
            {isBot && <span className="app-badge">APP</span>}
            {id === me.id && <small>you</small>}
          </li>
        ))}
      </ul>
    </details>
  );
}
