import { Button, type ButtonProps } from '@mantine/core';
import { useId } from 'react';
import type { Permission } from '../util/session-words.ts';

interface Props extends ButtonProps {
  label: string;
  permission: Permission;
  onClick: () => void;
}

/** A button that stays in the order of the keyboard when it cannot be used, and says why. */
export function ActionButton({ label, permission, onClick, ...props }: Props) {
  const why = useId();
  const { allowed } = permission;
  return (
    <>
      <Button
        {...props}
        aria-disabled={!allowed}
        data-disabled={!allowed || undefined}
        aria-describedby={allowed ? undefined : why}
        title={allowed ? undefined : (permission.why ?? undefined)}
        onClick={(event) => {
          if (allowed) onClick();
          else event.preventDefault();
        }}
      >
        {label}
      </Button>
      {!allowed && (
        <span id={why} hidden>
          {permission.why}
        </span>
      )}
    </>
  );
}
