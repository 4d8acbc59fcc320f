import { Alert, Anchor, Autocomplete, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { SlackTestSent } from '#shared/slack-admin-schemas.ts';
import { Lines } from '../../ui/lines.tsx';
import { Section } from '../../ui/section.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { messageOf } from '../../data/ask.ts';
import { sendTestMessage } from '../../data/slack.ts';
import { useChannels } from './use-channels.ts';

/** Posts a line that asks for nothing, and says where it arrived or why it did not. */
export function TestMessage() {
  const [channel, setChannel] = useState('');
  const [open, setOpen] = useState(false);
  const { names } = useChannels(channel, open);
  const sending = useMutation({ mutationFn: sendTestMessage });
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(channel.trim() === '');
    if (channel.trim() !== '' && !sending.isPending) sending.mutate(channel.trim());
  };
  const change = (value: string) => {
    setChannel(value);
    setMissing(false);
    if (sending.isError) sending.reset();
  };
  const problem = missing ? 'Name the channel that the message goes to.' : sending.isError && messageOf(sending.error);
  return (
    <Section title="Test message">
      <form onSubmit={submit} aria-label="Test message" noValidate>
        <Stack gap="sm" maw={620}>
          <Autocomplete
            label="Channel"
            description="The name of a public channel, or the id of any, found at the bottom of its details"
            placeholder="#ops"
            data={names}
            filter={({ options }) => options}
            value={channel}
            onChange={change}
            onDropdownOpen={() => setOpen(true)}
            error={problem && <Lines text={problem} />}
            maxDropdownHeight={240}
            maxLength={100}
            comboboxProps={{ withinPortal: true }}
          />
          {sending.isSuccess && <Arrived sent={sending.data} />}
          <Group>
            <Button type="submit" variant="default" loading={sending.isPending}>
              Send a test message
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Arrived({ sent: { channel, permalink } }: { sent: SlackTestSent }) {
  return (
    <Alert color="green" role="status">
      <Text size="sm">
        It arrived in <VisibleText>{channel.name}</VisibleText>.{' '}
        {permalink !== null && (
          <Anchor href={permalink} target="_blank" rel="noreferrer" underline="always" inherit>
            See it in Slack (opens a new tab)
          </Anchor>
        )}
      </Text>
    </Alert>
  );
}
