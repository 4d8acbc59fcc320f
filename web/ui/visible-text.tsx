import { useMemo } from 'react';
import { showInvisible } from '#shared/safe-text.ts';
import { visibleParts } from '../util/visible-text.ts';
import classes from './text.module.css';

/** Text that is mostly hidden characters is no text; marking each one would only slow the page down. */
const mostMarks = 2000;

/** Text from others: what would be invisible, bidirectional or a control character is shown as `\u{...}`, marked. */
export function VisibleText({ children }: { children: string }) {
  const parts = useMemo(() => visibleParts(children), [children]);
  if (parts.length > mostMarks) return showInvisible(children);
  return parts.map((part, at) =>
    part.hidden ? (
      <span key={at} className={classes.hidden} title="A character that would not be visible">
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}

/** A short piece of text in fixed width, as in a name of a variable. */
export function Mono({ children }: { children: string }) {
  return (
    <code className={classes.inline}>
      <VisibleText>{children}</VisibleText>
    </code>
  );
}
