import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPage, type BuiltPage } from '#test/support/built-page.ts';

const mostBytes = 250_000;

let built: BuiltPage;

beforeAll(async () => {
  built = await buildPage('vite.web.config.ts');
});

afterAll(() => built?.remove());

/** Scripts, style sheets and preloads that the page names, and so waits for before it shows anything. */
function filesOf(page: string): string[] {
  return [...page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
}

test('the first load is below 250 kB, compressed', async () => {
  const page = await readFile(join(built.folder, 'index.html'), 'utf8');
  const files = filesOf(page);
  const sizes = await Promise.all(files.map(async (path) => gzipSync(await readFile(join(built.folder, path))).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const table = files.map((path, index) => `${path}  ${(sizes[index]! / 1000).toFixed(1)} kB`);
  console.log([...table, `first load  ${(total / 1000).toFixed(1)} kB of ${mostBytes / 1000} kB`].join('\n'));
  expect(files.some((path) => path.endsWith('.js')) && files.some((path) => path.endsWith('.css'))).toBe(true);
  expect(total).toBeLessThan(mostBytes);
});
