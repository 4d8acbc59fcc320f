import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestClosed, openingText, parseTimeWindow, readTimeWindow, windowAt } from '#shared/time-window.ts';

const at = (text: string): Date => new Date(text);
const state = (window: string, time: string) => {
  const found = windowAt(readTimeWindow(window), at(time));
  return found.open ? `open until ${found.until?.toISOString()}` : `opens ${found.opensAt.toISOString()}`;
};
const problem = (text: string): string => {
  const parsed = parseTimeWindow(text);
  return 'problem' in parsed ? parsed.problem : 'none';
};
const hour = 3_600_000;

describe('what is written', () => {
  test('is kept in one form', () => {
    const form = (text: string) => readTimeWindow(text).text;
    expect(form(' 22:00-02:00   utc ')).toBe('22:00-02:00 UTC');
    expect(form('mon-FRI 9:00-17:30 Europe/Berlin;sat,sun 0:00-24:00 UTC')).toBe(
      'Mon-Fri 09:00-17:30 Europe/Berlin; Sat,Sun 00:00-24:00 UTC',
    );
    expect(form('Fri-Mon 22:00-02:00 UTC')).toBe('Mon,Fri-Sun 22:00-02:00 UTC');
    expect(form('Sun-Sat 22:00-02:00 UTC')).toBe('22:00-02:00 UTC');
  });

  test.each([
    ['22:00-22:00 UTC', /never opens.*00:00-24:00/],
    ['22:00-02:00', /names no time zone/],
    ['22:00-02:00 Berlin', /time zone that is none: "Berlin"/],
    ['22:00-02:00 Mars/Olympus', /time zone that is none/],
    ['22:00-02:00 +02:00', /time zone that is none/],
    ['25:00-02:00 UTC', /time that is none/],
    ['24:00-02:00 UTC', /time that is none/],
    ['22:60-02:00 UTC', /time that is none/],
    ['Mon-Fun 22:00-02:00 UTC', /days that are none/],
    ['Mon-Wed-Fri 22:00-02:00 UTC', /days that are none/],
    ['tonight', /must be like 22:00-02:00 UTC/],
    ['22:00-02:00 UTC;', /must be like/],
    ['22:00-02:00 UTC; 23:00-23:00 UTC', /never opens: "23:00-23:00 UTC"/],
  ])('%s is refused and says why', (text, why) => {
    expect(problem(text)).toMatch(why);
  });
});

