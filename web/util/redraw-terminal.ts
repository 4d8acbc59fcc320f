/** What stands on the screen of a terminal that runs, told from its recording. Loaded when one is taken up again. */
import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/xterm';
import { outputPage, paths, type SessionDetail } from '#shared/api-schemas.ts';
import { readSize } from '#shared/recording.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { askFor, withQuery } from '../data/ask.ts';
import { fromBase64 } from './bytes.ts';
import { quietTerminal } from './quiet-terminal.ts';

/** Of a long recording, the end: a screen that nothing in it has drawn anew is rare. */
const readBytes = 4 * 1024 * 1024;
const keptLines = 2000;

export interface Drawn {
  /** Draws the same on another terminal. */
  screen: string;
  /** Of the terminal as it was last. */
  size: TerminalSize;
  /** The byte of the recording that follows it. */
  offset: number;
}

const usualSize: TerminalSize = { columns: 80, rows: 24 };

/** `fitted`: the size of the terminal it is to be drawn on; null: that of the recording. */
export async function redrawTerminal(
  session: SessionDetail,
  fitted: TerminalSize | null,
  signal: AbortSignal,
): Promise<Drawn> {
  const { columns, rows } = session.envelope.terminal ?? usualSize;
  // never opened: what the program asks of its terminal was answered when it ran, and is not answered again
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: keptLines,
    allowProposedApi: true,
    logLevel: 'off',
  });
  try {
    quietTerminal(terminal, true);
    const serializer = new SerializeAddon();
    terminal.loadAddon(serializer);
    const end = session.outputBytes;
    for (let at = Math.max(0, end - readBytes); at < end;) {
      const query = { offset: at, limit: Math.min(1024 * 1024, end - at) };
      const page = await askFor(outputPage, withQuery(paths.output(session.id), query), { signal });
      for (const { stream, offset, data } of page.chunks) {
        const bytes = fromBase64(data).subarray(0, Math.max(0, end - offset));
        if (stream === 'stdout') await new Promise<void>((resolve) => terminal.write(bytes, resolve));
        const resized = stream === 'resize' ? readSize(bytes) : null;
        if (resized) terminal.resize(resized.columns, resized.rows);
      }
      if (page.nextOffset <= at) break;
      at = page.nextOffset;
    }
    if (fitted) terminal.resize(fitted.columns, fitted.rows);
    return { screen: serializer.serialize(), size: { columns: terminal.cols, rows: terminal.rows }, offset: end };
  } finally {
    terminal.dispose();
  }
}
