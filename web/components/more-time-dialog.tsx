import { Button, Group, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { createSession, sessionAsked } from '../data/run.ts';
import { durationSecondsOf, grantProblem, reasonProblem } from '../util/draft-request.ts';
import { newUuid } from '../util/uuid.ts';

interface Props {
  connection: ConnectionView;
  grant: SessionView;
  onClose: () => void;
}

/** Asks to extend an active grant, which goes on meanwhile. */
export function MoreTimeDialog({ connection, grant, onClose }: Props) {
  const client = useQueryClient();
  const [id] = useState(newUuid);
  const [duration, setDuration] = useState('30m');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const durationWrong = tried ? grantProblem(duration, connection) : null;
  const reasonWrong = tried ? reasonProblem(reason, connection) : null;
  const asking = useMutation({
    mutationFn: () =>
      createSession({
        ...{
          id,
          connection: grant.connection,
          kind: 'connect',
          grant: grant.id,
          duration: durationSecondsOf(duration),
        },
        ...(reason.trim() !== '' && { reason: reason.trim() }),
      }),
    onSuccess: async () => {
      await sessionAsked(client);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (grantProblem(duration, connection) === null && reasonProblem(reason, connection) === null) asking.mutate();
  };

  return (
    <Dialog title="Ask for more time" opened onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            {connection.reviewers.length > 0
              ? 'It is reviewed like any other request. Your terminals go on meanwhile.'
              : 'Nobody has to approve it.'}
          </Text>
          <TextInput
            label="For how much longer"
            description={`From 1m to ${connection.maxDuration}.`}
            value={duration}
            onChange={({ currentTarget }) => setDuration(currentTarget.value)}
            error={durationWrong}
            data-autofocus
          />
          <Textarea
            label="Reason"
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            required={connection.requireReason}
            error={reasonWrong}
            autosize
            minRows={2}
            maxRows={6}
          />
          {asking.isError && <Problem error={asking.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <Button type="submit" loading={asking.isPending}>
              Ask
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
