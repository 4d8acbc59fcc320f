import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useId, useRef } from 'react';
import type { Draft } from '../util/run-draft.ts';

type Variable = Draft['env'][number];

interface Props {
  values: Variable[];
  onChange: (values: Variable[]) => void;
  error?: string;
}

/** Names and values of the command's environment, beside those that the connection sets. */
export function VariableRows({ values, onChange, error }: Props) {
  const id = useId();
  const rows = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  const set = (at: number, fields: Partial<Variable>) =>
    onChange(values.map((old, other) => (other === at ? { ...old, ...fields } : old)));
  const wrong = { error: error !== undefined, 'aria-describedby': error === undefined ? undefined : `${id}-error` };

  return (
    <Stack gap={6} role="group" aria-labelledby={`${id}-label`} ref={rows}>
      <Input.Label component="span" id={`${id}-label`}>
        Environment
      </Input.Label>
      <Input.Description>Reviewers see names and values in the console; Slack shows the names.</Input.Description>
      {values.map(({ name, value }, at) => (
        <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={`Name of variable ${at + 1}`}
            placeholder="NAME"
            value={name}
            onChange={({ currentTarget }) => set(at, { name: currentTarget.value })}
            ref={(field) => {
              if (!field || !added.current || at !== values.length - 1) return;
              added.current = false;
              field.focus();
            }}
            spellCheck={false}
            style={{ flex: 2, minWidth: 0 }}
            {...wrong}
          />
          <TextInput
            aria-label={`Value of variable ${at + 1}`}
            placeholder="value"
            value={value}
            onChange={({ currentTarget }) => set(at, { value: currentTarget.value })}
            spellCheck={false}
            style={{ flex: 3, minWidth: 0 }}
            {...wrong}
          />
          <ActionIcon
            variant="default"
            size="input-sm"
            aria-label={`Remove variable ${at + 1}`}
            onClick={() => {
              onChange(values.filter((_, other) => other !== at));
              rows.current?.querySelector<HTMLElement>('[data-add]')?.focus();
            }}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && <Input.Error id={`${id}-error`}>{error}</Input.Error>}
      <Button
        variant="default"
        size="xs"
        data-add
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          added.current = true;
          onChange([...values, { name: '', value: '' }]);
        }}
      >
        Add a variable
      </Button>
    </Stack>
  );
}
