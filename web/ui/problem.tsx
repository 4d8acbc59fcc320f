import { Alert, Button, Stack, Text } from '@mantine/core';
import { messageOf } from '../data/ask.ts';

/** A failure where the thing itself would be; `onRetry` where trying again may help. */
export function Problem({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  return (
    <Alert color="red" title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{messageOf(error)}</Text>
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
