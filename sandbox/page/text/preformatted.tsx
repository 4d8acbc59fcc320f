import type { ReactNode } from 'react';

/** Lines it may have before it scrolls by itself. */
const SHORT = { lines: 18, characters: 1200 };

/** Text as it was written: long lines wrap, a long text scrolls in its place and can be scrolled by keyboard. */
export function Preformatted({ text, children }: { text: string; children?: ReactNode }) {
  const long = text.length > SHORT.characters || text.split('\n').length > SHORT.lines;
  if (!long) return <pre>{children ?? text}</pre>;
  return (
    <pre className="long" tabIndex={0} role="region" aria-label="Long text">
      {children ?? text}
    </pre>
  );
}
