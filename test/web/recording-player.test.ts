/** A recording that is played, on a screen that only notes what it was given. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecordingPlayer, type PlayerScreen, type PlayerStatus } from '../../web/util/recording-player.ts';
import { RecordingSource, type StoredPage } from '../../web/util/recording-source.ts';

const size = { columns: 80, rows: 24 };

/** A recording of one letter a second; `fetching` answers when the test says so. */
function aPlayer() {
  const letters = [...'abcdefghij'];
  const page: StoredPage = {
    chunks: letters.map((letter, at) => ({ stream: 'stdout', offset: at, data: btoa(letter), at: at * 1000 })),
    nextOffset: letters.length,
  };
  let arrive: () => void = () => undefined;
  const fetching = new Promise<StoredPage>((resolve) => (arrive = () => resolve(page)));
  let drawn = '';
  const screen: PlayerScreen = {
    write(data) {
      drawn += typeof data === 'string' ? data : new TextDecoder().decode(data);
      return Promise.resolve();
    },
    reset: () => (drawn = ''),
    resize: () => undefined,
    size: () => size,
    serialize: () => drawn,
  };
  const told: PlayerStatus[] = [];
  const player = new RecordingPlayer({
    source: new RecordingSource(letters.length, () => fetching),
    screen,
    firstSize: size,
    total: 9000,
    onStatus: (status) => told.push(status),
  });
  return { player, told, arrive, drawn: () => drawn };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('plays to the end, and rests there', async () => {
  const { player, told, arrive, drawn } = aPlayer();
  arrive();
  player.play();
  await vi.advanceTimersByTimeAsync(3500);
  expect(drawn()).toBe('abcd');
  await vi.advanceTimersByTimeAsync(6500);
  expect(drawn()).toBe('abcdefghij');
  expect(told.at(-1)).toMatchObject({ playing: false, position: 9000 });
  expect(vi.getTimerCount()).toBe(0);
});

test('once closed it plays no further and says nothing, whatever was on its way', async () => {
  const { player, told, arrive, drawn } = aPlayer();
  player.play();
  // it waits for the page of the recording
  await vi.advanceTimersByTimeAsync(100);
  player.close();
  const before = told.length;
  arrive();
  await vi.advanceTimersByTimeAsync(5000);
  expect(vi.getTimerCount()).toBe(0);
  player.play();
  player.seek(2000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(vi.getTimerCount()).toBe(0);
  expect(told).toHaveLength(before);
  expect(drawn()).toBe('');
});
