/** The words of a command as they are typed, and sizes: what is shown again is what was meant. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactSize, parseSize } from '#shared/size-text.ts';
import { parseWords, shellSigns, wordsText } from '../../web/util/words.ts';

test('any words that are shown are read back as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(parseWords(wordsText(words))).toEqual(words);
    }),
  );
});

test.each<[string, string[]]>([
  ['', []],
  ['  psql   -h  db\n-U ann ', ['psql', '-h', 'db', '-U', 'ann']],
  [`sh -c 'echo "a b" | wc'`, ['sh', '-c', 'echo "a b" | wc']],
  [String.raw`a\ b "c \" \d" '\'`, ['a b', 'c " \\d', '\\']],
  [`x'y z'"w" '' ""`, ['xy zw', '', '']],
  ['echo $HOME *', ['echo', '$HOME', '*']],
])('%s', (text, words) => {
  expect(parseWords(text)).toEqual(words);
});

test.each(['sh -c "open', "it's", 'ends in \\'])('%s is not taken for what it is not', (text) => {
  expect(parseWords(text)).toEqual({ problem: expect.any(String) });
});

test('signs that only a shell would act upon are named', () => {
  expect(shellSigns('echo $HOME *.txt > out')).toEqual(['$', '*', '>']);
  expect(shellSigns(`sh -c 'echo $HOME | wc' "as it is | here"`)).toEqual([]);
  expect(shellSigns('echo "$HOME"')).toEqual(['$']);
  expect(shellSigns(String.raw`echo \$HOME`)).toEqual([]);
});

test('a size is shown in the largest unit that has it whole, and read back to the byte', () => {
  expect([1024 ** 3, 8 * 1024 ** 2, 1536, 1000].map(exactSize)).toEqual(['1GiB', '8MiB', '1536B', '1000B']);
  expect(['64k', '10 MB', '1GiB', '7', 'much', '-1', '1.5G'].map(parseSize)).toEqual([
    65_536,
    10 * 1024 ** 2,
    1024 ** 3,
    7,
    null,
    null,
    null,
  ]);
  fc.assert(fc.property(fc.integer({ min: 1, max: 1024 ** 4 }), (bytes) => parseSize(exactSize(bytes)) === bytes));
});
