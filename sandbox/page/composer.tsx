import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { api, Refused, type Client, type ShownChannel } from './api.ts';
import { useClient } from './client.ts';
import { Send } from './icons.tsx';
import { NotIn } from './not-in.tsx';
import { suggestionsFor, usageOf, type Suggestion } from './suggestions.ts';

interface Props {
  channel: ShownChannel;
  title: string;
  isDm: boolean;
  thread?: string;
}

/** What was typed and not sent, by place, for as long as the page is open. */
const drafts = new Map<string, string>();
let firstOne = true;

/** The line where one types messages, mentions and slash commands. */
export function Composer(props: Props) {
  const { channel, title } = props;
  const { me } = useClient();
  if (channel.isArchived) return <p className="composer closed">{title} is archived.</p>;
  if (!channel.members.includes(me.id)) return <NotIn channel={channel} title={title} />;
  return <Line {...props} />;
}

function Line({ channel, title, isDm, thread }: Props) {
  const client = useClient();
  const place = `${client.me.id} ${channel.id} ${thread ?? ''}`;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(drafts.get(place) ?? '');
  const [caret, setCaret] = useState(text.length);
  const [problem, setProblem] = useState('');
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState('');
  const found = suggestionsFor(client, text.slice(0, caret));
  const suggestions = dismissed === text ? [] : found;
  const usage = suggestions.length === 0 ? usageOf(client, text) : undefined;

  useEffect(() => {
    // Whoever goes somewhere wants to write there; not on a phone, where it would bring up the keyboard.
    if (!firstOne && matchMedia('(pointer: fine)').matches) field.current?.focus();
    firstOne = false;
  }, []);

  const type = (next: string, at = next.length) => {
    setText(next);
    setCaret(at);
    setChosen(0);
    setProblem('');
    drafts.set(place, next);
  };
  const send = async () => {
    const line = text.trim();
    if (!line) return;
    type('');
    field.current?.focus();
    try {
      await deliver(client, channel, line, thread);
    } catch (error) {
      if (!drafts.get(place)) type(line);
      setProblem(wordsFor(error as Error, line));
    }
  };
  const take = ({ insert }: Suggestion) => {
    const head = text.slice(0, caret).replace(/\S*$/, '') + insert;
    type(head + text.slice(caret).trimStart(), head.length);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.altKey) return;
    const picked = suggestions[chosen];
    const sends = event.key === 'Enter' && !event.shiftKey;
    if (picked && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : suggestions.length - 1)) % suggestions.length);
    } else if (picked && (sends || (event.key === 'Tab' && !event.shiftKey))) take(picked);
    else if (picked && event.key === 'Escape') setDismissed(text);
    else if (sends) void send();
    else return;
    event.preventDefault();
  };

  return (
    <div className="composer">
      {suggestions.length > 0 && (
        <ul className="popup" role="listbox" id={`${id}-list`} aria-label="Suggestions">
          {suggestions.map((entry, index) => (
            <li
              key={entry.insert}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                take(entry);
              }}
            >
              <strong>{entry.label}</strong> <small>{entry.note}</small>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <textarea
          ref={field}
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          maxLength={12_000}
          aria-label={thread ? 'Reply in the thread' : `Message ${title}`}
          aria-autocomplete="list"
          aria-controls={suggestions.length > 0 ? `${id}-list` : undefined}
          aria-activedescendant={suggestions.length > 0 ? `${id}-${chosen}` : undefined}
          aria-describedby={usage ? `${id}-usage` : undefined}
          placeholder={thread ? 'Reply…' : `Message ${title}${isDm ? '' : ' · / for commands'}`}
          onChange={({ target }) => type(target.value, target.selectionStart)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="button primary" aria-disabled={text.trim() === ''} aria-label="Send">
          <Send />
        </button>
      </form>
      {usage && (
        <p className="usage" id={`${id}-usage`}>
          {usage}
        </p>
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function wordsFor(error: Error, line: string): string {
  const silent = error instanceof Refused && error.code === 'app_did_not_respond';
  return silent ? `${line.split(/\s/)[0]} failed because the app did not respond.` : error.message;
}

async function deliver(
  client: Client,
  channel: ShownChannel,
  line: string,
  thread: string | undefined,
): Promise<unknown> {
  const as = client.me.id;
  const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  if (command && thread) throw new Error(`${command} is not supported in threads. Type it in the channel.`);
  if (command === '/invite') return api.invite({ as, channel: channel.id, user: rest.trim() });
  if (command) return api.command({ as, channel: channel.id, command, text: rest });
  return api.say({ as, channel: channel.id, text: line, thread_ts: thread });
}
