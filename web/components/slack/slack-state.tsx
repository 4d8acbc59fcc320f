import { Alert, Badge, Group, Text } from '@mantine/core';
import type { PluginView } from '#shared/api-schemas.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Section } from '../../ui/section.tsx';
import { Mono, VisibleText } from '../../ui/visible-text.tsx';
import { When } from '../../ui/when.tsx';
import classes from './rows.module.css';

type Replica = PluginView['sockets']['replicas'][number];

const states: Readonly<Record<PluginView['state'] | Replica['state'], { label: string; color: string }>> = {
  connected: { label: 'Connected', color: 'green' },
  connecting: { label: 'Connecting', color: 'yellow' },
  waiting: { label: 'Waiting', color: 'gray' },
  error: { label: 'Error', color: 'red' },
  off: { label: 'Off', color: 'gray' },
};

const slackApi = 'https://slack.com/api/';

export function SlackStateBadge({ state }: { state: keyof typeof states }) {
  const { label, color } = states[state];
  return (
    <Badge variant="dot" color={color} tt="none" style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}

/** How the app fares, and what Slack said of it when its tokens were verified. */
export function SlackState({ plugin }: { plugin: PluginView }) {
  const { state, team, botUser, appId, scopes, apiUrl, lastError, lastErrorAt, sockets } = plugin;
  return (
    <Section title="Connection to Slack">
      <Group gap="sm" role="status">
        <SlackStateBadge state={state} />
        <Text size="sm">
          {sockets.open} of {sockets.limit} sockets open
        </Text>
      </Group>
      {lastError !== null && (
        <Alert color={state === 'error' ? 'red' : 'orange'} title="Newest trouble">
          <VisibleText>{lastError}</VisibleText>
          {lastErrorAt !== null && (
            <>
              {' '}
              (since <When at={lastErrorAt} />)
            </>
          )}
        </Alert>
      )}
      <Facts>
        <Fact name="Workspace">
          {team ? (
            <>
              <VisibleText>{team.name}</VisibleText> <Mono>{team.id}</Mono>
            </>
          ) : (
            'not known'
          )}
        </Fact>
        <Fact name="Bot">{botUser === null ? 'not known' : <VisibleText>{`@${botUser}`}</VisibleText>}</Fact>
        <Fact name="App">{appId === null ? 'not known' : <Mono>{appId}</Mono>}</Fact>
        <Fact name="Scopes">
          {scopes.length === 0 ? 'Slack named none' : <VisibleText>{scopes.join(', ')}</VisibleText>}
        </Fact>
        <Fact name="API">
          {apiUrl === null ? 'not known' : <Mono>{apiUrl}</Mono>}
          {apiUrl !== null && apiUrl !== slackApi && ' · not Slack itself, but what stands in for it'}
        </Fact>
      </Facts>
      <Sockets replicas={sockets.replicas} />
    </Section>
  );
}

function Sockets({ replicas }: { replicas: Replica[] }) {
  if (replicas.length === 0) return <Text size="sm">No gateway has said yet how it is connected.</Text>;
  return (
    <div>
      <Text size="sm" c="dimmed" mb={6}>
        Gateways; one that waits serves everything but Slack
      </Text>
      <ul className={classes.list} aria-label="Gateways">
        {replicas.map((replica) => (
          <li key={replica.id} className={classes.row}>
            <Gateway replica={replica} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Gateway({ replica: { address, state, openSockets, since, lastError, lastErrorAt } }: { replica: Replica }) {
  return (
    <>
      <Group gap="sm" justify="space-between">
        <Mono>{address}</Mono>
        <SlackStateBadge state={state} />
      </Group>
      <Text size="sm">
        {openSockets} {openSockets === 1 ? 'socket' : 'sockets'}, since <When at={since} />
      </Text>
      {lastError !== null && (
        <Text size="sm" c="var(--hoop-bad)">
          <VisibleText>{lastError}</VisibleText>
          {lastErrorAt !== null && (
            <>
              {' '}
              (<When at={lastErrorAt} />)
            </>
          )}
        </Text>
      )}
    </>
  );
}
