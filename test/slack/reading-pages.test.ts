import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readingPages, type Piece } from '#slack/blocks/reading-pages.ts';
import { clean } from '#slack/blocks/text.ts';
import { viewWith } from './views.ts';

const sized = (script: string) => viewWith({ script, scriptBytes: Buffer.byteLength(script) });

/** Puts the pieces of the standard input together again. */
function scriptOf(pages: Piece[][]): string {
  const all = pages.flat();
  const from = all.findIndex((piece) => piece.heading?.startsWith('Standard input'));
  const after = all.findIndex((piece, index) => index > from && piece.heading !== null);
  const pieces = all.slice(from, after === -1 ? undefined : after);
  return pieces.map((piece, i) => (i === 0 || piece.continues ? piece.text : `\n${piece.text}`)).join('');
}

describe('the pages of an envelope', () => {
  test('leave nothing out and add nothing', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer({ min: 0, max: 9_000 }).map((n) => '😀\u200bx'.repeat(n / 4)),
      fc.integer({ min: 0, max: 500 }).map((n) => '\n'.repeat(n)),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
        const view = sized(`x${lines.join('\n')}`);
        const pages = readingPages(view);
        // a script of line ends only is more than anybody would page through
        if (pages) expect(scriptOf(pages)).toBe(clean(view.script ?? ''));
      }),
      { numRuns: 200 },
    );
  });

  test('keep a line end that comes right where a piece ends', () => {
    for (const script of [
      '\n'.repeat(120),
      `${'x'.repeat(2_999)}\n`,
      `${'x'.repeat(3_000)}\n`,
      `${'x'.repeat(3_000)}\n\n`,
    ]) {
      expect(scriptOf(readingPages(sized(`a${script}`)) ?? [])).toBe(`a${script}`);
      expect(scriptOf(readingPages(sized(script)) ?? [])).toBe(script);
    }
  });

  test('stay short enough for a phone', () => {
    const pages = readingPages(sized(`${'echo some line of a long script\n'.repeat(4000)}`)) ?? [];
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) {
      expect(page.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(12_000);
      for (const { text } of page) expect(text.length).toBeLessThanOrEqual(3_000);
    }
  });

  test('end with lines where they can, and say where one goes on', () => {
    const [page] = readingPages(sized(`${'a'.repeat(2_000)}\n${'b'.repeat(4_000)}`)) ?? [];
    const script = page?.filter((piece) => /^[ab]+$/.test(piece.text));
    expect(script?.map(({ text, continues }) => [text.length, continues])).toEqual([
      [2_000, false],
      [3_000, false],
      [1_000, true],
    ]);
  });

  test('never cut the escape of an invisible character in two', () => {
    const pages = readingPages(sized('\u200b'.repeat(4_000))) ?? [];
    for (const { heading, text } of pages.flat()) {
      if (heading === null || heading.startsWith('Standard')) expect(text).toMatch(/^(\\u\{200b\})*$/);
    }
  });

  test('show the reason, the command, its input and the names of variables, in this order', () => {
    const view = viewWith({ args: ['-x'], script: 'ls', scriptBytes: 2, envNames: ['A', 'B'] });
    expect((readingPages(view) ?? []).flat()).toEqual([
      { heading: 'Why', text: 'disk full', continues: false },
      { heading: 'Command', text: 'bash -x', continues: false },
      { heading: 'Standard input (2 bytes)', text: 'ls', continues: false },
      { heading: 'Environment variables', text: 'A, B', continues: false },
    ]);
  });

  test.each([
    ['input that is no text', viewWith({ script: null, scriptBytes: 2 })],
    ['more than 500,000 characters', sized('x'.repeat(500_001))],
    ['more than 500,000 characters once they are made visible', sized('\u200b'.repeat(200_000))],
    ['a page after the other of empty lines', sized('\n'.repeat(100_000))],
  ])('there are none of %s', (_what, view) => {
    expect(readingPages(view)).toBeNull();
  });
});
