import { PasswordInput, Radio, Stack } from '@mantine/core';
import type { UserView } from '#shared/api-schemas.ts';
import { generatePassword } from '../../util/generate-password.ts';
import type { PasswordDraft } from '../../util/user-draft.ts';

interface Props {
  user: UserView | null;
  choice: PasswordDraft;
  error: string | undefined;
  onChange: (choice: PasswordDraft) => void;
}

/** Leave it, have one made that is shown once it is saved, or type one. */
export function PasswordChoice({ user, choice, error, onChange }: Props) {
  const choose = (kind: string) => {
    if (kind === 'generated') onChange({ kind, text: generatePassword() });
    else if (kind === 'typed' || kind === 'none') onChange({ kind, text: '' });
  };
  return (
    <Stack gap="xs">
      <Radio.Group
        label="Password"
        description={user ? 'Another one ends their sign-ins; your own go on.' : undefined}
        value={choice.kind}
        onChange={choose}
      >
        <Stack gap={6} mt={6}>
          <Radio value="none" label={user?.hasPassword ? 'Stays as it is' : 'None'} />
          <Radio value="generated" label="Make one, and show it once it is saved" />
          <Radio value="typed" label="Type one" />
        </Stack>
      </Radio.Group>
      {choice.kind === 'typed' && (
        <PasswordInput
          name="password"
          label="New password"
          description="At least 8 characters"
          value={choice.text}
          onChange={({ currentTarget }) => onChange({ kind: 'typed', text: currentTarget.value })}
          error={error}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        />
      )}
    </Stack>
  );
}
