import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScreenState } from '../../cli/screen/screen-state.ts';

const after = (...pieces: (string | Uint8Array)[]): ScreenState => {
  const screen = new ScreenState();
  for (const piece of pieces) screen.feed(Buffer.from(piece as string));
  return screen;
};

describe('what a program did to the terminal', () => {
  test.each([
    ['nothing', 'plain text\r\n', ''],
    ['colours', '\u001b[31mred', '\u001b[0m\u001b(B\u000f'],
    ['the alternate screen', '\u001b[?1049h', '\u001b[?1049l\u001b[0m\u001b(B\u000f'],
    [
      'modes, as they are at rest',
      '\u001b[?25l\u001b[?1000;1006h',
      '\u001b[?25h\u001b[?1000l\u001b[?1006l\u001b[0m\u001b(B\u000f',
    ],
    ['margins and keypad', '\u001b[2;5r\u001b=', '\u001b7\u001b[r\u001b8\u001b>\u001b[0m\u001b(B\u000f'],
    ['half a title', '\u001b]0;title', '\u001b\\\u001b[0m\u001b(B\u000f'],
  ])('is undone: %s', (_what, bytes, reset) => {
    expect(after(bytes).reset()).toBe(reset);
  });

  test.each([
    ['left again', '\u001b[?1049h\u001b[?2004h\u001b[?2004l\u001b[?1049l'],
    ['reset by itself', '\u001b[?1049h\u001b[?25l\u001b=\u001bc'],
    ['within a title, and no mode', '\u001b]0;[?1049h\u0007\u001bP[?25l\u001b\\'],
    ['of no mode that is known', '\u001b[?9999h\u001b[?1049$p'],
  ])('is left alone where it was %s', (_what, bytes) => {
    expect(after(bytes).reset()).toBe('\u001b[0m\u001b(B\u000f');
    expect(after(bytes).isFullScreen).toBe(false);
  });

  test('is the same wherever the bytes are cut', () => {
    const parts = [
      '\u001b[?1049h',
      '\u001b[?25l',
      '\u001b]0;t\u00e9\u001b\\',
      '\u001b[1;9r',
      '\u{1f600}',
      'x\r\n',
      '\u001b=',
      '\u001b[?1049l',
      '\u001bPq\u0007',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts)), fc.array(fc.nat(200)), (chosen, cuts) => {
        const bytes = Buffer.from(chosen.join(''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const cut = after(...at.slice(1).map((end, n) => bytes.subarray(at[n], end)));
        const whole = after(bytes);
        expect([cut.reset(), cut.isFullScreen, cut.isWhole, cut.isAtLineStart]).toEqual([
          ...[whole.reset(), whole.isFullScreen, whole.isWhole, whole.isAtLineStart],
        ]);
      }),
    );
  });
});

test.each([
  ['', true],
  ['text', true],
  ['\u00e9', true],
  [Buffer.from('\u{1f600}').subarray(0, 3), false],
  ['\u001b', false],
  ['\u001b[3', false],
  ['\u001b]0;title', false],
  ['\u001b]0;title\u0007', true],
])('between pieces: %j is whole: %j', (bytes, isWhole) => {
  expect(after(bytes).isWhole).toBe(isWhole);
});
