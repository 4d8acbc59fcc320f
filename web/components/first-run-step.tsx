import { Badge, Group, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { VisibleText } from '../ui/visible-text.tsx';
import { stepTitles, type Step, type StepState } from '../util/first-run-steps.ts';

const looks: Readonly<Record<StepState, { words: string; color: string }>> = {
  done: { words: 'Done', color: 'green' },
  next: { words: 'Next', color: 'indigo' },
  optional: { words: 'Can wait', color: 'gray' },
  later: { words: 'Later', color: 'gray' },
};

interface Props {
  step: Step;
  number: number;
  children: ReactNode;
}

/** One of the first steps: how it stands, and what to do about it. */
export function FirstRunStep({ step: { name, state, standing }, number, children }: Props) {
  const { words, color } = looks[state];
  return (
    <Paper component="li" withBorder p="md" radius="md" aria-current={state === 'next' ? 'step' : undefined}>
      <Group gap="md" align="flex-start" wrap="nowrap">
        <ThemeIcon variant="light" color={color} radius="xl" aria-hidden>
          {state === 'done' ? <IconCheck size={18} /> : number}
        </ThemeIcon>
        <Stack gap="sm" style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" gap="xs">
            <Title order={2} size="h4">
              {stepTitles[name]}
            </Title>
            <Badge variant="light" color={color} tt="none">
              {words}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed" aria-live="polite">
            <VisibleText>{standing}</VisibleText>
          </Text>
          {children}
        </Stack>
      </Group>
    </Paper>
  );
}
