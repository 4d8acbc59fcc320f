import { Button, Group, List, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Section } from '../../ui/section.tsx';
import { removeSlack, slackSaved } from '../../data/slack.ts';

export function RemoveSlack() {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <Section title="Disconnect">
      <Text size="sm">hoop forgets both tokens and closes its connections to Slack.</Text>
      <Group>
        <Button variant="default" c="var(--hoop-bad)" onClick={() => setAsking(true)}>
          Delete the configuration
        </Button>
      </Group>
      {asking && (
        <ConfirmDialog
          title="Delete the configuration of Slack?"
          submit="Delete"
          act={removeSlack}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            slackSaved(client, null);
          }}
        >
          <List size="sm" spacing={4}>
            <List.Item>Connections keep their channels for when Slack is back.</List.Item>
            <List.Item>
              Until then nobody is asked in Slack: requests that wait are decided here, by REST or with hoop review.
            </List.Item>
            <List.Item>
              Buttons of messages that are there already no longer work, and nobody gets direct messages.
            </List.Item>
            <List.Item>
              Both tokens have to be entered again. In Slack the app stays, until you remove it there.
            </List.Item>
          </List>
        </ConfirmDialog>
      )}
    </Section>
  );
}
