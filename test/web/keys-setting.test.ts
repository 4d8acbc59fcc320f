/** Whether keys of single letters are used, as a browser keeps it that may refuse to keep anything. */
import { afterEach, expect, test, vi } from 'vitest';
import { keysSetting } from '../../web/util/use-keys.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('they are on until they are switched off, which the browser keeps', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('window', {
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
  });
  expect(keysSetting.isOn()).toBe(true);
  keysSetting.set(false);
  expect(keysSetting.isOn()).toBe(false);
  expect([...kept.values()]).toEqual(['off']);
  keysSetting.set(true);
  expect(keysSetting.isOn()).toBe(true);
});

test('where the browser keeps nothing they are on, and go off for this page', () => {
  const refuses = {
    get localStorage(): Storage {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    },
  };
  vi.stubGlobal('window', refuses);
  const said: boolean[] = [];
  const leave = keysSetting.subscribe(() => said.push(keysSetting.isOn()));
  expect(keysSetting.isOn()).toBe(true);
  keysSetting.set(false);
  keysSetting.set(true);
  leave();
  expect(said).toEqual([false, true]);
});
