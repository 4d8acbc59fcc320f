import { Alert, Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { messageOf } from '../data/ask.ts';

interface Props {
  error: unknown;
  title?: string;
  onRetry?: () => void;
  /** In place of the error's own message. */
  children?: ReactNode;
}

/** A failure where the thing itself would be; `onRetry` where trying again may help. */
export function Problem({ error, title, onRetry, children }: Props) {
  return (
    <Alert color="red" title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{children ?? messageOf(error)}</Text>
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
