/** When a line counts as dead, by a clock that the test moves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineSilence } from '#shared/line-silence.ts';

const everySeconds = 15;
const oneBeat = everySeconds * 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A line that is made anew whenever it is silent. `greets`: each connection begins with a heartbeat. */
function aLine({ greets }: { greets: boolean }) {
  const began = Date.now();
  const silences: number[] = [];
  const begin = () => {
    silence.begins();
    if (!greets) return;
    silence.heard();
    silence.beat(everySeconds);
  };
  const silence = new LineSilence(everySeconds, () => {
    silences.push((Date.now() - began) / oneBeat);
    begin();
  });
  begin();
  return { silence, silences };
}

test.for([{ greets: false }, { greets: true }])(
  'each line after a silent one is given twice the time, up to eight heartbeats: %o',
  (line) => {
    const { silences } = aLine(line);
    vi.advanceTimersByTime(22 * oneBeat);
    expect(silences).toEqual([2, 2 + 4, 2 + 4 + 8, 2 + 4 + 8 + 8]);
  },
);

test('a frame that takes three heartbeats of time comes through on the second line', () => {
  const { silence, silences } = aLine({ greets: true });
  vi.advanceTimersByTime(5 * oneBeat);
  expect(silences).toEqual([2]);
  silence.heard();
  vi.advanceTimersByTime(3 * oneBeat);
  expect(silences).toEqual([2]);
});

test('a line that lived to its second heartbeat is believed dead after two again', () => {
  const { silence, silences } = aLine({ greets: true });
  vi.advanceTimersByTime(3 * oneBeat);
  silence.beat(everySeconds);
  vi.advanceTimersByTime(3 * oneBeat);
  expect(silences).toEqual([2, 5]);
});
