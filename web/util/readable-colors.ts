/** Colours that programs chose for a terminal of their own, so that they can be read on this page. */
import type { CSSProperties } from 'react';
import { terminalPalette, terminalTheme, type ColorScheme } from './terminal-theme.ts';
import type { AnsiColor, TextStyle } from './text-style.ts';

type Rgb = readonly [number, number, number];

/** Of text on its ground: the 4.5 of WCAG AA, and some for the tinted ground of stderr. */
const leastContrast = 5;
const steps = [0, 0.2, 0.4, 0.6, 0.8, 1];
const [black, white]: [Rgb, Rgb] = [
  [0, 0, 0],
  [255, 255, 255],
];

const known = new Map<string, CSSProperties>();

export function cssOf(style: TextStyle, scheme: ColorScheme): CSSProperties {
  const key = `${scheme} ${JSON.stringify(style)}`;
  const before = known.get(key);
  if (before) return before;
  // a program may use every colour there is
  if (known.size > 4096) known.clear();
  const css = toCss(style, scheme);
  known.set(key, css);
  return css;
}

function toCss(style: TextStyle, scheme: ColorScheme): CSSProperties {
  const theme = terminalTheme(scheme);
  const page = { color: hexRgb(theme.foreground ?? ''), background: hexRgb(theme.background ?? '') };
  const asked = {
    color: style.color === undefined ? page.color : rgbOf(style.color, scheme),
    background: style.background === undefined ? page.background : rgbOf(style.background, scheme),
  };
  const { color, background } = style.inverse ? { color: asked.background, background: asked.color } : asked;
  const hasColor = style.color !== undefined || style.background !== undefined || style.inverse;
  return {
    ...(hasColor && { color: cssRgb(readable(color, background)) }),
    ...((style.background !== undefined || style.inverse) && { backgroundColor: cssRgb(background) }),
    ...(style.bold && { fontWeight: 700 }),
    ...(style.italic && { fontStyle: 'italic' }),
    ...((style.underline || style.strike) && {
      textDecoration: [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean).join(' '),
    }),
  };
}

function rgbOf(color: AnsiColor, scheme: ColorScheme): Rgb {
  if (typeof color !== 'number') return color;
  if (color < 16) return hexRgb(terminalPalette(scheme)[color] ?? '');
  if (color >= 232) return [8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10];
  const at = color - 16;
  const step = (n: number) => (n % 6 === 0 ? 0 : 55 + (n % 6) * 40);
  return [step(Math.floor(at / 36)), step(Math.floor(at / 6)), step(at)];
}

/** The colour itself, or as far from it towards black or white as the ground makes necessary. */
function readable(color: Rgb, ground: Rgb): Rgb {
  const end = contrast(black, ground) > contrast(white, ground) ? black : white;
  for (const step of steps) {
    const mixed = mix(color, end, step);
    if (contrast(mixed, ground) >= leastContrast) return mixed;
  }
  return end;
}

const mix = (a: Rgb, b: Rgb, part: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * part),
  Math.round(a[1] + (b[1] - a[1]) * part),
  Math.round(a[2] + (b[2] - a[2]) * part),
];

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((one, other) => other - one) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const hexRgb = (hex: string): Rgb => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

const cssRgb = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`;
