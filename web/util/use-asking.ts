import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { ApiError } from '../data/ask.ts';
import { createSession, sessionAsked, type SessionRequest } from '../data/run.ts';
import { requestOf, type DraftField, type DraftProblems } from './draft-request.ts';
import { newUuid } from './uuid.ts';
import type { DraftInHand } from './use-draft.ts';

export interface Asking {
  /** False: something has to be changed first, which `problems` say. */
  submit: () => boolean;
  /** Under another id. */
  asNew: () => void;
  isPending: boolean;
  problems: DraftProblems;
  /** What the gateway said, where it belongs to no field. */
  error: unknown;
  /** Of the draft. */
  id: string;
}

/** Fields that a refusal of the gateway is about. */
const fieldOf: Partial<Record<ApiError['code'], DraftField>> = {
  connection_unknown: 'connection',
  reason_required: 'reason',
  env_refused: 'env',
  too_large: 'script',
};

/** Sends a draft as a request. It is kept until the gateway has answered that it has it. */
export function useAsking(
  { draft, change, done }: DraftInHand,
  connection: ConnectionView | undefined,
  onAsked: (session: SessionView) => void,
): Asking {
  const client = useQueryClient();
  const [tried, setTried] = useState(false);
  const asking = useMutation({
    mutationFn: createSession,
    onSuccess: (session) => {
      done();
      void sessionAsked(client);
      onAsked(session);
    },
  });

  const made = requestOf(draft, connection);
  const refused = asking.error instanceof ApiError ? fieldOf[asking.error.code] : undefined;
  const atField = refused === undefined || !asking.error ? {} : { [refused]: asking.error.message };
  const send = (request: SessionRequest) => {
    if (!asking.isPending) asking.mutate(request);
  };
  return {
    submit() {
      setTried(true);
      if ('problems' in made) return false;
      send(made.request);
      return true;
    },
    asNew() {
      const id = newUuid();
      change({ id });
      if ('request' in made) send({ ...made.request, id });
    },
    isPending: asking.isPending,
    problems: { ...(tried && 'problems' in made ? made.problems : {}), ...atField },
    error: refused === undefined ? asking.error : null,
    id: draft.id,
  };
}
