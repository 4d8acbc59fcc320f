import { describe, expect, test } from 'vitest';
import { AnsiParser } from '../../web/util/ansi-parser.ts';
import { OutputLines } from '../../web/util/output-lines.ts';
import { cssOf } from '../../web/util/readable-colors.ts';

const roomy = { characters: 100_000, runs: 1000, block: 10_000, blockRuns: 1000 };

function written(...texts: string[]) {
  const lines = new OutputLines(roomy);
  const parser = new AnsiParser(lines);
  for (const text of texts) parser.push(text);
  return lines.read().flatMap(({ runs }) => runs);
}
const textOf = (...texts: string[]) =>
  written(...texts)
    .map(({ text }) => text)
    .join('');

describe('sequences', () => {
  test('colours are kept, wherever a sequence is cut', () => {
    const whole = 'a\u001b[1;31mb\u001b[0m\u001b[38;5;208mc\u001b[48;2;1;2;3md\u001b[39;49me\n';
    const styles = written(whole).map(({ text, style }) => [text, style]);
    expect(styles).toEqual([
      ['a', {}],
      ['b', { bold: true, color: 1 }],
      ['c', { color: 208 }],
      ['d', { color: 208, background: [1, 2, 3] }],
      ['e\n', {}],
    ]);
    expect(written(...whole)).toEqual(written(whole));
  });

  test.each([
    ['a title', 'a\u001b]0;title\u0007b'],
    ['the clipboard', 'a\u001b]52;c;aGk=\u001b\\b'],
    ['a link', 'a\u001b]8;;https://example.com\u0007b\u001b]8;;\u0007'],
    ['moves and clearing of the screen', 'a\u001b[2J\u001b[5;5H\u001b[3Ab'],
    ['modes, queries and their like', 'a\u001b[?1049h\u001b[c\u001b[6n\u001b[>0q\u001b=\u001b(0b'],
    ['data for the device', 'a\u001bPq#0;2;0;0;0\u001b\\\u001b_x\u001b\\b'],
    ['sequences of eight bits', 'a\u009b31m\u009d0;title\u009cb'],
    ['a sequence in a sequence', 'a\u001b[3\u001b[1mb'],
    ['a long one', `a\u001b[${'1;'.repeat(5000)}mb`],
  ])('of %s nothing is left', (_name, text) => {
    expect(textOf(text)).toBe('ab');
    expect(textOf(...text)).toBe('ab');
  });

  test('what hides text does not', () => {
    expect(textOf('\u001b[8mhidden\u001b[28m')).toBe('hidden');
  });
});

describe('lines', () => {
  test('a progress bar writes over its line, and only over that', () => {
    expect(textOf('one\n10%\r100%\r\ntwo\n')).toBe('one\n100%\ntwo\n');
    expect(textOf('a long line\rshort\u001b[K\n')).toBe('short\n');
    expect(textOf('abc\b\bX\n')).toBe('aXc\n');
    expect(textOf('abc\u001b[2K\rx\n')).toBe('x  \n');
  });

  test('what is written over keeps the look of what is left of it', () => {
    const runs = written('\u001b[31mabcd\u001b[0m\rX');
    expect(runs.map(({ text, style }) => [text, style])).toEqual([
      ['X', {}],
      ['bcd', { color: 1 }],
    ]);
  });

  test('the two streams are told apart, each with sequences of its own', () => {
    const lines = new OutputLines(roomy);
    const [out, err] = [new AnsiParser(lines), new AnsiParser(lines)];
    const push = (stream: 'stdout' | 'stderr', text: string) => {
      lines.stream = stream;
      (stream === 'stdout' ? out : err).push(text);
    };
    push('stdout', 'a\u001b[3');
    push('stderr', 'b');
    push('stdout', '1mc');
    expect(lines.read()[0]?.runs).toEqual([
      { stream: 'stdout', style: {}, text: 'a' },
      { stream: 'stderr', style: {}, text: 'b' },
      { stream: 'stdout', style: { color: 1 }, text: 'c' },
    ]);
  });

  test('of endless output only so much is held, however many colours it has', () => {
    const lines = new OutputLines({ characters: 1000, runs: 50, block: 100, blockRuns: 20 });
    const parser = new AnsiParser(lines);
    for (let n = 0; n < 2000; n++) parser.push(`\u001b[3${n % 8}m${n}\n`);
    const runs = lines.read().flatMap((block) => block.runs);
    expect(runs.length).toBeLessThan(100);
    expect(runs.at(-1)?.text).toBe('1999\n');
    expect(lines.dropped).toBe(true);
    const single = new OutputLines({ characters: 1000, runs: 50, block: 100, blockRuns: 20 });
    new AnsiParser(single).push('x'.repeat(100_000));
    expect(single.read().length).toBeLessThan(20);
  });
});

describe('many pieces', () => {
  const rainbow = (count: number) => Array.from({ length: count }, (_, n) => `\u001b[38;5;${n % 200}mx`).join('');

  test('a line is done once it has very many: what is written over is never more', () => {
    const lines = new OutputLines({ characters: 512 * 1024, runs: 12_000, block: 16 * 1024, blockRuns: 1000 });
    const parser = new AnsiParser(lines);
    const most = () => Math.max(...lines.read().map(({ runs }) => runs.length));
    parser.push(rainbow(16_500));
    expect(most()).toBeLessThanOrEqual(1000);
    expect(lines.read().at(-1)?.runs).toHaveLength(500);
    parser.push('\r\u001b[0my'.repeat(2000));
    expect(lines.read().at(-1)?.runs[0]).toEqual({ stream: 'stdout', style: {}, text: 'y' });
    // every other character written over makes pieces as well
    parser.push(`\n${'z'.repeat(8000)}\r${'\u001b[31my\u001b[32my'.repeat(2000)}`);
    expect(most()).toBeLessThanOrEqual(1000);
  });

  test('what was read stays as it was, and a block that did not change is the same again', () => {
    const lines = new OutputLines({ ...roomy, block: 10 });
    const parser = new AnsiParser(lines);
    parser.push('a first line\nsecond\n\u001b[31mred');
    const before = lines.read();
    const copy = structuredClone(before);
    parser.push('\u001b[32mgreen\rX');
    const after = lines.read();
    expect(before).toEqual(copy);
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    for (const [at, { runs }] of before.slice(0, -1).entries()) expect(after[at]?.runs).toBe(runs);
    expect(after.at(-1)?.runs).not.toBe(before.at(-1)?.runs);
  });
});

describe('colours', () => {
  const luminance = (css: string | undefined) => {
    const [red = 0, green = 0, blue = 0] = (css?.match(/\d+/g) ?? []).map((value) => {
      const part = Number(value) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  test('every one can be read, on every ground', () => {
    const grounds = { light: 'rgb(255 255 255)', dark: 'rgb(20 21 23)' };
    for (const scheme of ['light', 'dark'] as const) {
      for (let color = 0; color < 256; color += 5) {
        for (const background of [undefined, 0, 3, 7, 11, 15, 46, 240]) {
          const css = cssOf({ color, ...(background !== undefined && { background }) }, scheme);
          const ground = css.backgroundColor ?? grounds[scheme];
          const [a, b] = [luminance(css.color), luminance(ground)].toSorted((one, other) => other - one);
          expect(((a ?? 0) + 0.05) / ((b ?? 0) + 0.05)).toBeGreaterThan(4.4);
        }
      }
    }
  });
});
