import { Text } from '@mantine/core';

/** Whether an agent is connected, in words and not by colour alone. */
export function Online({ online }: { online: boolean }) {
  return (
    <Text span inherit c={online ? 'var(--hoop-good)' : 'var(--hoop-bad)'}>
      {online ? 'online' : 'offline'}
    </Text>
  );
}
