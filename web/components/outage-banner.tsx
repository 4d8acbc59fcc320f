import { Alert, Button, Container, Group, Text } from '@mantine/core';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { apiStatus } from '../data/api-status.ts';

const firstDelayMs = 2000;
const longestDelayMs = 15_000;

/** Shown while the gateway does not answer; fetches everything on the page again until it does. */
export function OutageBanner() {
  const reachable = useSyncExternalStore(apiStatus.subscribe, apiStatus.isReachable);
  return reachable ? null : <Outage />;
}

function Outage() {
  const client = useQueryClient();
  const [trying, setTrying] = useState(false);
  const attempt = async () => {
    setTrying(true);
    await tryAll(client);
    setTrying(false);
  };

  useEffect(() => {
    let delay = firstDelayMs;
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      timer = setTimeout(() => void tryAll(client).then(later), delay);
      delay = Math.min(longestDelayMs, delay * 2);
    };
    later();
    return () => clearTimeout(timer);
  }, [client]);

  return (
    <Container size="md" px="md" pt="md">
      <Alert color="orange" role="alert" title="The gateway does not answer">
        <Group justify="space-between" gap="sm">
          <Text size="sm">Nothing is lost: what you see may be old, and this page keeps trying.</Text>
          <Button variant="default" size="xs" loading={trying} onClick={() => void attempt()}>
            Try now
          </Button>
        </Group>
      </Alert>
    </Container>
  );
}

/** Whether it worked is told by the requests themselves (`apiStatus`). */
const tryAll = (client: QueryClient) => client.refetchQueries({ type: 'active' });
