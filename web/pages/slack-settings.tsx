import { Alert, Anchor, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { ConnectionChannels } from '../components/slack/connection-channels.tsx';
import classes from '../components/slack/rows.module.css';
import { SlackFrame } from '../components/slack/slack-frame.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { connectionChannelsQuery, slackQuery } from '../data/slack.ts';
import { pages } from '../util/paths.ts';

/** From how many on one looks for a connection by its name. */
const manyConnections = 8;

/** Manage plugins > Slack > Settings: where the requests of each connection are asked. */
export function SlackSettingsPage() {
  return (
    <SlackFrame
      tab="settings"
      title="Slack settings"
      trail={[
        { label: 'Manage plugins', href: pages.plugins },
        { label: 'Slack', href: pages.slack },
        { label: 'Settings' },
      ]}
    >
      <Tabs.Panel value="settings">
        <Settings />
      </Tabs.Panel>
    </SlackFrame>
  );
}

function Settings() {
  const slack = useQuery(slackQuery);
  return (
    <Stack>
      <Text>
        Requests of a connection are asked in its channels. Each channel is verified by posting a line to it when it is
        saved.
      </Text>
      {slack.data === null && (
        <Alert color="orange" title="hoop is not connected to Slack">
          Channels can be set once it is:{' '}
          <Anchor component={Link} href={pages.slackConfigurations} underline="always" inherit>
            Configurations
          </Anchor>
          .
        </Alert>
      )}
      <Connections />
    </Stack>
  );
}

function Connections() {
  const { data, error, refetch } = useQuery(connectionChannelsQuery);
  const [wanted, setWanted] = useState('');
  if (!data) {
    return error ? (
      <Problem error={error} title="Connections cannot be shown" onRetry={() => void refetch()} />
    ) : (
      <Loading what="connections" rows={3} />
    );
  }
  if (data.length === 0) return <Empty>There is no connection yet.</Empty>;
  const shown = data.filter(({ name }) => name.includes(wanted.trim().toLowerCase()));
  return (
    <Stack gap="sm">
      {data.length > manyConnections && (
        <TextInput
          type="search"
          label="Find a connection"
          value={wanted}
          onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          maw={320}
        />
      )}
      {shown.length === 0 && <Text c="dimmed">No connection has that in its name.</Text>}
      <ul className={classes.list} aria-label="Connections">
        {shown.map((connection) => (
          <ConnectionChannels key={connection.id} connection={connection} />
        ))}
      </ul>
    </Stack>
  );
}
