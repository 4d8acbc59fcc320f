import { Button, Group, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

interface Props {
  title: string;
  /** What will happen, in words. */
  children: ReactNode;
  submit: string;
  color?: string;
  /** What the button does; a failure is shown and the dialog stays. */
  act: () => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

/** Asks once more before something that cannot be taken back. */
export function ConfirmDialog({ title, children, submit, color = 'red', act, onClose, onDone }: Props) {
  const acting = useMutation({ mutationFn: act, onSuccess: onDone });
  return (
    <Dialog title={title} opened onClose={onClose}>
      <Stack>
        {children}
        {acting.isError && <Problem error={acting.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            Close
          </Button>
          <Button color={color} loading={acting.isPending} onClick={() => acting.mutate()}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
