import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun } from './support/sessions.ts';

let api: TestApi;
let bob: Caller;
let eve: Caller;
let rick: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'eve@example.com', ['other']);
  await addUser(api, 'rick@example.com', ['sre', 'admin2']);
  bob = await signInAs(api, 'bob@example.com');
  eve = await signInAs(api, 'eve@example.com');
  rick = await signInAs(api, 'rick@example.com');
  await addConnection(api, await signInAs(api, 'ann@example.com'), ['sre', 'admin2']);
});
afterAll(() => api.stop());

const list = async (who: Caller, query: Record<string, string> = {}) =>
  (await who.get<SessionView[]>(`/api/sessions?${new URLSearchParams(query)}`)).body;
const idsOf = (sessions: SessionView[]) => sessions.map(({ id }) => id);
const madeAt = (id: string, at: string) => api.db.query('update sessions set created_at = $2 where id = $1', [id, at]);

test('what waits for the person comes first and is marked, however old it is', async () => {
  const [oldest, decided, newest] = [await askToRun(bob), await askToRun(bob), await askToRun(bob)];
  const own = await askToRun(rick);
  await rick.post(`/api/sessions/${newest.id}/decisions`, { verdict: 'approve', digest: newest.digest, group: 'sre' });
  await rick.post(`/api/sessions/${decided.id}/decisions`, { verdict: 'reject', digest: decided.digest, reason: 'no' });
  const shown = async (query: string) =>
    (await rick.get<SessionView[]>(`/api/reviews${query}`)).body.map(({ id, review }) => [id, review.waitsForMe]);
  expect(await shown('')).toEqual([
    [oldest.id, true],
    [own.id, false],
    [newest.id, false],
    // the workflow, which is not there in this test, would end it
    [decided.id, false],
  ]);
  expect(await shown('?limit=1')).toEqual([[oldest.id, true]]);
  await api.db.query(`update sessions set expires_at = now() where id = $1`, [oldest.id]);
  expect((await shown('?state=all'))[0]).toEqual([own.id, false]);
  // only lists of reviews say it
  expect((await list(rick))[0]?.review).not.toHaveProperty('waitsForMe');
});

test('a page goes on after the last of the one before, though several were made in the same instant', async () => {
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1) made.push((await askToRun(bob)).id);
  for (const id of made) await madeAt(id, '2020-01-01T00:00:00Z');
  const pages: string[] = [];
  for (let before: string | undefined; ;) {
    const page = idsOf(await list(bob, { until: '2020-01-02T00:00:00Z', limit: '2', ...(before && { before }) }));
    pages.push(...page);
    before = page.at(-1);
    if (page.length < 2) break;
  }
  expect(pages).toEqual([...made].sort().reverse());
});

test('times bound a list: from then on, and up to before then', async () => {
  const [early, late] = [await askToRun(bob), await askToRun(bob)];
  await madeAt(early.id, '2021-05-01T10:00:00Z');
  await madeAt(late.id, '2021-05-01T11:00:00Z');
  const until = '2021-05-01T11:00:00Z';
  expect(idsOf(await list(bob, { since: '2021-05-01T10:00:00Z', until }))).toEqual([early.id]);
  expect(idsOf(await list(bob, { since: '2021-05-01T10:00:01Z', until: '2021-05-01T12:00:00Z' }))).toEqual([late.id]);
  // a time was taken as `before` first, and still is
  expect(idsOf(await list(bob, { since: '2021-01-01T00:00:00Z', before: until }))).toEqual([early.id]);
  const wrong = await bob.get<ErrorAnswer>('/api/sessions?since=soon');
  expect([wrong.status, wrong.body.error.message]).toEqual([
    400,
    'since: must be an ISO time, as in 2026-01-31T12:00:00Z.',
  ]);
});

test('the beginning of an id finds its session, for those who may see it', async () => {
  const id = `ABCDEF12${randomUUID().slice(8)}`.toLowerCase();
  await askToRun(bob, { id });
  for (const begins of [id.slice(0, 8), id.slice(0, 9), id.slice(0, 20), id]) {
    expect(idsOf(await list(bob, { id: begins }))).toEqual([id]);
    expect(idsOf(await list(rick, { id: begins }))).toEqual([id]);
  }
  expect(await list(eve, { id: id.slice(0, 8) })).toEqual([]);
  expect(await list(bob, { id: 'abcdef13' })).toEqual([]);
  expect((await bob.get('/api/sessions?id=abc')).status).toBe(400);
  expect((await bob.get('/api/sessions?id=abcdef1%25')).status).toBe(400);
});

test('the detail of a session names its policy and its limits', async () => {
  const { id } = await askToRun(bob);
  expect((await bob.get<SessionDetail>(`/api/sessions/${id}`)).body).toMatchObject({
    policy: { groups: ['sre', 'admin2'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
    envelope: { maxRuntimeSeconds: 0, maxOutputBytes: 1024 ** 3 },
  });
});
