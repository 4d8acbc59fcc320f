import { Checkbox, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sessionKinds } from '#shared/session-states.ts';
import { agentsQuery } from '../../data/agents.ts';
import { Argv } from '../../ui/argv.tsx';
import { Section } from '../../ui/section.tsx';
import { fieldLabels } from '../../util/connection-form.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';
import { parseWords, shellSigns } from '../../util/words.ts';

const modes = { exec: 'hoop exec (commands)', connect: 'hoop connect (terminals, for a time)' } as const;

/** What runs, and where. */
export function CommandFields({ editor, isNew }: { editor: ConnectionEditor; isNew: boolean }) {
  const { form, set, errors } = editor;
  const agents = useQuery(agentsQuery).data ?? [];
  const choices = agents.map(({ name, online }) => ({ value: name, label: online ? name : `${name} (offline)` }));
  const isListed = form.agent === '' || agents.some(({ name }) => name === form.agent);
  return (
    <Section title="What runs">
      {isNew && (
        <TextInput
          label={fieldLabels.name}
          description="As people type it: hoop exec <name>. Small letters, digits, . _ and -."
          value={form.name}
          error={errors.name}
          onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          spellCheck={false}
          autoCapitalize="none"
          maw={400}
          required
        />
      )}
      <NativeSelect
        label={fieldLabels.agent}
        data={[
          { value: '', label: 'Choose the agent that runs it', disabled: true },
          ...choices,
          ...(isListed ? [] : [{ value: form.agent, label: form.agent }]),
        ]}
        value={form.agent}
        error={errors.agent}
        onChange={({ currentTarget }) => set({ agent: currentTarget.value })}
        maw={400}
        required
      />
      <Textarea
        label={fieldLabels.command}
        description="The program and its arguments. Quotation marks keep words together; no shell reads them."
        value={form.command}
        error={errors.command}
        onChange={({ currentTarget }) => set({ command: currentTarget.value })}
        placeholder="bash"
        autosize
        maxRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        required
      />
      <CommandResult text={form.command} />
      <TextInput
        label={fieldLabels.runAs}
        description="Of the agent's machine; empty: the agent's own user."
        value={form.runAs}
        error={errors.runAs}
        onChange={({ currentTarget }) => set({ runAs: currentTarget.value })}
        spellCheck={false}
        maw={400}
      />
      <Checkbox.Group
        label={fieldLabels.accessModes}
        value={form.accessModes}
        error={errors.accessModes}
        onChange={(chosen) => set({ accessModes: sessionKinds.filter((kind) => chosen.includes(kind)) })}
      >
        <Group mt={6} gap="lg">
          {sessionKinds.map((kind) => (
            <Checkbox key={kind} value={kind} label={modes[kind]} />
          ))}
        </Group>
      </Checkbox.Group>
    </Section>
  );
}

/** The words one by one, as the agent starts them. */
function CommandResult({ text }: { text: string }) {
  const words = parseWords(text);
  if ('problem' in words || words.length === 0) return null;
  const signs = shellSigns(text);
  return (
    <Stack gap={4}>
      <Text size="sm">{words.length === 1 ? 'Starts the program:' : 'Starts the program with its arguments:'}</Text>
      <Argv values={words} label="Words of the command" />
      {signs.length > 0 && (
        <Text size="sm" c="dimmed">
          {`${signs.join(' ')} ${signs.length === 1 ? 'stays' : 'stay'} as written. For a shell's meaning start one: sh -c '...'`}
        </Text>
      )}
    </Stack>
  );
}
