import { Fragment, useState } from 'react';
import type { ShownMessage } from './api.ts';
import { useClient } from './client.ts';
import { Message, repliesOf } from './message.tsx';
import { useScroll } from './scroll.ts';
import { dayOf } from './text/date.ts';

interface Props {
  messages: ShownMessage[];
  isThread: boolean;
  empty: string;
  /** What came after this is marked as new. */
  newFrom?: string;
  older?: (() => void) | undefined;
  onThread?: (ts: string) => void;
}

/** Messages of one author within this time stand under one name. */
const TOGETHER_S = 300;

const dayKey = ({ ts }: ShownMessage) => new Date(Number(ts) * 1000).toDateString();

/** What was said, oldest first. Keeps the newest in sight, unless one has scrolled up to read. */
export function MessageList({ messages, isThread, empty, newFrom, older, onThread }: Props) {
  const { me } = useClient();
  const shown = isThread ? messages : messages.filter((message) => !message.thread_ts);
  const { list, content, atEnd, toEnd, onScroll } = useScroll(shown, older);
  // Only what was there at first can be new; what comes later one sees arriving.
  const [firstNew] = useFirstNew(shown, newFrom, me.id);
  return (
    <div className="message-area">
      <div
        className="messages"
        ref={list}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={isThread ? 'Replies, scrollable' : 'Conversation'}
      >
        <div className="message-content" ref={content} role="log" aria-label={isThread ? 'Replies' : 'Messages'}>
          {shown.length === 0 && empty && <p className="empty">{empty}</p>}
          {older && <p className="empty">Older messages…</p>}
          {shown.map((message, index) => {
            const before = shown[index - 1];
            const newDay = !isThread && (!before || dayKey(before) !== dayKey(message));
            const isNew = message.ts === firstNew;
            return (
              <Fragment key={message.ts}>
                {newDay && <p className="divider">{dayOf(new Date(Number(message.ts) * 1000))}</p>}
                {isNew && <p className="divider new">New</p>}
                {isThread && index === 1 && <p className="divider">{repliesOf(shown.length - 1)}</p>}
                <Message
                  message={message}
                  isCompact={!newDay && !isNew && !(isThread && index === 1) && goesOn(before, message)}
                  onThread={isThread ? undefined : onThread}
                />
              </Fragment>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="button to-end" onClick={toEnd}>
          ↓ Newest
        </button>
      )}
    </div>
  );
}

function useFirstNew(shown: ShownMessage[], newFrom: string | undefined, me: string): [string | undefined] {
  const [found, setFound] = useState<{ ts: string | undefined } | null>(null);
  if (!found && shown.length > 0) {
    setFound({ ts: newFrom ? shown.find(({ ts, user }) => ts > newFrom && user !== me)?.ts : undefined });
  }
  return [found?.ts];
}

/** Whether a message follows one of the same author closely. */
function goesOn(before: ShownMessage | undefined, message: ShownMessage): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    !before.ephemeral &&
    !message.ephemeral &&
    !before.reply_count &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S
  );
}
