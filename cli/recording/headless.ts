/** A terminal without a screen (xterm.js), for those who need to know what stands on one. Loaded when it is needed. */
import type * as Xterm from '@xterm/headless';
import type { TerminalSize } from '#shared/terminal.ts';

export interface HeadlessOptions extends TerminalSize {
  /** Lines above the screen that are kept. */
  scrollback: number;
  /** A line feed alone begins a new line, as the output of a command without a terminal means it. */
  convertEol?: boolean;
}

export interface Headless {
  terminal: Xterm.Terminal;
  /** Resolves once it is on the screen. */
  write(data: Uint8Array): Promise<void>;
}

/** Repeats beyond a screen show nothing more, and cost as much memory as the output says. */
const mostRepeats = 10_000;

export async function openHeadless({ columns, rows, scrollback, convertEol }: HeadlessOptions): Promise<Headless> {
  const { Terminal } = await loadXterm();
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback,
    convertEol: convertEol ?? false,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.parser.registerCsiHandler({ final: 'b' }, ([times]) => Number(times) > mostRepeats);
  return { terminal, write: (data) => new Promise((resolve) => terminal.write(data, resolve)) };
}

/** Written for require(): its names are those of the default, bundled or not. */
async function loadXterm(): Promise<typeof Xterm> {
  const loaded: typeof Xterm & { default?: typeof Xterm } = await import('@xterm/headless');
  return loaded.default ?? loaded;
}