describe('when it opens', () => {
  test('over midnight it belongs to the day on which it opens', () => {
    expect(state('22:00-02:00 UTC', '2026-03-02T21:59:59.999Z')).toBe('opens 2026-03-02T22:00:00.000Z');
    expect(state('22:00-02:00 UTC', '2026-03-02T22:00:00Z')).toBe('open until 2026-03-03T02:00:00.000Z');
    expect(state('22:00-02:00 UTC', '2026-03-03T01:59:59.999Z')).toBe('open until 2026-03-03T02:00:00.000Z');
    expect(state('22:00-02:00 UTC', '2026-03-03T02:00:00Z')).toBe('opens 2026-03-03T22:00:00.000Z');
    // 2026-03-06 is a Friday
    expect(state('Fri 22:00-02:00 UTC', '2026-03-07T01:00:00Z')).toBe('open until 2026-03-07T02:00:00.000Z');
    expect(state('Sat 22:00-02:00 UTC', '2026-03-07T01:00:00Z')).toBe('opens 2026-03-07T22:00:00.000Z');
    expect(state('Mon 09:00-10:00 UTC', '2026-03-02T10:00:00Z')).toBe('opens 2026-03-09T09:00:00.000Z');
  });

  test('parts that touch are one, and one that never closes has no end', () => {
    expect(state('20:00-22:00 UTC; 22:00-23:00 UTC', '2026-03-02T20:30:00Z')).toBe(
      'open until 2026-03-02T23:00:00.000Z',
    );
    expect(state('00:00-24:00 UTC', '2026-03-02T20:30:00Z')).toBe('open until undefined');
    expect(longestClosed(readTimeWindow('00:00-24:00 UTC'), at('2026-03-02T20:30:00Z'))).toBe(0);
    expect(longestClosed(readTimeWindow('22:00-02:00 UTC'), at('2026-03-02T20:30:00Z'))).toBe(20 * hour);
    expect(longestClosed(readTimeWindow('Sat 22:00-02:00 UTC'), at('2026-03-02T20:30:00Z'))).toBe(164 * hour);
  });

  test('follows the clocks of its zone', () => {
    // Berlin: 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00
    expect(state('22:00-04:00 Europe/Berlin', '2026-03-28T20:59:00Z')).toBe('opens 2026-03-28T21:00:00.000Z');
    expect(state('22:00-04:00 Europe/Berlin', '2026-03-28T22:00:00Z')).toBe('open until 2026-03-29T02:00:00.000Z');
    expect(state('22:00-04:00 Europe/Berlin', '2026-10-24T21:00:00Z')).toBe('open until 2026-10-25T03:00:00.000Z');
    // what the clocks leave out begins when they are put forward, or not at all
    expect(state('02:30-05:00 Europe/Berlin', '2026-03-28T23:30:00Z')).toBe('opens 2026-03-29T01:00:00.000Z');
    expect(state('02:15-02:45 Europe/Berlin', '2026-03-28T23:30:00Z')).toBe('opens 2026-03-30T00:15:00.000Z');
    // what they show twice counts the first time
    expect(state('02:15-02:45 Europe/Berlin', '2026-10-24T23:30:00Z')).toBe('opens 2026-10-25T00:15:00.000Z');
    expect(state('02:15-02:45 Europe/Berlin', '2026-10-25T00:50:00Z')).toBe('opens 2026-10-26T01:15:00.000Z');
    // Lord Howe's clocks change by half an hour; Samoa's day may be tomorrow
    expect(state('22:00-23:00 Australia/Lord_Howe', '2026-04-05T10:00:00Z')).toBe('opens 2026-04-05T11:30:00.000Z');
    expect(state('Mon 00:00-01:00 Pacific/Apia', '2026-03-01T10:30:00Z')).toBe('opens 2026-03-01T11:00:00.000Z');
  });

  test('is said in words of its zone', () => {
    const noon = at('2026-11-24T12:00:00Z');
    expect(openingText(at('2026-11-24T22:00:00Z'), 'UTC', noon)).toBe('22:00 UTC');
    expect(openingText(at('2026-11-25T22:00:00Z'), 'UTC', noon)).toBe('Wed 25 Nov 22:00 UTC');
    expect(openingText(at('2026-11-24T22:00:00Z'), 'Asia/Tokyo', noon)).toBe('Wed 25 Nov 07:00 Asia/Tokyo');
  });
});

describe('whatever the window and the time', () => {
  const time = fc.date({ min: at('2020-01-01'), max: at('2040-01-01'), noInvalidDate: true });
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  );
  const minutes = fc.nat(24 * 60 - 1);
  const clock = (m: number) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
  const part = fc
    .tuple(fc.option(fc.constantFrom('Mon', 'Tue-Thu', 'Sat,Sun', 'Fri-Mon'), { nil: null }), minutes, minutes, zone)
    .filter(([, start, end]) => start !== end)
    .map(([days, start, end, name]) => `${days === null ? '' : `${days} `}${clock(start)}-${clock(end)} ${name}`);
  const anyWindow = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('; '));

  test('its own text reads as the same window', () => {
    fc.assert(
      fc.property(anyWindow, (text) => {
        const window = readTimeWindow(text);
        expect(readTimeWindow(window.text)).toEqual(window);
      }),
    );
  });

  test('it is open from the moment it opens until the moment it closes', () => {
    fc.assert(
      fc.property(anyWindow, time, (text, when) => {
        const window = readTimeWindow(text);
        const found = windowAt(window, when);
        if (found.open) {
          if (!found.until) return;
          expect(found.until.getTime()).toBeGreaterThan(when.getTime());
          expect(windowAt(window, new Date(found.until.getTime() - 1)).open).toBe(true);
          expect(windowAt(window, found.until).open).toBe(false);
        } else {
          expect(found.opensAt.getTime()).toBeGreaterThan(when.getTime());
          expect(windowAt(window, found.opensAt).open).toBe(true);
          expect(windowAt(window, new Date(found.opensAt.getTime() - 1)).open).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('in a zone without summer time it is open exactly when its clock says so', () => {
    fc.assert(
      fc.property(minutes, minutes, fc.constantFrom(0, 330), time, (start, end, offset, when) => {
        if (start === end) return;
        const window = readTimeWindow(`${clock(start)}-${clock(end)} ${offset === 0 ? 'UTC' : 'Asia/Kolkata'}`);
        const local = Math.floor(when.getTime() / 60_000 + offset) % (24 * 60);
        const isOpen = start < end ? local >= start && local < end : local >= start || local < end;
        expect(windowAt(window, when).open).toBe(isOpen);
      }),
      { numRuns: 300 },
    );
  });
});
