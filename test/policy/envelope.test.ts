import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '#shared/digest.ts';
import { canonicalJson } from '#shared/envelope.ts';
import {
  decodeOutput,
  decodeSessionOutput,
  encodeOutput,
  encodeSessionOutput,
  encodeSessionOutputIn,
  sessionHeaderBytes,
} from '#shared/output-frame.ts';
import { formatDuration, parseDuration } from '#shared/duration.ts';
import { envNameRefusal } from '#shared/env-names.ts';
import { oneLine, showInvisible } from '#shared/safe-text.ts';

describe('canonical bytes', () => {
  test('equal values have equal text, whatever the order of their keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  test('a changed value has another digest', () => {
    expect(sha256Hex(canonicalJson({ script: 'ls' }))).not.toBe(sha256Hex(canonicalJson({ script: 'ls ' })));
  });
});

describe('output frames', () => {
  const chunk = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    offset: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  });
  const time = fc.option(fc.nat({ max: 2 ** 32 - 1 }), { nil: undefined });

  test('a frame made around its data is the one made of it, whatever stood in the buffer', () => {
    const buffer = Buffer.alloc(sessionHeaderBytes + 300, 0xff);
    fc.assert(
      fc.property(chunk, time, fc.uuid(), (one, at, sessionId) => {
        one.data.copy(buffer, sessionHeaderBytes);
        const { data, ...rest } = { ...one, at };
        const frame = encodeSessionOutputIn(buffer, sessionId, { ...rest, bytes: data.length });
        expect(frame).toEqual(encodeSessionOutput(sessionId, { ...one, at }));
      }),
    );
  });

  test('any bytes and offset survive both frames', () => {
    fc.assert(
      fc.property(chunk, fc.uuid(), (one, sessionId) => {
        expect(decodeOutput(encodeOutput(one))).toEqual(one);
        expect(decodeSessionOutput(encodeSessionOutput(sessionId, one))).toEqual({ sessionId, ...one });
      }),
    );
  });

  test('a short or foreign frame is refused', () => {
    expect(() => decodeOutput(Buffer.alloc(3))).toThrow(RangeError);
    expect(() => decodeOutput(Buffer.alloc(9))).toThrow(/stream 0/);
  });
});

describe('durations', () => {
  test('what is formatted parses to the same seconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (s) => {
        expect(parseDuration(formatDuration(s))).toBe(s);
      }),
    );
  });

  test('nonsense is no duration', () => {
    for (const text of ['', 'soon', '-5m', '1.5h', '5 m']) expect(parseDuration(text)).toBeNull();
  });
});

describe('text from others', () => {
  test('no control, bidirectional or zero-width character is left, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(showInvisible(text)).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
        );
        expect(oneLine(text)).not.toMatch(/[\n\t\u001b]/);
      }),
    );
    expect(showInvisible('plain täxt 漢字\n')).toBe('plain täxt 漢字\n');
    expect(showInvisible('a\u202eb')).toBe('a\\u{202e}b');
  });

  test('names that change how programs load are refused unless the connection allows them', () => {
    for (const name of ['LD_PRELOAD', 'PATH', 'BASH_ENV', 'NODE_OPTIONS', '1X', 'A-B'])
      expect(envNameRefusal(name)).not.toBeNull();
    expect(envNameRefusal('PATH', ['PATH'])).toBeNull();
    expect(envNameRefusal('PGHOST')).toBeNull();
  });
});
