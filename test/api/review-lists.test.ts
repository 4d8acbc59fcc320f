/** Lists of reviews in parts and pages, with the beginning of what would run, and the count of what waits. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '#shared/api-schemas.ts';
import type { ReviewCount } from '#shared/review-list-schemas.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun } from './support/sessions.ts';

let api: TestApi;
let bob: Caller;
let rick: Caller;
let ann: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'dan@example.com', ['dba']);
  await addUser(api, 'rick@example.com', ['sre']);
  ann = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
  rick = await signInAs(api, 'rick@example.com');
  await addConnection(api, ann, ['sre', 'dba']);
});
afterAll(() => api.stop());

const part = async (who: Caller, name: string, query: Record<string, string> = {}) =>
  (await who.get<SessionView[]>(`/api/reviews?${new URLSearchParams({ part: name, ...query })}`)).body;
const idsOf = (sessions: SessionView[]) => sessions.map(({ id }) => id);
const previewOf = async (id: string) => (await part(rick, 'mine')).find((one) => one.id === id)?.review.preview;

test('what is pending is in one of three parts, each page by page, and what is decided leaves them', async () => {
  const own = await askToRun(rick);
  const asked: SessionView[] = [];
  for (let n = 0; n < 5; n += 1) asked.push(await askToRun(bob));
  const [first] = asked;
  if (!first) throw new Error('nothing was asked');
  await rick.post(`/api/sessions/${first.id}/decisions`, { verdict: 'approve', digest: first.digest });
  const waiting = idsOf(asked.slice(1)).reverse();
  expect(idsOf(await part(rick, 'mine'))).toEqual(waiting);
  expect(idsOf(await part(rick, 'own'))).toEqual([own.id]);
  expect(idsOf(await part(rick, 'others'))).toEqual([first.id]);
  expect((await part(rick, 'mine')).every(({ review }) => review.waitsForMe)).toBe(true);

  const page = await part(rick, 'mine', { limit: '3' });
  expect(idsOf(page)).toEqual(waiting.slice(0, 3));
  expect(idsOf(await part(rick, 'mine', { limit: '3', before: waiting[2] ?? '' }))).toEqual(waiting.slice(3));
  // an admin in none of the groups sees all of it, and none of it waits for them
  expect(await part(ann, 'mine')).toEqual([]);
  expect(idsOf(await part(ann, 'others'))).toEqual([...waiting, first.id, own.id]);
  expect(idsOf(await part(bob, 'others'))).toEqual([]);
});

test('a page of all parts together has no next one, and says so', async () => {
  const { id } = await askToRun(bob);
  const { status, body } = await rick.get<ErrorAnswer>(`/api/reviews?before=${id}`);
  expect([status, body.error.message]).toEqual([400, 'before: goes with part, or with state=decided.']);
});

test('what waits is counted for the person, up to a bound', async () => {
  const count = async (who: Caller) => (await who.get<ReviewCount>('/api/reviews/count')).body;
  const before = await count(rick);
  const asked = await askToRun(bob);
  expect(await count(rick)).toEqual({ waiting: before.waiting + 1, more: false });
  expect(await count(bob)).toEqual({ waiting: 0, more: false });
  await api.db.query(
    `insert into sessions select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
     from sessions s, generate_series(1, 100) where s.id = $1`,
    [asked.id],
  );
  expect(await count(rick)).toEqual({ waiting: 100, more: true });
  await api.db.query(`delete from sessions where digest = $1 and id <> $2`, [asked.digest, asked.id]);
});

test('a row begins with what would run, and says whether that is all', async () => {
  const short = await askToRun(bob, { script: 'ls\n' });
  expect(await previewOf(short.id)).toEqual({ argv: ['bash'], script: 'ls', whole: true });
  const long = await askToRun(bob, { script: 'a\nb\nc\nd\n', args: ['-e'] });
  expect(await previewOf(long.id)).toEqual({ argv: ['bash', '-e'], script: 'a\nb\nc', whole: false });
  const variables = await askToRun(bob, { script: '', env: { A: 'b' } });
  expect(await previewOf(variables.id)).toEqual({ argv: ['bash'], script: null, whole: false });
  const wide = await askToRun(bob, { script: `${'x'.repeat(399)}\u{1f600}`, args: ['y'.repeat(1000)] });
  expect(await previewOf(wide.id)).toEqual({
    argv: ['bash', 'y'.repeat(295)],
    script: 'x'.repeat(399),
    whole: false,
  });
  const bytes = await askToRun(bob, { script: Buffer.from([0xff, 0]).toString('base64'), scriptEncoding: 'base64' });
  expect(await previewOf(bytes.id)).toEqual({ argv: ['bash'], script: null, whole: false });
  const huge = await askToRun(bob, { script: 'x'.repeat(70_000) });
  expect(await previewOf(huge.id)).toEqual({ argv: [], script: null, whole: false });
});
