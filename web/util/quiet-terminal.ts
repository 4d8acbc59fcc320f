/** What a program may not do to who watches it, whatever it writes to its terminal. */
import type { Terminal } from '@xterm/xterm';

/** Repeats beyond a screen show nothing more, and cost as much memory as the output says. */
const mostRepeats = 10_000;
/** Titles and icons of windows, links, the clipboard, notices of a desktop; whichever of them xterm.js knows. */
const refusedOsc = [0, 1, 2, 8, 9, 52, 777, 1337];
/** Colours of the page that shows the terminal. */
const colorOsc = [4, 10, 11, 12, 104, 110, 111, 112];

/** `watched`: nobody types into it, so that nobody has to answer what the program asks of its terminal. */
export function quietTerminal(terminal: Terminal, watched: boolean): void {
  const { parser } = terminal;
  for (const code of watched ? [...refusedOsc, ...colorOsc] : refusedOsc) parser.registerOscHandler(code, () => true);
  // moves, resizes and reports the window
  parser.registerCsiHandler({ final: 't' }, () => true);
  parser.registerCsiHandler({ final: 'b' }, ([times]) => Number(times) > mostRepeats);
}
