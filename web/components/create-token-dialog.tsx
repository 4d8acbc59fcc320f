import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { TokenCreated } from '#shared/token-schemas.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';
import { hasCode, messageOf } from '../data/ask.ts';
import { createToken } from '../data/tokens.ts';
import { useMe } from './frame.tsx';

const times = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '366d', label: 'A year' },
];

interface Props {
  onClose: () => void;
  onCreated: (token: TokenCreated) => void;
}

/** Name, how long, and for admins as whom. */
export function CreateTokenDialog({ onClose, onCreated }: Props) {
  const { admin, email } = useMe();
  const [name, setName] = useState('');
  const [user, setUser] = useState('');
  const [expire, setExpire] = useState('90d');
  const [missing, setMissing] = useState(false);
  const create = useMutation({ mutationFn: createToken, onSuccess: onCreated });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() !== '') create.mutate({ name: name.trim(), expire, user: user.trim() || undefined });
  };
  const { error } = create;
  const isAbout = (field: string) => hasCode(error, 'invalid_input') && messageOf(error).startsWith(`${field}: `);
  const ofUser = hasCode(error, 'not_found', 'not_allowed') || isAbout('user');
  const ofName = hasCode(error, 'name_taken') || isAbout('name');

  return (
    <Dialog title="New API token" opened onClose={onClose}>
      <form onSubmit={submit} noValidate aria-label="New API token">
        <Stack>
          <TextInput
            label="Name"
            description="What it is for, as in nightly backup"
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setMissing(false);
            }}
            error={missing ? 'Give it a name.' : ofName ? messageOf(error) : null}
            maxLength={64}
            autoComplete="off"
            required
            withAsterisk={false}
            data-autofocus
          />
          {admin && (
            <TextInput
              label="Acts as"
              description="E-mail address of a user; empty: you"
              value={user}
              onChange={(event) => setUser(event.currentTarget.value)}
              error={ofUser ? messageOf(error) : null}
              placeholder={email}
              autoComplete="off"
              inputMode="email"
            />
          )}
          <NativeSelect
            label="Good for"
            value={expire}
            onChange={(event) => setExpire(event.currentTarget.value)}
            data={times}
          />
          {create.isError && !ofName && !ofUser && <Problem error={error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Make the token
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
