import { ActionIcon, Button, Group, Input, Stack, Text, Textarea } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useId, useRef } from 'react';

interface Props {
  values: string[];
  onChange: (values: string[]) => void;
  error?: string;
}

/** Arguments that are appended to the command: a field each, so that it shows where each begins and ends. */
export function ArgumentRows({ values, onChange, error }: Props) {
  const id = useId();
  const rows = useRef<HTMLDivElement>(null);
  const addedAt = useRef<number | null>(null);
  const insert = (at: number) => {
    addedAt.current = at;
    onChange([...values.slice(0, at), '', ...values.slice(at)]);
  };
  const remove = (at: number) => {
    onChange(values.filter((_, other) => other !== at));
    rows.current?.querySelector<HTMLElement>('[data-add]')?.focus();
  };

  return (
    <Stack gap={6} role="group" aria-labelledby={`${id}-label`} ref={rows}>
      <Input.Label component="span" id={`${id}-label`}>
        Arguments
      </Input.Label>
      {values.map((value, at) => (
        <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
          <Textarea
            aria-label={`Argument ${at + 1}`}
            value={value}
            onChange={({ currentTarget }) => onChange(values.map((old, n) => (n === at ? currentTarget.value : old)))}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              insert(at + 1);
            }}
            ref={(field) => {
              if (!field || addedAt.current !== at) return;
              addedAt.current = null;
              field.focus();
            }}
            autosize
            minRows={1}
            maxRows={6}
            spellCheck={false}
            style={{ flex: 1 }}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            error={error !== undefined}
            aria-describedby={error === undefined ? undefined : `${id}-error`}
          />
          <ActionIcon
            variant="default"
            size="input-sm"
            aria-label={`Remove argument ${at + 1}`}
            onClick={() => remove(at)}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && <Input.Error id={`${id}-error`}>{error}</Input.Error>}
      <Group gap="sm">
        <Button variant="default" size="xs" onClick={() => insert(values.length)} data-add>
          Add an argument
        </Button>
        {values.length > 0 && (
          <Text size="xs" c="dimmed">
            Enter adds the next one; Shift-Enter is a line break.
          </Text>
        )}
      </Group>
    </Stack>
  );
}
