import { Button, type ButtonProps } from '@mantine/core';

interface Props extends ButtonProps {
  label: string;
  /** Id of the text that says why it cannot be used; undefined when it can. */
  refusedBy: string | undefined;
  onClick: () => void;
}

/** A button that stays in the order of the keyboard when it cannot be used, and is described by the reason. */
export function ActionButton({ label, refusedBy, onClick, ...props }: Props) {
  const refused = refusedBy !== undefined;
  return (
    <Button
      {...props}
      aria-disabled={refused}
      data-disabled={refused || undefined}
      aria-describedby={refusedBy}
      onClick={(event) => {
        if (refused) event.preventDefault();
        else onClick();
      }}
    >
      {label}
    </Button>
  );
}
