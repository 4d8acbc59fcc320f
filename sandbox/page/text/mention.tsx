import { useClient } from '../client.ts';

/** A person or bot by id, under the name the workspace knows. */
export function UserMention({ id, label = '' }: { id: string; label?: string }) {
  const { me, people, apps } = useClient();
  const person = people.find((entry) => entry.id === id);
  const bot = apps.find((entry) => entry.botUserId === id);
  const name = person?.realName ?? bot?.botName ?? (label || id);
  return <span className={`mention ${id === me.id ? 'me' : ''}`}>@{name}</span>;
}

export function ChannelMention({ id, label = '' }: { id: string; label?: string }) {
  const { channels } = useClient();
  const name = channels.find((channel) => channel.id === id)?.name ?? (label || 'private channel');
  return <span className="mention">#{name}</span>;
}

/** `@here`, `@channel`, `@everyone`, or a group. */
export const GroupMention = ({ name }: { name: string }) => (
  <span className="mention me">@{name.replace(/^@/, '')}</span>
);
