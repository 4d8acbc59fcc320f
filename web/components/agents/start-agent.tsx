import { Alert, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { agentStartCommand, agentStartFromFile } from '#shared/agent-start.ts';
import { agentQuery } from '../../data/agents.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Section } from '../../ui/section.tsx';

interface Props {
  name: string;
  token: string;
  gatewayUrl: string;
  /** Instances that had connected before the token was made: they are not the one that is waited for. */
  known: readonly string[];
}

/** A new token, shown this once, how to start the agent with it, and whether it has come. */
export function StartAgent({ name, token, gatewayUrl, known }: Props) {
  const { data } = useQuery(agentQuery(name));
  const arrived = data?.instances.find(({ id, online }) => online && !known.includes(id));
  return (
    <Section title="Start the agent">
      <Alert color="orange" p="sm">
        <Text size="sm">This token is shown once. Copy it now; a lost one is replaced by a new one.</Text>
      </Alert>
      <Stack gap={4}>
        <Text size="sm">Token</Text>
        <CopyBlock text={token} label="token" />
      </Stack>
      <Stack gap={4}>
        <Text size="sm">Beside the resource, where hoop is installed:</Text>
        <CopyBlock text={agentStartCommand(gatewayUrl, token)} label="command to start the agent" />
      </Stack>
      <Stack gap={4}>
        <Text size="sm">
          With the token in a file that only the agent&apos;s user can read, it is in no history of a shell:
        </Text>
        <CopyBlock text={agentStartFromFile(gatewayUrl, './agent-token')} label="command with the token in a file" />
      </Stack>
      <Text size="sm" fw={500} role="status" c={arrived ? 'var(--hoop-good)' : undefined}>
        {arrived ? `The agent is connected, from ${arrived.hostname}.` : 'Waiting for the agent to connect...'}
      </Text>
      <Text size="sm" c="dimmed">
        It needs the token the first time only; from then on it proves a key of its own.
      </Text>
    </Section>
  );
}
