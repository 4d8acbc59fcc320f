/** Recordings as files to take away. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun, chunk, finish, store } from './support/sessions.ts';

let api: TestApi;
let bob: Caller;
let eve: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'eve@example.com', ['other']);
  bob = await signInAs(api, 'bob@example.com');
  eve = await signInAs(api, 'eve@example.com');
  await addConnection(api, await signInAs(api, 'ann@example.com'), ['admin']);
});
afterAll(() => api.stop());

const download = async (path: string) => {
  const response = await fetch(`${api.url}/api/sessions/${path}`, { headers: bob.headers });
  return { headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
};
const typed = { ...chunk(3, 'secret', 'input'), at: 20 };

test('a file of output holds the bytes that the command wrote, and nothing else', async () => {
  const { id } = await askToRun(bob);
  const odd = Buffer.from([0xff, 0, 0x1b, 0x0d]);
  await store(api, id, [chunk(0, 'out'), typed, chunk(9, odd, 'stderr'), chunk(13, 'end\n')]);
  await finish(api, id);
  const both = await download(`${id}/output/file`);
  expect(both.body).toEqual(Buffer.concat([Buffer.from('out'), odd, Buffer.from('end\n')]));
  expect(both.headers.get('content-disposition')).toBe(`attachment; filename="hoop-${id.slice(0, 8)}.output.log"`);
  expect(both.headers.get('content-type')).toBe('application/octet-stream');
  expect((await download(`${id}/output/file?stream=stderr`)).body).toEqual(odd);
  expect((await download(`${id}/output/file?stream=stdout`)).body.toString()).toBe('outend\n');
});

test('an output of many pages arrives whole', async () => {
  const { id } = await askToRun(bob);
  const piece = Buffer.alloc(200_000, 'x');
  for (let at = 0; at < 12; at++) await store(api, id, [chunk(at * piece.length, piece)], false);
  const { body } = await download(`${id}/output/file`);
  expect(body.length).toBe(12 * piece.length);
});

test('a cast begins with who ran what, and has the time of each piece', async () => {
  const { id } = await askToRun(bob, { args: ['-c', 'a b'] });
  await store(api, id, [{ ...chunk(0, 'é\n'), at: 10 }, typed, { ...chunk(9, '120x40', 'resize'), at: 30 }]);
  await finish(api, id);
  const { headers, body } = await download(`${id}/recording.cast`);
  expect(headers.get('content-disposition')).toBe(`attachment; filename="hoop-${id.slice(0, 8)}.cast"`);
  const [header, ...events] = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
  expect((header as { title: string }).title).toMatch(
    /^bash: bash -c 'a b' \(bob@example\.com, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)$/,
  );
  expect(events).toEqual([
    [0.01, 'o', 'é\r\n'],
    [0.02, 'i', 'secret'],
    [0.03, 'r', '120x40'],
  ]);
});

test('a recording that was removed is no empty file, and others get none at all', async () => {
  const { id } = await askToRun(bob);
  await store(api, id, [chunk(0, 'out')]);
  await finish(api, id);
  for (const path of [`/api/sessions/${id}/output/file`, `/api/sessions/${id}/recording.cast`]) {
    expect((await eve.get<ErrorAnswer>(path)).body.error.code).toBe('not_found');
  }
  await api.db.query('update sessions set recording_removed_at = now() where id = $1', [id]);
  for (const path of [`/api/sessions/${id}/output/file`, `/api/sessions/${id}/recording.cast`]) {
    const { status, body, headers } = await bob.get<ErrorAnswer>(path);
    expect([status, body.error.code]).toEqual([410, 'recording_removed']);
    expect(headers.get('content-disposition')).toBeNull();
  }
});

test('a file whose rows are gone meanwhile breaks off', async () => {
  const { id } = await askToRun(bob);
  await store(api, id, [chunk(0, 'out')]);
  await api.db.query('update sessions set output_bytes = 1000 where id = $1', [id]);
  await expect(download(`${id}/output/file`)).rejects.toThrow(/terminated|aborted|closed/);
});
