import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { messageOf } from '../data/ask.ts';
import { sessionQuery } from '../data/sessions.ts';
import type { NoticeText } from '../ui/notice.tsx';
import { pages } from '../util/paths.ts';
import { permissionFor } from '../util/session-words.ts';
import { fitsDialog } from '../util/whole-envelope.ts';
import { DecisionDialog } from './decision-dialog.tsx';

interface Quick {
  /** Opens the dialog with the request as it is now, or its page where it is too long for one. */
  decide: (action: 'approve' | 'reject', id: string) => void;
  dialog: ReactNode;
}

/** Deciding from the inbox: nobody approves what they were not shown whole. */
export function useQuickDecision(onNotice: (notice: NoticeText | null) => void, onDone: () => void): Quick {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<{ action: 'approve' | 'reject'; session: SessionDetail } | null>(null);
  const opening = useMutation({
    mutationFn: ({ id }: { action: 'approve' | 'reject'; id: string }) =>
      client.fetchQuery({ ...sessionQuery(id), staleTime: 0 }),
    onSuccess: (session, { action }) => {
      const { allowed, why } = permissionFor(session, action);
      if (!allowed) return onNotice({ color: 'gray.8', text: why ?? 'The gateway does not allow this to you.' });
      if (action === 'approve' && !fitsDialog(session)) return navigate(pages.reading(session.id));
      setOpen({ action, session });
    },
    onError: (error) => onNotice({ color: 'red.9', text: messageOf(error) }),
  });
  return {
    decide: (action, id) => {
      onNotice(null);
      if (!opening.isPending) opening.mutate({ action, id });
    },
    dialog: open && (
      <DecisionDialog
        {...open}
        whole={fitsDialog(open.session)}
        onClose={() => setOpen(null)}
        onDone={(text) => {
          setOpen(null);
          onNotice({ color: 'green.9', text });
          onDone();
        }}
        onOutdated={() => {
          setOpen(null);
          onNotice({
            color: 'orange.9',
            text: 'The request changed since it was shown to you, so nothing was decided. Look at it again.',
          });
        }}
      />
    ),
  };
}
