/** A terminal without a screen (xterm.js), for those who need to know what stands on one. Loaded when it is needed. */
import type * as Serialize from '@xterm/addon-serialize';
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

/** What draws the same screen on another terminal: characters, colours, the cursor, and the modes that were set. */
export async function serializeScreen({ terminal }: Headless): Promise<string> {
  const { SerializeAddon } = required<typeof Serialize>(await import('@xterm/addon-serialize'));
  const addon = new SerializeAddon();
  terminal.loadAddon(addon as unknown as Xterm.ITerminalAddon); // written for the terminal of browsers
  return addon.serialize({ scrollback: 0 });
}

async function loadXterm(): Promise<typeof Xterm> {
  return required<typeof Xterm>(await import('@xterm/headless'));
}

/** Of packages written for require(): their names are those of the default, bundled or not. */
function required<T>(loaded: T & { default?: T }): T {
  return loaded.default ?? loaded;
}
