import { useState } from 'react';
import { api, type ShownChannel } from './api.ts';
import { useClient } from './client.ts';

/** A public channel one only looks into. */
export function NotIn({ channel, title }: { channel: ShownChannel; title: string }) {
  const { me } = useClient();
  const [problem, setProblem] = useState('');
  const join = () =>
    api.invite({ channel: channel.id, user: me.id }).catch((error: Error) => setProblem(error.message));
  return (
    <p className="composer closed">
      You are not in {title}.
      <button type="button" className="button primary" onClick={() => void join()}>
        Join channel
      </button>
      {problem && <span role="alert">{problem}</span>}
    </p>
  );
}
