import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorKinds } from '#shared/errors.ts';

const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \| (.+) \|$/gm)].map(([, code, status, exit, text]) => ({
  code,
  status: Number(status),
  exit: Number(exit),
  text,
}));

test('docs/errors.md lists every code once, with its HTTP and exit status', () => {
  const known = Object.entries(errorKinds).map(([code, { status, exit }]) => ({ code, status, exit }));
  expect(rows.map(({ code, status, exit }) => ({ code, status, exit }))).toEqual(known);
});

test('docs/errors.md says of every code what it means', () => {
  expect(rows.filter(({ text }) => (text?.length ?? 0) < 15)).toEqual([]);
});
