import { Button, CopyButton, Group, VisuallyHidden } from '@mantine/core';
import classes from './text.module.css';
import { VisibleText } from './visible-text.tsx';

/** Text to take elsewhere, such as a command or a manifest, with a button that copies it. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <Group gap="xs" align="flex-start">
      {/* A box that scrolls must be reachable by keyboard. */}
      <pre
        className={classes.block}
        tabIndex={0}
        role="region"
        aria-label={label}
        style={{ flex: '1 1 16rem', minWidth: 0 }}
      >
        <VisibleText>{text}</VisibleText>
      </pre>
      <CopyText text={text} label={label} />
    </Group>
  );
}

export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={2000}>
      {({ copied, copy }) => (
        <Button variant="default" size="xs" onClick={copy} miw={76}>
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
          <VisuallyHidden>{` ${label}`}</VisuallyHidden>
        </Button>
      )}
    </CopyButton>
  );
}
