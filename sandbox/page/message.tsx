import { memo, useState } from 'react';
import { api, type ShownMessage } from './api.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks/blocks.tsx';
import type { Aim } from './blocks/element.tsx';
import { useClient } from './client.ts';
import { timeOf } from './text/date.ts';
import { Mrkdwn } from './text/mrkdwn.tsx';

interface Props {
  message: ShownMessage;
  /** Under the name of the message before. */
  isCompact: boolean;
  onThread?: ((ts: string) => void) | undefined;
}

/** One message as Slack shows it. */
export const Message = memo(function Message({ message, isCompact, onThread }: Props) {
  const { me, people } = useClient();
  const { channel, ts, ephemeral, blocks } = message;
  const isBot = message.bot_id !== undefined || message.user === 'USLACKBOT';
  const name = people.find((person) => person.id === message.user)?.realName ?? message.username;
  const click = (aim: Aim) => api.click({ as: me.id, channel, ts, ...aim });
  const time = new Date(Number(ts) * 1000);
  const clock = (
    <time dateTime={time.toISOString()} title={time.toLocaleString()}>
      {isCompact ? timeOf(time).replace(/\s?[AP]M$/i, '') : timeOf(time)}
    </time>
  );
  const kind = `${ephemeral ? 'ephemeral' : ''} ${isCompact ? 'compact' : ''}`;
  return (
    <article className={`message ${kind}`} data-ts={ts} aria-label={`${name}, ${timeOf(time)}`}>
      {isCompact ? clock : <Avatar name={name} id={message.user} bot={isBot} />}
      <div className="body">
        {ephemeral && <OnlyYou message={message} me={me.id} />}
        {!isCompact && (
          <p className="author">
            <strong>{name}</strong>
            {isBot && <span className="app-badge">APP</span>}
            {clock}
          </p>
        )}
        {blocks ? (
          <Blocks blocks={blocks} onAct={click} />
        ) : (
          <div className="blocks">
            <Mrkdwn text={message.text} />
          </div>
        )}
        {message.attachments?.map((attachment, index) => (
          <div key={index} className="attachment">
            {attachment.blocks ? (
              <Blocks blocks={attachment.blocks} onAct={click} />
            ) : (
              <div className="blocks">
                <Mrkdwn text={String(attachment.text ?? attachment.fallback ?? '')} />
              </div>
            )}
          </div>
        ))}
        {Boolean(message.edited) && <small className="edited">(edited)</small>}
        {message.reply_count > 0 && onThread && (
          <button type="button" className="replies" onClick={() => onThread(ts)}>
            {repliesOf(message.reply_count)}
          </button>
        )}
      </div>
      {!ephemeral && onThread && (
        <button
          type="button"
          className="reply"
          aria-label={`Reply to ${name} in a thread`}
          onClick={() => onThread(ts)}
        >
          Reply
        </button>
      )}
    </article>
  );
});

export const repliesOf = (count: number): string => (count === 1 ? '1 reply' : `${count} replies`);

/** A private answer says that it is one, and goes when one has read it. */
function OnlyYou({ message: { channel, ts }, me }: { message: ShownMessage; me: string }) {
  const [problem, setProblem] = useState('');
  const dismiss = () => api.dismiss({ as: me, channel, ts }).catch((error: Error) => setProblem(error.message));
  return (
    <p className="only-you">
      Only visible to you
      <button type="button" onClick={() => void dismiss()}>
        Dismiss
      </button>
      {problem && <span role="alert">{problem}</span>}
    </p>
  );
}
