import { inject } from 'vitest';

/** Asks vitest's main process for something all test files share; starts it when nobody asked before. */
export async function askServices<T>(path: '/postgres' | '/temporal' | '/build'): Promise<T> {
  const response = await fetch(`${inject('testServices')}${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`test service ${path}: ${text}`);
  return JSON.parse(text) as T;
}
