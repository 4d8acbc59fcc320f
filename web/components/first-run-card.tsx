import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { dismissFirstRun, firstRunQuery } from '../data/first-run.ts';
import { Problem } from '../ui/problem.tsx';
import { firstRunSteps, stepTitles } from '../util/first-run-steps.ts';
import { pages } from '../util/paths.ts';
import { useMe } from './frame.tsx';

/** Leads admins back to the first steps while there are some; nothing otherwise. */
export function FirstRunCard() {
  const me = useMe();
  const client = useQueryClient();
  const { data } = useQuery({ ...firstRunQuery, enabled: me.admin });
  const dismissing = useMutation({ mutationFn: () => dismissFirstRun(client) });
  if (!data?.open) return null;
  const steps = firstRunSteps(data);
  const next = steps.find(({ state }) => state === 'next');
  const done = steps.filter(({ state }) => state === 'done').length;

  return (
    <Paper component="section" withBorder p="md" radius="md" aria-labelledby="first-steps">
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Stack gap={2}>
            <Title order={2} size="h4" id="first-steps">
              First steps
            </Title>
            <Text size="sm" c="dimmed">
              {done} of {steps.length} done{next && `; next: ${stepTitles[next.name].toLowerCase()}`}
            </Text>
          </Stack>
          <Group gap="xs">
            <Button component={Link} href={pages.welcome} size="xs">
              Go on
            </Button>
            <Button variant="default" size="xs" loading={dismissing.isPending} onClick={() => dismissing.mutate()}>
              Put away for all admins
            </Button>
          </Group>
        </Group>
        {dismissing.isError && <Problem error={dismissing.error} title="It was not put away" />}
      </Stack>
    </Paper>
  );
}
