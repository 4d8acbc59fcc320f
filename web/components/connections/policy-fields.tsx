import { Alert, Checkbox, Group, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { GroupView } from '#shared/group-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import { groupsQuery } from '../../data/groups.ts';
import { Section } from '../../ui/section.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { fieldLabels, type ConnectionForm } from '../../util/connection-form.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';

/** Who must approve and when it may run, with what that means in one sentence. */
export function PolicyFields({ editor }: { editor: ConnectionEditor }) {
  const { form, set, errors } = editor;
  return (
    <Section title="Review policy">
      <Alert color="blue" variant="light" p="sm">
        <Text size="sm" fw={500} role="status" aria-label="What must happen">
          <VisibleText>{sentenceOf(form)}</VisibleText>
        </Text>
      </Alert>
      <GroupsField
        editor={editor}
        field="reviewers"
        description="Each of them must approve. None: commands run at once."
      />
      <Group align="flex-start" gap="xl" grow preventGrowOverflow={false}>
        <TextInput
          label={fieldLabels.minApprovals}
          description="Different people, of all groups together. 0: the groups alone say."
          value={form.minApprovals}
          error={errors.minApprovals}
          inputMode="numeric"
          onChange={({ currentTarget }) => set({ minApprovals: currentTarget.value })}
          miw={240}
        />
        <TextInput
          label={fieldLabels.expire}
          description="From 1m to 30d, as in 24h."
          value={form.expire}
          error={errors.expire}
          onChange={({ currentTarget }) => set({ expire: currentTarget.value })}
          miw={240}
        />
      </Group>
      <Checkbox
        label={fieldLabels.distinctReviewers}
        checked={form.distinctReviewers}
        error={errors.distinctReviewers}
        onChange={({ currentTarget }) => set({ distinctReviewers: currentTarget.checked })}
      />
      <Checkbox
        label={fieldLabels.requireReason}
        checked={form.requireReason}
        onChange={({ currentTarget }) => set({ requireReason: currentTarget.checked })}
      />
      <GroupsField
        editor={editor}
        field="forceApproveGroups"
        description="Their members may approve alone, with a reason."
      />
      <TextInput
        label={fieldLabels.window}
        description="When an approved command may begin, as in Mon-Fri 22:00-02:00 Europe/Berlin; several separated by ;. Empty: at any time."
        value={form.window}
        error={errors.window}
        onChange={({ currentTarget }) => set({ window: currentTarget.value })}
        spellCheck={false}
      />
    </Section>
  );
}

interface GroupsFieldProps {
  editor: ConnectionEditor;
  field: 'reviewers' | 'forceApproveGroups';
  description: string;
}

/** Known groups to pick, with how many people are in each; others can be typed, and the gateway says what it knows. */
function GroupsField({ editor: { form, set, errors }, field, description }: GroupsFieldProps) {
  const known = useQuery(groupsQuery).data ?? [];
  const chosen = form[field];
  return (
    <Stack gap={4}>
      <TagsInput
        label={fieldLabels[field]}
        description={description}
        placeholder={chosen.length === 0 ? 'Choose groups, or type one' : undefined}
        data={known.map(({ name }) => name)}
        value={chosen}
        error={errors[field]}
        onChange={(groups) => set({ [field]: groups })}
        acceptValueOnBlur
        renderOption={({ option }) => (
          <Group gap="xs" justify="space-between" style={{ flex: 1 }}>
            <VisibleText>{option.value}</VisibleText>
            <Text span size="xs" c="dimmed">
              {membersText(known.find(({ name }) => name === option.value))}
            </Text>
          </Group>
        )}
      />
      {chosen.length > 0 && known.length > 0 && (
        <Text size="xs" c="dimmed">
          <VisibleText>
            {chosen.map((group) => `${group}: ${membersText(known.find(({ name }) => name === group))}`).join('; ')}
          </VisibleText>
        </Text>
      )}
    </Stack>
  );
}

function membersText(group: GroupView | undefined): string {
  if (!group) return 'not known';
  if (group.members === 0) return 'nobody';
  return `${group.members} ${group.members === 1 ? 'person' : 'people'}`;
}

export const sentenceOf = (form: ConnectionForm): string =>
  policySentence({ ...form, minApprovals: Number(form.minApprovals) || 0 });
