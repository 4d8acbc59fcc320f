import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import classes from './rows.module.css';
import { ChannelForm } from './channel-form.tsx';

/** A connection with the channels its requests are asked in. */
export function ConnectionChannels({ connection }: { connection: ConnectionView }) {
  const { name, plugins, reviewers, warnings } = connection;
  const [editing, setEditing] = useState(false);
  const [saved, setSaved] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  // The form is gone with what had the focus.
  useEffect(() => {
    if (wasEditing.current && !editing) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  const channels = plugins.find((plugin) => plugin.name === 'slack')?.channels ?? [];
  return (
    <li className={classes.row}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Stack gap={4} miw={0}>
          <Text fw={600}>
            <VisibleText>{name}</VisibleText>
          </Text>
          {!editing && <Channels channels={channels} hasReviewers={reviewers.length > 0} />}
        </Stack>
        {!editing && (
          <Button
            ref={button}
            variant="default"
            size="xs"
            aria-label={`Change the channels of ${name}`}
            onClick={() => {
              setEditing(true);
              setSaved(false);
            }}
            style={{ flexShrink: 0 }}
          >
            Change
          </Button>
        )}
      </Group>
      <div role="status">{saved && <Text size="sm">Saved: hoop has posted a line to each new channel.</Text>}</div>
      {!editing &&
        warnings.map((warning) => (
          <Text key={warning} size="sm" c="var(--hoop-bad)">
            <VisibleText>{warning}</VisibleText>
          </Text>
        ))}
      {editing && (
        <ChannelForm
          connection={name}
          channels={channels}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            setSaved(true);
          }}
        />
      )}
    </li>
  );
}

function Channels({ channels, hasReviewers }: { channels: string[]; hasReviewers: boolean }) {
  if (channels.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No channel{hasReviewers ? ': reviewers are not asked in Slack.' : '. It has no reviewers: it runs at once.'}
      </Text>
    );
  }
  return (
    <ul className={classes.channels} aria-label="Channels">
      {channels.map((channel) => (
        <li key={channel}>
          <Badge variant="default" tt="none" fw={500} className={classes.channel}>
            <VisibleText>{channel}</VisibleText>
          </Badge>
        </li>
      ))}
    </ul>
  );
}
