import { ActionIcon, Button, Group, Input, Stack, Textarea, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useId, useRef, type ReactNode } from 'react';
import type { Pair } from '../../util/connection-form.ts';

interface Props {
  label: string;
  description: string;
  /** One of them, as in "tag". */
  one: string;
  values: Pair[];
  onChange: (values: Pair[]) => void;
  error: string | undefined;
  /** Above the rows. */
  children?: ReactNode;
}

/** Names with values, a row each. */
export function PairRows({ label, description, one, values, onChange, error, children }: Props) {
  const id = useId();
  const added = useRef(false);
  const add = useRef<HTMLButtonElement>(null);
  const set = (at: number, fields: Partial<Pair>) =>
    onChange(values.map((old, other) => (other === at ? { ...old, ...fields } : old)));
  const wrong = {
    error: error !== undefined,
    'aria-describedby': error === undefined ? undefined : `${id}-error`,
  };
  return (
    <Stack gap={6} role="group" aria-labelledby={`${id}-label`}>
      <Input.Label component="span" id={`${id}-label`}>
        {label}
      </Input.Label>
      <Input.Description>{description}</Input.Description>
      {children}
      {values.map(({ name, value, fixed = false }, at) => (
        <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={`Name of ${one} ${at + 1}`}
            placeholder="name"
            value={name}
            readOnly={fixed}
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
          <Textarea
            aria-label={`Value of ${one} ${at + 1}`}
            placeholder="value"
            value={value}
            autosize
            maxRows={6}
            autoComplete="off"
            onChange={({ currentTarget }) => set(at, { value: currentTarget.value })}
            spellCheck={false}
            style={{ flex: 3, minWidth: 0 }}
            {...wrong}
          />
          <ActionIcon
            variant="default"
            size="input-sm"
            aria-label={`Remove ${one} ${at + 1}`}
            onClick={() => {
              onChange(values.filter((_, other) => other !== at));
              add.current?.focus();
            }}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && <Input.Error id={`${id}-error`}>{error}</Input.Error>}
      <Button
        ref={add}
        variant="default"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => {
          added.current = true;
          onChange([...values, { name: '', value: '' }]);
        }}
      >
        {`Add a ${one}`}
      </Button>
    </Stack>
  );
}
