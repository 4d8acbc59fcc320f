import { Button } from '@mantine/core';
import { useState } from 'react';
import classes from './text.module.css';
import { VisibleText } from './visible-text.tsx';

const firstCharacters = 64 * 1024;

/** Text of any length in a box that scrolls; what is very long is shown on demand, and says so. */
export function TextBlock({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > firstCharacters;
  return (
    <>
      {/* A box that scrolls must be reachable by keyboard. */}
      <pre className={classes.block} tabIndex={0} role="region" aria-label={label}>
        <VisibleText>{cut ? text.slice(0, firstCharacters) : text}</VisibleText>
      </pre>
      {cut && (
        <Button variant="default" size="xs" onClick={() => setWhole(true)}>
          {`Not all is shown: show the other ${text.length - firstCharacters} characters`}
        </Button>
      )}
    </>
  );
}
