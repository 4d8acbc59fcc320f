import { Button, Divider, Group, List, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserView } from '#shared/api-schemas.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Problem } from '../../ui/problem.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { deleteUser, saveUser, userQuery, usersChanged } from '../../data/users.ts';
import { useMe } from '../frame.tsx';
import { UserForm } from './user-form.tsx';

interface Props {
  /** Null: a new one. */
  email: string | null;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** One user: the form, then the password that was made for them; and what is asked about once more. */
export function UserDialog({ email, onClose, onDone }: Props) {
  const { data: user, error, refetch } = useQuery({ ...userQuery(email ?? ''), enabled: email !== null });
  const [made, setMade] = useState<{ user: UserView; password: string } | null>(null);
  const [asks, setAsks] = useState<Change | null>(null);
  if (made) return <MadePassword {...made} onClose={() => onDone(`${made.user.email} is saved.`)} />;
  if (asks && user) return <Asked user={user} change={asks} onClose={() => setAsks(null)} onDone={onDone} />;

  const isThere = email === null || user !== undefined;
  return (
    <Dialog title={email === null ? 'New user' : 'User'} opened onClose={onClose}>
      {error && !user && <Problem error={error} title="The user cannot be shown" onRetry={() => void refetch()} />}
      {!isThere && !error && <Loading what="the user" rows={4} />}
      {isThere && (
        <UserForm
          user={user ?? null}
          onClose={onClose}
          onSaved={(saved, password) =>
            password === null ? onDone(`${saved.email} is saved.`) : setMade({ user: saved, password })
          }
        />
      )}
      {user && (
        <>
          <Divider my="md" label={user.active ? 'The account is active' : 'The account is deactivated'} />
          <Group gap="sm">
            {user.active ? (
              <Button variant="default" onClick={() => setAsks('deactivate')}>
                Deactivate…
              </Button>
            ) : (
              <Button variant="default" onClick={() => setAsks('activate')}>
                Activate…
              </Button>
            )}
            <Button variant="outline" color="red" onClick={() => setAsks('delete')}>
              Delete…
            </Button>
          </Group>
        </>
      )}
    </Dialog>
  );
}

function MadePassword({ user, password, onClose }: { user: UserView; password: string; onClose: () => void }) {
  return (
    <Dialog title="The new password" opened onClose={onClose}>
      <Stack>
        <Text size="sm">
          <VisibleText>{user.email}</VisibleText> signs in with it. It is shown this once: hoop keeps no copy that
          anybody could read.
        </Text>
        <CopyBlock text={password} label="the password" />
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

type Change = 'deactivate' | 'activate' | 'delete';

const words: Record<Change, { title: string; submit: string; color: string; done: string }> = {
  deactivate: { title: 'Deactivate this user?', submit: 'Deactivate', color: 'red', done: 'is deactivated.' },
  activate: { title: 'Activate this user?', submit: 'Activate', color: 'indigo', done: 'is active again.' },
  delete: { title: 'Delete this user?', submit: 'Delete', color: 'red', done: 'is deleted.' },
};

function Asked({ user, change, onClose, onDone }: { user: UserView; change: Change } & Omit<Props, 'email'>) {
  const client = useQueryClient();
  const me = useMe();
  const { email } = user;
  const { title, submit, color, done } = words[change];
  const act = async () => {
    if (change === 'delete') await deleteUser(email);
    else await saveUser({ email, active: change === 'activate', overwrite: true });
    await usersChanged(client);
  };
  return (
    <ConfirmDialog
      title={title}
      submit={submit}
      color={color}
      act={act}
      onClose={onClose}
      onDone={() => onDone(`${email} ${done}`)}
    >
      <Text size="sm">
        <VisibleText>{email}</VisibleText>
        {user.id === me.id && ' is you.'}
      </Text>
      <List size="sm" spacing={4}>
        {sentences[change].map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </ConfirmDialog>
  );
}

const ends = [
  'Their sign-ins end at once, in browsers and on the command line.',
  'What they asked for and does not run yet is revoked, and their grants end, with what runs under them. A command that runs by its own approval goes on; revoke it on its page.',
  'What they approved and has not run yet waits for another approval.',
];

const sentences: Record<Change, string[]> = {
  deactivate: [...ends, 'Their name, groups, Slack id and password are kept: activating brings all of it back.'],
  activate: ['They may sign in, ask and decide again, with the groups, the Slack id and the password they had.'],
  delete: [
    ...ends,
    'Whoever asked for a session or decided one stays on record, deactivated and without groups, Slack id and password. Anybody else is gone.',
  ],
};
