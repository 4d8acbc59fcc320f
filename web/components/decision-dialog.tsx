import { Button, Group, Radio, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { limits, type SessionDetail } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { hasCode } from '../data/ask.ts';
import { cancelSession, decideReview, revokeSession, sessionAnswered, sessionChanged } from '../data/sessions.ts';
import { readAllowed } from '../util/allowed-duration.ts';
import { ChangeFacts } from './change-facts.tsx';
import { EnvelopeFacts, ScriptBlock } from './envelope-card.tsx';

export type DialogAction = 'approve' | 'force' | 'reject' | 'cancel' | 'revoke';

interface Words {
  title: string;
  submit: string;
  color: string;
  /** Label of the text; `required` when it must be given. */
  text: string;
  required: boolean;
  done: string;
}

const words: Readonly<Record<DialogAction, Words>> = {
  approve: {
    title: 'Approve this request',
    submit: 'Approve',
    color: 'green.9',
    text: 'Comment',
    required: false,
    done: 'Your approval counts.',
  },
  force: {
    title: 'Force the approval',
    submit: 'Force approval',
    color: 'orange.9',
    text: 'Reason',
    required: true,
    done: 'You forced the approval; it is marked as forced everywhere.',
  },
  reject: {
    title: 'Reject this request',
    submit: 'Reject',
    color: 'red',
    text: 'Reason',
    required: true,
    done: 'You rejected this request.',
  },
  cancel: {
    title: 'Withdraw your request',
    submit: 'Withdraw',
    color: 'red',
    text: 'Reason',
    required: false,
    done: 'You withdrew this request.',
  },
  revoke: {
    title: 'Revoke this session',
    submit: 'Revoke',
    color: 'red',
    text: 'Reason',
    required: false,
    done: 'You revoked this session.',
  },
};

/** What the requester does to a grant that is active. */
const giveBack: Words = {
  ...words.cancel,
  title: 'Give back this grant',
  submit: 'Give back',
  done: 'You gave the grant back; what runs under it is stopped.',
};

interface Props {
  action: DialogAction;
  /** As it was on the screen when the dialog was opened: its digest is what the decision names. */
  session: SessionDetail;
  /** Shows the whole request in the dialog, for a page that does not. */
  whole?: boolean;
  onClose: () => void;
  onDone: (sentence: string) => void;
  onOutdated: () => void;
}

export function DecisionDialog({ action, session, whole = false, onClose, onDone, onOutdated }: Props) {
  const client = useQueryClient();
  const { title, submit, color, text, required, done } =
    action === 'cancel' && session.state === 'active' ? giveBack : words[action];
  const approves = action === 'approve' || action === 'force';
  const asked = approves ? session.duration : null;
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const [group, setGroup] = useState('');
  const [length, setLength] = useState(asked === null ? '' : formatDuration(asked));
  const [lengthProblem, setLengthProblem] = useState<string | null>(null);
  const allowed = readAllowed(length, asked);
  const decision = useMutation({
    mutationFn: () => send(action, session, reason.trim(), group, allowed.seconds),
    onSuccess: async (detail) => {
      await sessionAnswered(client, detail);
      onDone(done);
    },
    onError: (error) => {
      // Whatever was refused, the page behind the dialog should show how things are now.
      sessionChanged(client, session.id);
      if (hasCode(error, 'review_outdated', 'connection_changed')) onOutdated();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const lacks = required && reason.trim() === '';
    setMissing(lacks);
    setLengthProblem(allowed.problem);
    if (!lacks && allowed.problem === null) decision.mutate();
  };

  return (
    <Dialog title={title} opened onClose={onClose} size={whole ? 'xl' : undefined}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <Text size="sm">
            <Mono>{session.connection}</Mono>, asked by <VisibleText>{session.requester.email}</VisibleText>
          </Text>
          {whole && <WholeRequest session={session} />}
          {action === 'approve' && session.myGroups.length > 1 && (
            <Radio.Group label="For" value={group} onChange={setGroup}>
              <Stack gap={6} mt={6}>
                <Radio value="" label={`All your groups: ${session.myGroups.join(', ')}`} />
                {session.myGroups.map((mine) => (
                  <Radio key={mine} value={mine} label={`Only ${mine}`} />
                ))}
              </Stack>
            </Radio.Group>
          )}
          {asked !== null && (
            <TextInput
              label="For how long"
              description={`Asked for ${formatDuration(asked)}; you may allow less, as in 10m or 1h30m.`}
              value={length}
              onChange={({ currentTarget }) => setLength(currentTarget.value)}
              error={lengthProblem}
              maxLength={32}
            />
          )}
          <Textarea
            label={required ? text : `${text} (optional)`}
            required={required}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            error={missing ? 'Say why: the requester will read it.' : undefined}
            maxLength={limits.reasonLength}
            minRows={3}
            autosize
            maxRows={8}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
            }}
            data-autofocus
          />
          {decision.isError && (
            <Problem
              error={decision.error}
              title={hasCode(decision.error, 'unreachable') ? 'It is not known whether this counts' : undefined}
            />
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" color={color} loading={decision.isPending}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** All that is approved, and why it is asked for. */
function WholeRequest({ session }: { session: SessionDetail }) {
  return (
    <>
      {session.reason !== '' && (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          <VisibleText>{session.reason}</VisibleText>
        </Text>
      )}
      <ChangeFacts session={session} />
      <EnvelopeFacts session={session} />
      <ScriptBlock session={session} whole onWhole={() => undefined} />
    </>
  );
}

function send(
  action: DialogAction,
  { id, digest }: SessionDetail,
  reason: string,
  group: string,
  duration: number | undefined,
) {
  if (action === 'cancel') return cancelSession(id, reason);
  if (action === 'revoke') return revokeSession(id, reason);
  return decideReview(id, {
    verdict: action === 'reject' ? 'reject' : 'approve',
    digest,
    force: action === 'force',
    ...(reason === '' ? {} : { reason }),
    ...(group === '' ? {} : { group }),
    ...(duration === undefined ? {} : { duration }),
  });
}
