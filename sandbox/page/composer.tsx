import { useRef, useState, type KeyboardEvent } from 'react';
import { api, type Client, type ShownChannel } from './api.ts';
import { useClient } from './client.ts';

interface Props {
  channel: ShownChannel;
  title: string;
  isDm: boolean;
  thread?: string;
}

interface Hint {
  insert: string;
  label: string;
  note: string;
}

/** The line where one types messages, mentions and slash commands. */
export function Composer({ channel, title, isDm, thread }: Props) {
  const client = useClient();
  const { me } = client;
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const [chosen, setChosen] = useState(0);
  const hints = hintsFor(client, text);

  const attempt = async (work: () => Promise<unknown>) => {
    setProblem('');
    await work().catch((error: Error) => setProblem(error.message));
  };
  const send = () => {
    const line = text.trim();
    if (!line) return;
    setText('');
    void attempt(() => deliver(client, channel, line, thread)).then(() => field.current?.focus());
  };
  const take = (hint: Hint) => {
    setText((before) => before.replace(/\S*$/, '') + hint.insert);
    setChosen(0);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (hints.length > 0 && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
      event.preventDefault();
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : hints.length - 1)) % hints.length);
    } else if (hints[chosen] && (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey))) {
      event.preventDefault();
      take(hints[chosen]);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };

  if (channel.isArchived) return <p className="composer closed">{title} is archived.</p>;
  if (!channel.members.includes(me.id)) {
    return (
      <p className="composer closed">
        You are not in {title}.
        <button
          type="button"
          className="button primary"
          onClick={() => void attempt(() => api.invite({ channel: channel.id, user: me.id }))}
        >
          Join channel
        </button>
        {problem}
      </p>
    );
  }
  return (
    <div className="composer">
      {hints.length > 0 && (
        <ul className="hints" role="listbox" aria-label="Suggestions">
          {hints.map((hint, index) => (
            <li key={hint.insert} role="option" aria-selected={index === chosen} onMouseDown={() => take(hint)}>
              <strong>{hint.label}</strong> <small>{hint.note}</small>
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          ref={field}
          rows={Math.min(6, text.split('\n').length)}
          value={text}
          aria-label={thread ? 'Reply in the thread' : `Message ${title}`}
          placeholder={thread ? 'Reply…' : `Message ${title}${isDm ? '' : ' · try /hoop'}`}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="button primary" disabled={text.trim() === ''} aria-label="Send">
          ➤
        </button>
      </form>
    </div>
  );
}

/** Slash commands while the first word is typed, people and bots while a mention is. */
function hintsFor({ apps, people }: Client, text: string): Hint[] {
  const commands = [
    ...apps.flatMap((app) =>
      app.commands.map(({ command, usageHint, description }) => ({
        insert: `${command} `,
        label: `${command} ${usageHint ?? ''}`,
        note: `${description} · ${app.botName}`,
      })),
    ),
    { insert: '/invite ', label: '/invite @name', note: 'Add someone to this channel · Slack' },
  ];
  if (/^\/\S*$/.test(text)) return commands.filter(({ insert }) => insert.startsWith(text));
  const mention = /(?:^|\s)@(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (mention === undefined) return [];
  return [
    ...apps.map(({ botName }) => ({ insert: `@${botName} `, label: `@${botName}`, note: 'app' })),
    ...people.map(({ name, realName }) => ({ insert: `@${name} `, label: `@${name}`, note: realName })),
  ].filter(({ label }) => label.slice(1).toLowerCase().startsWith(mention));
}

async function deliver(
  client: Client,
  channel: ShownChannel,
  line: string,
  thread: string | undefined,
): Promise<unknown> {
  const as = client.me.id;
  const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  if (command === '/invite') return api.invite({ as, channel: channel.id, user: rest.trim() });
  if (command) return api.command({ as, channel: channel.id, command, text: rest });
  return api.say({ as, channel: channel.id, text: line, thread_ts: thread });
}
