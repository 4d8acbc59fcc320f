import type { ShownChannel } from './api.ts';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { useThread } from './messages.ts';

interface Props {
  channel: ShownChannel;
  title: string;
  root: string;
  onClose: () => void;
}

/** A message and its replies: beside the channel, or instead of it where there is no room. */
export function Thread({ channel, title, root, onClose }: Props) {
  const { messages, loading, error } = useThread(channel.id, root);
  return (
    <aside className="thread" aria-label="Thread">
      <header>
        <h2>Thread</h2>
        <small>{title}</small>
        <button type="button" className="close" aria-label="Close the thread" onClick={onClose}>
          ✕
        </button>
      </header>
      {error && <p className="problem banner">{error.message}</p>}
      <MessageList messages={messages} isThread empty={loading ? '' : 'That message is gone.'} />
      <Composer channel={channel} title={title} isDm thread={root} />
    </aside>
  );
}
