import { Text } from '@mantine/core';
import type { AgentView } from '#shared/api-schemas.ts';
import { agentState } from '../../util/agent-words.ts';

/** In words and not by colour alone. */
export function AgentState({ agent }: { agent: Pick<AgentView, 'online' | 'instances'> }) {
  return (
    <Text span size="sm" c={agent.online ? 'var(--hoop-good)' : 'var(--hoop-bad)'} style={{ whiteSpace: 'nowrap' }}>
      {agentState(agent)}
    </Text>
  );
}
