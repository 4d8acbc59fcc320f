import { Button } from '@mantine/core';
import { memo, useMemo, type CSSProperties, type ReactNode } from 'react';
import { showInvisible } from '#shared/safe-text.ts';
import { colourLines, firstCharacters, isCut, splitLines, type Piece } from '../util/code-lines.ts';
import type { ScriptLanguage } from '../util/script-language.ts';
import { useHighlight } from '../util/use-highlight.ts';
import { visibleParts } from '../util/visible-text.ts';
import classes from './code-block.module.css';
import text from './text.module.css';

const linesTogether = 200;
const manyLines = 4000;
/** Of one line: what is mostly hidden characters is no text. */
const mostMarks = 2000;

interface Props {
  code: string;
  label: string;
  language: ScriptLanguage | null;
  /** Shows all of it however long it is. */
  whole: boolean;
  onWhole: () => void;
  /** Stands at the end of all of it. */
  end?: ReactNode;
}

/**
 * A script with numbers of lines and colours in a box that scrolls. Long lines are wrapped: what a script does must not be
 * out of sight to the right. What would be invisible is shown as `\u{...}`, marked.
 */
export function CodeBlock({ code, label, language, whole, onWhole, end }: Props) {
  const cut = !whole && isCut(code);
  const shown = cut ? code.slice(0, firstCharacters) : code;
  const tokens = useHighlight(shown, language);
  const lines = useMemo(() => splitLines(shown), [shown]);
  const coloured = useMemo(() => colourLines(lines, tokens), [lines, tokens]);
  const starts = Array.from({ length: Math.ceil(lines.length / linesTogether) }, (_, at) => at * linesTogether);
  return (
    <>
      {/* A box that scrolls must be reachable by keyboard. */}
      <pre
        className={lines.length > manyLines ? `${classes.code} ${classes.many}` : classes.code}
        tabIndex={0}
        role="region"
        aria-label={label}
        style={{ '--digits': String(lines.length).length } as CSSProperties}
      >
        {starts.map((start) => (
          <Lines key={start} all={coloured} start={start} />
        ))}
        {!cut && end}
      </pre>
      {cut && (
        <Button variant="default" size="xs" onClick={onWhole}>
          {`Not all is shown: show the other ${code.length - firstCharacters} characters`}
        </Button>
      )}
    </>
  );
}

const Lines = memo(function Lines({ all, start }: { all: Piece[][]; start: number }) {
  return (
    <code className={classes.lines}>
      {all
        .slice(start, start + linesTogether)
        .map((pieces, at) => [
          <span key={at} className={classes.number} data-number={start + at + 1} />,
          ...pieces.map((piece, index) => <PieceText key={`${at} ${index}`} piece={piece} />),
        ])}
    </code>
  );
});

function PieceText({ piece }: { piece: Piece }) {
  const shown = visible(piece.text);
  return piece.names === '' ? shown : <span className={piece.names}>{shown}</span>;
}

/** As `VisibleText`, cheaper for the many pieces of a script. */
function visible(plain: string): ReactNode {
  if (showInvisible(plain) === plain) return plain;
  const parts = visibleParts(plain);
  if (parts.length > mostMarks) return showInvisible(plain);
  return parts.map((part, at) =>
    part.hidden ? (
      <span key={at} className={text.hidden} title="A character that would not be visible">
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}
