import { Button, Group, TagsInput, Text } from '@mantine/core';
import { Section } from '../../ui/section.tsx';
import { Mono } from '../../ui/visible-text.tsx';
import { fieldLabels } from '../../util/connection-form.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';
import { PairRows } from './pair-rows.tsx';
import classes from './connections.module.css';

/** Names of variables are shown, values never: they are set, replaced or removed. */
export function EnvFields({ editor, names }: { editor: ConnectionEditor; names: readonly string[] }) {
  const { form, set, errors } = editor;
  return (
    <Section title="Environment">
      <PairRows
        label={fieldLabels.setEnv}
        description="Commands start with them. Values are stored encrypted, and nobody is shown them again."
        one="variable"
        values={form.setEnv}
        onChange={(setEnv) => set({ setEnv })}
        error={errors.setEnv}
      >
        {names.length > 0 && (
          <ul className={classes.plain} aria-label="Variables that are set">
            {names.map((name) => (
              <li key={name}>
                <SetVariable name={name} editor={editor} />
              </li>
            ))}
          </ul>
        )}
      </PairRows>
      <TagsInput
        label={fieldLabels.allowEnv}
        description="Names such as PATH or LD_PRELOAD, which hoop exec -e may otherwise not set."
        value={form.allowEnv}
        error={errors.allowEnv}
        onChange={(allowEnv) => set({ allowEnv })}
        acceptValueOnBlur
      />
    </Section>
  );
}

function SetVariable({ name, editor: { form, set } }: { name: string; editor: ConnectionEditor }) {
  const replaced = form.setEnv.some((variable) => variable.name === name);
  const removed = form.removeEnv.includes(name);
  const others = form.setEnv.filter((variable) => variable.name !== name);
  return (
    <Group gap="xs">
      <Text size="sm" component="span" td={removed ? 'line-through' : undefined}>
        <Mono>{name}</Mono>
      </Text>
      <Text size="sm" c="dimmed" component="span">
        {removed ? 'will be removed' : replaced ? 'will be replaced' : 'is set'}
      </Text>
      {removed || replaced ? (
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => set({ setEnv: others, removeEnv: form.removeEnv.filter((other) => other !== name) })}
          aria-label={`Keep ${name}`}
        >
          Keep
        </Button>
      ) : (
        <>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => set({ setEnv: [...form.setEnv, { name, value: '', fixed: true }] })}
            aria-label={`Replace ${name}`}
          >
            Replace
          </Button>
          <Button
            variant="default"
            c="var(--hoop-bad)"
            size="compact-xs"
            onClick={() => set({ removeEnv: [...form.removeEnv, name] })}
            aria-label={`Remove ${name}`}
          >
            Remove
          </Button>
        </>
      )}
    </Group>
  );
}
