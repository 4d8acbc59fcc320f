/** Colours of terminals, for a light page and a dark one; the sixteen of a palette are also those of plain output. */
import type { ITheme } from '@xterm/xterm';

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** 0-7, then the bright ones. Each can be read on the ground it is for (contrast of 4.5 or more), black and white apart. */
const light = [
  ...['#1f2328', '#b3261e', '#116329', '#7d4e00', '#0550ae', '#8250df', '#0b6170', '#59636e'],
  ...['#4b535d', '#a40e26', '#0d5722', '#633c01', '#0a3fa8', '#6639ba', '#0a5561', '#6b7480'],
];
const dark = [
  ...['#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#d0d7de'],
  ...['#8b949e', '#ffa198', '#7ee787', '#f2cc60', '#a5d6ff', '#e2c5ff', '#8ae9f0', '#ffffff'],
];

export type ColorScheme = 'light' | 'dark';

/** The sixteen colours: black, red, green, yellow, blue, magenta, cyan, white, and the same bright. */
export const terminalPalette = (scheme: ColorScheme): readonly string[] => (scheme === 'light' ? light : dark);

export function terminalTheme(scheme: ColorScheme): ITheme {
  const palette = terminalPalette(scheme);
  const theme: Record<string, string> = {};
  names.forEach((name, at) => {
    theme[name] = palette[at] ?? '';
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`] = palette[at + names.length] ?? '';
  });
  return scheme === 'light'
    ? {
        ...theme,
        background: '#ffffff',
        foreground: '#1f2328',
        cursor: '#1f2328',
        cursorAccent: '#ffffff',
        selectionBackground: '#b6d4fe',
        selectionForeground: '#1f2328',
      }
    : {
        ...theme,
        background: '#141517',
        foreground: '#d8dbe0',
        cursor: '#d8dbe0',
        cursorAccent: '#141517',
        selectionBackground: '#2f4f7f',
        selectionForeground: '#ffffff',
      };
}
