import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isEndState } from '#shared/session-states.ts';
import { OutputBuffer, keptCharacters } from './output-buffer.ts';
import { sessionChanged } from '../data/sessions.ts';
import { meQuery } from '../data/sign-in.ts';
import { followSession, type StreamStatus } from './session-stream.ts';

/** Follows a session while its page is open: output into the buffer, everything else as a reason to fetch it again. */
export function useSessionStream(session: SessionDetail): { buffer: OutputBuffer; status: StreamStatus } {
  const client = useQueryClient();
  // Of a long output the page starts with the end.
  const [buffer] = useState(() => new OutputBuffer(Math.max(0, session.outputBytes - keptCharacters)));
  const [nothingToFollow] = useState(isEndState(session.state) && session.outputBytes === 0);
  const [status, setStatus] = useState<StreamStatus>(nothingToFollow ? 'ended' : 'connecting');
  const { id } = session;

  useEffect(() => {
    if (nothingToFollow) return;
    return followSession(id, buffer, {
      onStatus: setStatus,
      onChange: () => sessionChanged(client, id),
      onEnd: () => sessionChanged(client, id),
      onSignedOut: () => void client.refetchQueries({ queryKey: meQuery.queryKey }),
    });
  }, [client, id, buffer, nothingToFollow]);

  return { buffer, status };
}
