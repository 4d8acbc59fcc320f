/** How text of a terminal looks, and what SGR sequences (`ESC [ ... m`) make of it. */

/** A colour of the palette (0-255), or red, green and blue. */
export type AnsiColor = number | readonly [number, number, number];

export interface TextStyle {
  readonly color?: AnsiColor;
  readonly background?: AnsiColor;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly strike?: true;
}

export const plainStyle: TextStyle = {};

const flags: Readonly<Record<number, keyof Omit<TextStyle, 'color' | 'background'>>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
};
const ends: Readonly<Record<number, ReadonlyArray<keyof TextStyle>>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['color'],
  49: ['background'],
};

/** `parameters`: as they stand in the sequence. Hidden text (8) stays visible; what is not known changes nothing. */
export function styleAfter(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  let next: TextStyle = style;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    const flag = flags[code];
    if (code === 0) next = plainStyle;
    else if (flag) next = { ...next, [flag]: true };
    else if (ends[code]) next = without(next, ends[code]);
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 90 + 8 };
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 };
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 100 + 8 };
    else if (code === 38 || code === 48) {
      const [color, length] = extended(codes.slice(at + 1));
      if (color !== null) next = { ...next, [code === 38 ? 'color' : 'background']: color };
      at += length;
    }
  }
  return next;
}

/** `5;n`, or `2;r;g;b`: the colour, and how many parameters it takes. */
function extended([kind, ...rest]: number[]): [AnsiColor | null, number] {
  const isByte = (n: number | undefined): n is number => n !== undefined && Number.isInteger(n) && n >= 0 && n <= 255;
  if (kind === 5) return [isByte(rest[0]) ? rest[0] : null, 2];
  if (kind !== 2) return [null, 1];
  const [red, green, blue] = rest;
  return [isByte(red) && isByte(green) && isByte(blue) ? [red, green, blue] : null, 4];
}

function without(style: TextStyle, names: ReadonlyArray<keyof TextStyle>): TextStyle {
  return Object.fromEntries(Object.entries(style).filter(([name]) => !names.includes(name as keyof TextStyle)));
}

export const sameStyle = (a: TextStyle, b: TextStyle): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
