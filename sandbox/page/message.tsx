import { api, type ShownMessage } from './api.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { useClient } from './client.ts';
import type { Aim } from './elements.tsx';

interface Props {
  message: ShownMessage;
  onThread?: ((ts: string) => void) | undefined;
}

/** One message as Slack shows it. */
export function Message({ message, onThread }: Props) {
  const { me, people } = useClient();
  const isBot = message.bot_id !== undefined || message.user === 'USLACKBOT';
  const name = people.find((person) => person.id === message.user)?.realName ?? message.username;
  const { channel, ts } = message;
  const click = (aim: Aim) => api.click({ as: me.id, channel, ts, ...aim });
  const time = new Date(Number(ts) * 1000);
  const blocks = message.blocks ?? [{ type: 'section', text: { type: 'mrkdwn', text: message.text } }];
  return (
    <article className={`message ${message.ephemeral ? 'ephemeral' : ''}`} data-ts={ts} aria-label={`${name}`}>
      <Avatar name={name} id={message.user} bot={isBot} />
      <div className="body">
        {message.ephemeral && (
          <p className="only-you">
            Only visible to you
            <button type="button" onClick={() => void api.dismiss({ as: me.id, channel, ts })}>
              Dismiss
            </button>
          </p>
        )}
        <p className="author">
          <strong>{name}</strong>
          {isBot && <span className="app-badge">APP</span>}
          <time dateTime={time.toISOString()} title={time.toLocaleString()}>
            {time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
          </time>
          {!message.ephemeral && onThread && (
            <button type="button" className="reply" onClick={() => onThread(ts)}>
              Reply
            </button>
          )}
        </p>
        <Blocks blocks={blocks} onAct={click} />
        {Boolean(message.edited) && <small className="edited">(edited)</small>}
        {message.reply_count > 0 && onThread && (
          <button type="button" className="replies" onClick={() => onThread(ts)}>
            {message.reply_count === 1 ? '1 reply' : `${message.reply_count} replies`}
          </button>
        )}
      </div>
    </article>
  );
}
