import { expect, test } from 'vitest';
import { formatDate } from '#sandbox/page/text/date.ts';
import { emojiFrom, withEmoji } from '#sandbox/page/text/emoji.ts';
import { parseInline, parseMrkdwn } from '#sandbox/page/text/mrkdwn.ts';

const text = (words: string) => ({ kind: 'text', text: words });

test('marks of style count at the edges of words only', () => {
  expect(parseInline('*a* b')).toEqual([{ kind: 'styled', style: 'bold', content: [text('a')] }, text(' b')]);
  for (const plain of ['2*3*4', 'snake_case_name', '* no *', '~ x ~', '**', '_', 'a*b*']) {
    expect(parseInline(plain)).toEqual([text(plain)]);
  }
  expect(parseInline('*_both_*')).toEqual([
    { kind: 'styled', style: 'bold', content: [{ kind: 'styled', style: 'italic', content: [text('both')] }] },
  ]);
});

test('code and preformatted text keep their marks', () => {
  expect(parseInline('`*a* &lt;b&gt;`')).toEqual([{ kind: 'code', text: '*a* <b>' }]);
  expect(parseMrkdwn('before\n```\n*x* &amp;&amp; y\n```\nafter')).toEqual([
    { kind: 'lines', content: [text('before')] },
    { kind: 'preformatted', text: '*x* && y' },
    { kind: 'lines', content: [text('after')] },
  ]);
});

test('references are told apart, and escaped ones are text', () => {
  expect(parseInline('<@U1> <#C1|ops> <!here> <!subteam^S1|@sre> <https://a.b|c> <mailto:a@b.c>')).toEqual([
    { kind: 'user', id: 'U1', label: '' },
    text(' '),
    { kind: 'channel', id: 'C1', label: 'ops' },
    text(' '),
    { kind: 'broadcast', range: 'here' },
    text(' '),
    { kind: 'usergroup', id: 'S1', label: '@sre' },
    text(' '),
    { kind: 'link', url: 'https://a.b', label: 'c' },
    text(' '),
    { kind: 'link', url: 'mailto:a@b.c', label: 'a@b.c' },
  ]);
  expect(parseInline('&lt;!channel&gt; &amp;lt;')).toEqual([text('<!channel> &lt;')]);
  expect(parseInline('<!date^1392734382^{date_num}^https://a.b|then>')).toEqual([
    { kind: 'date', timestamp: 1_392_734_382, format: '{date_num}', url: 'https://a.b', fallback: 'then' },
  ]);
  expect(parseInline('<!date^soon^{date}|then>')).toEqual([text('then')]);
});

test('an address typed bare ends before the punctuation that follows it', () => {
  expect(parseInline('see https://a.b/c?d=1&amp;e.')).toEqual([
    text('see '),
    { kind: 'link', url: 'https://a.b/c?d=1&e', label: 'https://a.b/c?d=1&e' },
    text('.'),
  ]);
});

test('quotes go on for their line, or to the end with three marks', () => {
  expect(parseMrkdwn('a\n&gt; b\nc\n&gt;&gt;&gt; d\ne').map((part) => part.kind)).toEqual([
    'lines',
    'quote',
    'lines',
    'quote',
  ]);
});

test('text made to nest or to search for ever is parsed at once', () => {
  const began = process.cpuUsage();
  for (const piece of ['*a ', '*_~', '<', '`', '_*a', '```']) parseMrkdwn(piece.repeat(40_000 / piece.length));
  // of the processor: how long it had to wait for one says nothing
  const { user } = process.cpuUsage(began);
  expect(user / 1000).toBeLessThan(10_000);
});

test('dates are worded as their format says, relative to today where it is pretty', () => {
  const noon = new Date(2026, 10, 23, 12, 0, 0);
  const seconds = noon.getTime() / 1000;
  expect(formatDate(seconds - 3600, 'at {time_secs}', noon)).toMatch(/^at 11:00:00/);
  expect(formatDate(seconds, '{date_pretty}', noon)).toBe('Today');
  expect(formatDate(seconds - 86_400, 'since {date_short_pretty}', noon)).toBe('since yesterday');
  expect(formatDate(seconds, '{date_num} {nonsense}', noon)).toBe('2026-11-23 {nonsense}');
  expect(formatDate(Number.NaN, '{date}', noon)).toBe('');
});

test('emoji are drawn by name or code points, unknown ones stay', () => {
  expect(withEmoji('done :tada: 10:30:15 :constructor:')).toBe('done 🎉 10:30:15 :constructor:');
  expect(emojiFrom('who', '1f389')).toBe('🎉');
  expect(emojiFrom('who', 'fffffff')).toBe(':who:');
});
