import { Alert, Button, Group, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { UserView } from '#shared/api-schemas.ts';
import { Problem } from '../../ui/problem.tsx';
import { groupsQuery } from '../../data/groups.ts';
import { saveUser, usersChanged } from '../../data/users.ts';
import { changeOf, draftOf, problemsOf, refusalAt, type UserDraft } from '../../util/user-draft.ts';
import { useMe } from '../frame.tsx';
import { PasswordChoice } from './password-choice.tsx';

interface Props {
  /** Null: a new one. */
  user: UserView | null;
  onClose: () => void;
  /** `password`: one that was made here and is shown once. */
  onSaved: (user: UserView, password: string | null) => void;
}

/** A user's facts; what is refused is said at its field, and nothing typed is lost. */
export function UserForm({ user, onClose, onSaved }: Props) {
  const client = useQueryClient();
  const me = useMe();
  const groups = useQuery(groupsQuery);
  const [draft, setDraft] = useState<UserDraft>(() => draftOf(user));
  // What somebody else changes meanwhile was not changed here, and is not sent back.
  const [before] = useState(user);
  const [tried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: saveUser,
    onSuccess: async (saved) => {
      await usersChanged(client);
      onSaved(saved, draft.password.kind === 'generated' ? draft.password.text : null);
    },
  });
  const set = (change: Partial<UserDraft>) => setDraft((now) => ({ ...now, ...change }));
  const refused = refusalAt(saving.error, saving.variables, draft);
  const problems = { ...(tried ? problemsOf(draft) : {}), ...refused };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const wrong = Object.keys(problemsOf(draft))[0];
    if (wrong === undefined) saving.mutate(changeOf(draft, before, user));
    else event.currentTarget.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
  };
  const losesAdmin = user?.id === me.id && me.admin && !draft.groups.includes('admin');

  return (
    <form onSubmit={submit} noValidate aria-label={user ? 'Change the user' : 'New user'}>
      <Stack>
        {saving.isError && Object.keys(refused).length === 0 && <Problem error={saving.error} title="Not saved" />}
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          description={user ? 'It names the user and stays as it is.' : 'What they sign in with.'}
          value={draft.email}
          onChange={({ currentTarget }) => set({ email: currentTarget.value })}
          readOnly={user !== null}
          required={user === null}
          withAsterisk={false}
          error={problems.email}
          autoComplete="off"
          data-autofocus={user === null || undefined}
        />
        <TextInput
          name="name"
          label="Name"
          description={user ? undefined : 'Left empty, what stands before the @.'}
          value={draft.name}
          onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          error={problems.name}
          autoComplete="off"
          data-autofocus={user !== null || undefined}
        />
        <TagsInput
          name="groups"
          label="Groups"
          description="Members review what asks their group; admin administers hoop. A group comes into being by being named."
          value={draft.groups}
          onChange={(next) => set({ groups: next })}
          data={groups.data?.map(({ name }) => name) ?? []}
          error={problems.groups}
          acceptValueOnBlur
          comboboxProps={{ shadow: 'md' }}
        />
        {losesAdmin && (
          <Alert color="orange" title="This is you">
            Without the group admin you cannot come back to this page.
          </Alert>
        )}
        <TextInput
          name="slackId"
          label="Slack id"
          description="In Slack: their profile, More, Copy member ID. Whoever uses that account decides in their name."
          placeholder="U0123ABCD"
          value={draft.slackId}
          onChange={({ currentTarget }) => set({ slackId: currentTarget.value })}
          error={problems.slackId}
          autoComplete="off"
        />
        <PasswordChoice
          user={user}
          choice={draft.password}
          error={problems.password}
          onChange={(password) => set({ password })}
        />
        <Text size="sm" c="dimmed">
          {user
            ? 'Changed groups count from the next decision on, also for what they approved and has not run yet.'
            : 'Without a password they decide in Slack, and cannot sign in.'}
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {user ? 'Save' : 'Create'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
