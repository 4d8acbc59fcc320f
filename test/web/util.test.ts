import { describe, expect, test } from 'vitest';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { formatBytes, fromBase64, hexDump, utf8OrNull } from '../../web/util/bytes.ts';
import { OutputBuffer, keptCharacters } from '../../web/util/output-buffer.ts';
import { pages, safeNext } from '../../web/util/paths.ts';
import { forceFor, permissionFor, wordsOf } from '../../web/util/session-words.ts';
import { relativeTime, spanBetween } from '../../web/util/time.ts';
import { countHidden, visibleParts } from '../../web/util/visible-text.ts';
import { aSession } from './support/samples.ts';

const yes = { allowed: true, why: null };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function aDetail(changes: Partial<SessionDetail>): SessionDetail {
  return {
    ...aSession().detail,
    url: 'http://127.0.0.1/sessions/x',
    review: { groups: [], approvals: 0, approvalsNeeded: 1, forced: false, askedIn: [] },
    can: { approve: yes, reject: yes, cancel: yes, revoke: yes },
    myGroups: [],
    workflowUrl: null,
    ...changes,
  };
}

describe('the page after signing in', () => {
  test.each(['/sessions/1?x=2#y', '/reviews'])('%s is a page of the console', (path) => {
    expect(safeNext(path)).toBe(path);
  });

  test.each([null, '', '//example.com', '/\\example.com', 'https://example.com', '/\t/example.com', '/sign-in?next=/'])(
    '%j leads to the first page',
    (path) => {
      expect(safeNext(path)).toBe('/');
    },
  );

  test('the address of the sign-in page holds the whole page that was asked for', () => {
    const next = new URL(pages.signIn('/sessions?state=pending'), 'http://hoop').searchParams.get('next');
    expect(next).toBe('/sessions?state=pending');
  });
});

describe('what a person may do', () => {
  test('the state has the first word, with its reason', () => {
    expect(permissionFor(aDetail({ state: 'queued' }), 'approve')).toEqual({
      allowed: false,
      why: 'This session is already queued.',
    });
  });

  test('then the gateway has', () => {
    const why = 'This is your own request.';
    const can = { approve: { allowed: false, why }, reject: yes, cancel: yes, revoke: yes };
    expect(permissionFor(aDetail({ can }), 'approve')).toEqual({ allowed: false, why });
    expect(permissionFor(aDetail({ can }), 'reject')).toEqual(yes);
  });

  test('forcing is offered only while pending and where the connection has it', () => {
    const can = { approve: yes, reject: yes, cancel: yes, revoke: yes, force: yes };
    expect(forceFor(aDetail({}))).toBeNull();
    expect(forceFor(aDetail({ can }))).toEqual(yes);
    expect(forceFor(aDetail({ can, state: 'approved' }))).toBeNull();
  });

  test('a command that failed is told apart from one that did not', () => {
    expect(wordsOf(aDetail({ state: 'finished', exitCode: 0 })).label).toBe('Finished');
    expect(wordsOf(aDetail({ state: 'finished', exitCode: 2 })).label).toBe('Exit 2');
  });
});

describe('text that hides something', () => {
  test('is split into what is plain and what is not', () => {
    expect(visibleParts('a\u202eb\u200b\u200bc\n')).toEqual([
      { text: 'a', hidden: false },
      { text: '\\u{202e}', hidden: true },
      { text: 'b', hidden: false },
      { text: '\\u{200b}', hidden: true },
      { text: '\\u{200b}', hidden: true },
      { text: 'c\n', hidden: false },
    ]);
    expect(countHidden('a\u202eb\u200b\u200bc\n')).toBe(3);
  });

  test('what looks like the number of a character but is text stays text', () => {
    expect(visibleParts('\\u{202e}')).toEqual([{ text: '\\u{202e}', hidden: false }]);
  });
});

describe('output', () => {
  const text = (buffer: OutputBuffer) =>
    buffer
      .read()
      .blocks.flatMap(({ runs }) => runs.map((run) => run.text))
      .join('');

  test('characters cut between two chunks are put together again, each stream by itself', async () => {
    const [first, second] = [new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac])];
    const buffer = new OutputBuffer(0);
    buffer.push({ event: 'output', stream: 'stdout', offset: 0, data: base64(first), encoding: 'base64' });
    buffer.push({ event: 'output', stream: 'stderr', offset: 2, data: '!', encoding: 'utf8' });
    buffer.push({ event: 'output', stream: 'stdout', offset: 3, data: base64(second), encoding: 'base64' });
    await eventuallyPasses(() => expect(text(buffer)).toBe('!€'));
    expect(buffer.nextOffset).toBe(4);
  });

  test('what comes again after a dropped line is not shown again', async () => {
    const buffer = new OutputBuffer(0);
    buffer.push({ event: 'output', stream: 'stdout', offset: 0, data: 'abc', encoding: 'utf8' });
    buffer.push({ event: 'output', stream: 'stdout', offset: 0, data: 'abc', encoding: 'utf8' });
    buffer.push({ event: 'output', stream: 'stdout', offset: 1, data: 'bcde', encoding: 'utf8' });
    await eventuallyPasses(() => expect(text(buffer)).toBe('abcde'));
  });

  test('the oldest goes once there is too much, and it says so', async () => {
    const buffer = new OutputBuffer(0);
    const data = 'x'.repeat(100_000);
    for (let at = 0; at < 20; at++) {
      buffer.push({ event: 'output', stream: 'stdout', offset: at * data.length, data, encoding: 'utf8' });
    }
    await eventuallyPasses(() => expect(buffer.read().cut).toBe(true));
    await eventuallyPasses(() => expect(text(buffer).length).toBeGreaterThan(keptCharacters / 2));
    expect(text(buffer).length).toBeLessThanOrEqual(keptCharacters);
  });
});

test('sizes and bytes read well', () => {
  expect([1, 1023, 1536, 20 * 1024 ** 2].map(formatBytes)).toEqual(['1 byte', '1023 bytes', '1.5 KiB', '20 MiB']);
  expect(utf8OrNull(new Uint8Array([0xff, 0x00]))).toBeNull();
  expect(hexDump(fromBase64('AGhvb3D/'))).toBe(`00000000  ${'00 68 6f 6f 70 ff'.padEnd(47)}  .hoop.`);
});

test('times read well', () => {
  const now = Date.parse('2026-01-02T12:00:00Z');
  expect(relativeTime('2026-01-02T11:57:00Z', now)).toBe('3 minutes ago');
  expect(relativeTime('2026-01-03T11:30:00Z', now)).toBe('in 23 hours');
  expect(relativeTime('2026-01-02T12:00:10Z', now)).toBe('in a moment');
  expect(relativeTime('2026-01-02T12:00:00.900Z', now)).toBe('just now');
  expect(spanBetween('2026-01-02T12:00:00.000Z', '2026-01-02T12:00:00.340Z')).toBe('340 ms');
  expect(spanBetween('2026-01-02T12:00:00Z', '2026-01-02T13:30:00Z')).toBe('1h30m');
});
