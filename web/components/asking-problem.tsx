import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Problem } from '../ui/problem.tsx';
import { hasCode } from '../data/ask.ts';
import { pages } from '../util/paths.ts';
import type { Asking } from '../util/use-asking.ts';

/** Why the request was not made, and what to do now; what belongs to a field is said there. */
export function AskingProblem({ asking: { error, id, asNew } }: { asking: Asking }) {
  if (error === null) return null;
  if (hasCode(error, 'unreachable')) {
    return (
      <Alert color="red" role="alert" title="The gateway does not answer">
        <Text size="sm">
          What you wrote is kept. Send it again once the gateway is back: should the request have arrived already, that
          finds it, and nothing runs twice.
        </Text>
      </Alert>
    );
  }
  if (hasCode(error, 'session_id_taken')) {
    return (
      <Alert color="orange" role="alert" title="This was sent before, and changed since">
        <Stack gap="xs">
          <Text size="sm">
            The gateway has{' '}
            <Anchor component={Link} href={pages.session(id)} inherit>
              what you sent first
            </Anchor>
            . What stands here now would be another request beside it.
          </Text>
          <Group>
            <Button variant="default" size="xs" onClick={asNew}>
              Send this as another request
            </Button>
          </Group>
        </Stack>
      </Alert>
    );
  }
  return <Problem error={error} title="The request was not made" />;
}
