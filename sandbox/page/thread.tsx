import type { ShownChannel } from './api.ts';
import { Composer } from './composer.tsx';
import { MessageList, useMessages } from './conversation.tsx';

interface Props {
  channel: ShownChannel;
  title: string;
  root: string;
  onClose: () => void;
}

/** A message and its replies, beside the channel. */
export function Thread({ channel, title, root, onClose }: Props) {
  const { messages } = useMessages(channel.id);
  const shown = messages.filter((message) => message.ts === root || message.thread_ts === root);
  return (
    <aside className="thread" aria-label="Thread">
      <header>
        <h2>Thread</h2>
        <small>{title}</small>
        <button type="button" aria-label="Close the thread" onClick={onClose}>
          ✕
        </button>
      </header>
      <MessageList messages={shown} empty="That message is gone." />
      <Composer channel={channel} title={title} isDm thread={root} />
    </aside>
  );
}
