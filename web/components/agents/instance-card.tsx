import { Anchor, Group, List, Paper, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Online } from '../../ui/online.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { When } from '../../ui/when.tsx';
import { roundTripText, type AgentInstance } from '../../util/agent-words.ts';
import { pages } from '../../util/paths.ts';

const shownRuns = 20;

/** One machine on which the agent runs. */
export function InstanceCard({ instance }: { instance: AgentInstance }) {
  const { hostname, version, online, draining, labels, gateway, roundTripMs, running } = instance;
  const { connectedAt, lastSeenAt } = instance;
  const named = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return (
    <Paper withBorder p="sm" radius="md">
      <Stack gap={4}>
        <Group justify="space-between" gap="xs">
          <Text fw={600} size="sm">
            <VisibleText>{hostname}</VisibleText>
          </Text>
          <Text size="sm">
            <Online online={online} />
            {draining && ', is being stopped and takes no new commands'}
          </Text>
        </Group>
        <Text size="sm" c="dimmed" component="div">
          <VisibleText>{['version ' + version, ...named].join(' · ')}</VisibleText>
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {online ? (
            <>
              {connectedAt !== null && (
                <>
                  connected since <When at={connectedAt} />
                </>
              )}
              {gateway !== null && (
                <>
                  {' to '}
                  <VisibleText>{gateway}</VisibleText>
                </>
              )}
              {roundTripMs !== null && `, round trip ${roundTripText(roundTripMs)}`}
            </>
          ) : lastSeenAt === null ? (
            'never seen'
          ) : (
            <>
              last seen <When at={lastSeenAt} />
            </>
          )}
        </Text>
        {running.length === 0 ? (
          <Text size="sm">Runs nothing.</Text>
        ) : (
          <div>
            <Text size="sm">{`Runs ${running.length}:`}</Text>
            <List size="sm">
              {running.slice(0, shownRuns).map((id) => (
                <List.Item key={id}>
                  <Anchor component={Link} href={pages.session(id)} size="sm" aria-label={`Session ${id}`}>
                    {id.slice(0, 8)}
                  </Anchor>
                </List.Item>
              ))}
              {running.length > shownRuns && <List.Item>{`and ${running.length - shownRuns} more`}</List.Item>}
            </List>
          </div>
        )}
      </Stack>
    </Paper>
  );
}
