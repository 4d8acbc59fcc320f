import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { Lines } from '../../ui/lines.tsx';
import { hasCode, messageOf } from '../../data/ask.ts';
import { channelsSaved, saveChannels } from '../../data/slack.ts';
import { channelsOf, channelText } from '../../util/channel-text.ts';
import { ChannelPicker } from './channel-picker.tsx';

interface Props {
  connection: string;
  channels: string[];
  onClose: () => void;
  onSaved: (saved: ConnectionView) => void;
}

/** The channels of one connection, as text and by choosing: two views of the same line. */
export function ChannelForm({ connection, channels, onClose, onSaved }: Props) {
  const client = useQueryClient();
  const [text, setText] = useState(channelText(channels));
  const saving = useMutation({
    mutationFn: () => saveChannels(connection, channelsOf(text)),
    onSuccess: (saved) => {
      channelsSaved(client, saved);
      onSaved(saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  const change = (next: string) => {
    setText(next);
    if (saving.isError) saving.reset();
  };
  const problem = saving.isError && problemOf(saving.error);
  return (
    <form onSubmit={submit} aria-label={`Channels of ${connection}`} noValidate>
      <Stack gap="sm">
        <TextInput
          label="Channels, comma separated"
          description="Public channels by name, private ones by id; invite the bot to private ones first"
          placeholder="#ops, C0123456789"
          value={text}
          onChange={({ currentTarget }) => change(currentTarget.value)}
          error={problem && <Lines text={problem} />}
          maxLength={5000}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          autoFocus
        />
        <ChannelPicker value={channelsOf(text)} onChange={(chosen) => change(channelText(chosen))} />
        <Group gap="sm">
          <Button type="submit" loading={saving.isPending}>
            Verify and save
          </Button>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function problemOf(error: unknown): string {
  if (!hasCode(error, 'unreachable')) return messageOf(error);
  return 'The gateway does not answer; it is not known whether this was saved.';
}
