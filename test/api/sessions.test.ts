import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutputPage, SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { sessionDetail, sessionView } from '#shared/api-schemas.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun, chunk, finish, moveTo, store } from './support/sessions.ts';

let api: TestApi;
let ann: Caller;
let bob: Caller;
let eve: Caller;
let rick: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'eve@example.com', ['other']);
  await addUser(api, 'rick@example.com', ['sre']);
  ann = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
  eve = await signInAs(api, 'eve@example.com');
  rick = await signInAs(api, 'rick@example.com');
  await addConnection(api, ann, ['sre']);
});
afterAll(() => api.stop());

const codeOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error?.code;
const messageOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error?.message;

test('a session is written once, however often the client asks with its id', async () => {
  const request = { id: randomUUID(), connection: 'bash', script: 'ls', args: ['-l'], env: { A: '1' } };
  const first = await bob.post<SessionView>('/api/sessions', request);
  expect(first.status).toBe(201);
  expect(sessionView.parse(first.body)).toMatchObject({
    id: request.id,
    state: 'pending',
    connection: 'bash',
    url: `${api.url}/sessions/${request.id}`,
    requester: { email: 'bob@example.com' },
  });
  const again = await bob.post<SessionView>('/api/sessions', request);
  expect(again.status).toBe(200);
  expect(again.body.digest).toBe(first.body.digest);
  for (const [who, body] of [
    [bob, { ...request, script: 'rm' }],
    [eve, request],
  ] as const) {
    expect(codeOf(await who.post('/api/sessions', body))).toBe('session_id_taken');
  }
});

test('a new request is announced to every gateway, for the lists that are open there', async () => {
  const line = await api.db.connect();
  const heard: string[] = [];
  line.on('notification', ({ payload = '' }) => heard.push(payload));
  await line.query('listen hoop');
  const { id } = await askToRun(bob);
  await eventuallyPasses(() => expect(heard).toContainEqual(JSON.stringify({ kind: 'state', id })));
  line.release(true);
});

test('the workflow of a session is started in Temporal', async () => {
  const { id } = await askToRun(bob);
  const workflow = await api.core.temporal.workflow.getHandle(`session-${id}`).describe();
  expect(workflow.taskQueue).toBe(api.core.queues.control);
});

test('a request that cannot be is refused with the field and what to change', async () => {
  const good = { connection: 'bash' };
  const refusals: [unknown, string, RegExp][] = [
    [{}, 'invalid_input', /^connection: is missing\.$/],
    [{ connection: 7 }, 'invalid_input', /^connection: must be a string\.$/],
    [{ ...good, id: 'abc' }, 'invalid_input', /^id: must be a UUID\.$/],
    [{ ...good, kind: 'ssh' }, 'invalid_input', /^kind: must be "exec" or "connect"\.$/],
    [{ ...good, args: ['a', 7] }, 'invalid_input', /^args\[1\]: must be a string\.$/],
    [{ ...good, args: Array(300).fill('a') }, 'invalid_input', /^args: must be at most 256 items\.$/],
    [{ ...good, reason: 'x'.repeat(2001) }, 'invalid_input', /^reason: must have at most 2000 characters\.$/],
    [{ ...good, timeout: 'soon' }, 'invalid_input', /^timeout: must be a duration from 1s to 7d, as in 30m\.$/],
    [{ ...good, scirpt: 'ls' }, 'invalid_input', /^"scirpt" is no field here\.$/],
    [{ ...good, args: ['a\0'] }, 'invalid_input', /NUL/],
    [{ ...good, reason: 'a\0' }, 'invalid_input', /cannot be stored/],
    [[], 'invalid_input', /^the request: must be an object\.$/],
    [{ connection: 'nosuch' }, 'connection_unknown', /nosuch/],
    [{ ...good, kind: 'connect', script: 'ls' }, 'invalid_input', /^script: is of exec; connect asks for a grant/],
    [{ ...good, kind: 'connect', timeout: '5m' }, 'invalid_input', /^timeout: is of exec; connect has duration\.$/],
    [
      { ...good, kind: 'connect', duration: '10s' },
      'invalid_input',
      /^duration: must be a duration from 1m to 2d, as in 30m\.$/,
    ],
    [{ ...good, duration: '30m' }, 'invalid_input', /^duration: is of connect; exec has timeout\.$/],
    [{ ...good, grant: '00000000-0000-4000-8000-000000000000' }, 'grant_unknown', /no such grant of bash/],
    [{ ...good, env: { LD_PRELOAD: 'x' } }, 'env_refused', /LD_PRELOAD/],
  ];
  for (const [body, code, message] of refusals) {
    const refused = await bob.post('/api/sessions', body);
    expect([codeOf(refused), messageOf(refused)]).toEqual([code, expect.stringMatching(message)]);
  }
});

test('a body that is no JSON, of another type or too large is refused', async () => {
  const send = async (body: string, type = 'application/json') => {
    const headers = { ...bob.headers, 'content-type': type };
    const response = await fetch(`${api.url}/api/sessions`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as ErrorAnswer };
  };
  expect((await send('{')).body.error).toEqual({ code: 'invalid_input', message: 'the request: is no valid JSON.' });
  expect((await send('a=1', 'application/x-www-form-urlencoded')).body.error.message).toContain('must be JSON');
  const large = await send(JSON.stringify({ connection: 'bash', script: 'x'.repeat(13 * 1024 * 1024) }));
  expect([large.status, large.body.error.code]).toEqual([413, 'too_large']);
  const script = Buffer.alloc(8 * 1024 * 1024 + 1).toString('base64');
  const over = await bob.post('/api/sessions', { connection: 'bash', script, scriptEncoding: 'base64' });
  expect(codeOf(over)).toBe('too_large');
  const nobody = await fetch(`${api.url}/api/sessions`, { method: 'POST', body: 'x'.repeat(1000) });
  expect(nobody.status).toBe(401);
});

test('requester, reviewers and admins see a session; for others it is not there', async () => {
  const { id } = await askToRun(bob);
  for (const who of [bob, rick, ann]) {
    const seen = await who.get<SessionDetail>(`/api/sessions/${id}`);
    expect(seen.status).toBe(200);
    expect(sessionDetail.parse(seen.body).envelope).toMatchObject({ command: ['bash'], script: 'ls' });
  }
  const detail = await bob.get<SessionDetail>(`/api/sessions/${id}`);
  const asked = [
    eve.get(`/api/sessions/${id}`),
    eve.get(`/api/sessions/${id}/output`),
    eve.post(`/api/sessions/${id}/decisions`, { verdict: 'approve', digest: detail.body.digest }),
    eve.post(`/api/sessions/${id}/cancel`, {}),
    eve.post(`/api/sessions/${id}/revoke`, {}),
    bob.get(`/api/sessions/${randomUUID()}`),
    bob.get('/api/sessions/abc'),
  ];
  for (const answer of await Promise.all(asked)) expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
});

test('lists hold what the person may see, newest first, as asked', async () => {
  const older = await askToRun(bob, { correlationId: 'lists' });
  const newer = await askToRun(bob);
  const ids = async (who: Caller, query = '') =>
    (await who.get<SessionView[]>(`/api/sessions?limit=200${query}`)).body.map((session) => session.id);
  expect((await ids(bob)).slice(0, 2)).toEqual([newer.id, older.id]);
  expect(await ids(eve)).toEqual([]);
  expect(await ids(rick, '&requester=bob@example.com')).toEqual(await ids(bob));
  expect(await ids(rick, '&requester=me')).toEqual([]);
  expect(await ids(bob, `&before=${newer.createdAt}`)).not.toContain(newer.id);
  await finish(api, older.id);
  expect(await ids(bob, '&state=finished,failed')).toContain(older.id);
  expect(await ids(bob, '&state=pending')).not.toContain(older.id);
  expect(await ids(bob, '&connection=zsh')).toEqual([]);
  for (const [query, message] of [
    ['state=waiting', /^state: "waiting" is none; there are pending/],
    ['limit=0', /^limit: must be at least 1\.$/],
    ['limit=many', /^limit: must be a number\.$/],
    ['before=then', /^before: must be an ISO time/],
    ['stat=pending', /^"stat" is no field here\.$/],
  ] as const) {
    expect(messageOf(await bob.get(`/api/sessions?${query}`))).toMatch(message);
  }
});

test('reviews are those one may decide or has asked for, and nothing that needs no review', async () => {
  await ann.post('/api/connections', { name: 'free', agent: 'default', command: ['sh'] });
  const free = await askToRun(bob, { connection: 'free' });
  const { id, digest } = await askToRun(bob);
  const ids = async (who: Caller, state: string) =>
    (await who.get<SessionView[]>(`/api/reviews?state=${state}&limit=200`)).body.map((session) => session.id);
  for (const who of [ann, bob, rick]) {
    expect(await ids(who, 'pending')).toContain(id);
    expect(await ids(who, 'all')).not.toContain(free.id);
  }
  expect(await ids(eve, 'all')).toEqual([]);
  await rick.post(`/api/sessions/${id}/decisions`, { verdict: 'reject', digest, reason: 'no' });
  await api.db.query("update sessions set state = 'rejected', ended_at = now() where id = $1", [id]);
  expect(await ids(rick, 'pending')).not.toContain(id);
  expect(await ids(rick, 'decided')).toContain(id);
});

test('a decision is committed under the digest that was shown, once, and by those who may', async () => {
  const { id, digest } = await askToRun(bob);
  const decide = (who: Caller, more = {}) =>
    who.post<SessionDetail>(`/api/sessions/${id}/decisions`, { verdict: 'approve', digest, ...more });
  expect(codeOf(await decide(bob))).toBe('review_own_request');
  expect(codeOf(await decide(ann))).toBe('review_not_eligible');
  expect(codeOf(await decide(rick, { digest: '0'.repeat(64) }))).toBe('review_outdated');
  expect(codeOf(await decide(rick, { force: true, reason: 'now' }))).toBe('review_force_refused');
  expect(codeOf(await decide(rick, { group: 'admin' }))).toBe('review_group_refused');
  expect(messageOf(await decide(rick, { digest: 'abc' }))).toMatch(/^digest: must be the digest of the request/);
  const decided = await decide(rick, { reason: 'fine' });
  expect(decided.status).toBe(200);
  expect(decided.body.decisions).toMatchObject([
    { verdict: 'approve', by: { email: 'rick@example.com' }, via: 'api', reason: 'fine', digest },
  ]);
  expect(decided.body.review).toMatchObject({
    approvals: 1,
    groups: [{ group: 'sre', met: true, approvedBy: ['rick@example.com'] }],
  });
  expect(codeOf(await decide(rick))).toBe('review_already_decided');
});

test('a decision remembers what it was taken through', async () => {
  const { id, digest } = await askToRun(bob);
  const cookie = await cookieOf(api, 'rick@example.com');
  const console = caller(api, { cookie, origin: api.url });
  const path = `/api/sessions/${id}`;
  await console.post(`${path}/decisions`, { verdict: 'approve', digest });
  await rick.post(`${path}/decisions`, { verdict: 'reject', digest }, { 'user-agent': 'hoop-cli/0.1.0' });
  const { decisions } = (await bob.get<SessionDetail>(path)).body;
  expect(decisions.map(({ verdict, via }) => [verdict, via])).toEqual([
    ['approve', 'console'],
    ['reject', 'cli'],
  ]);
});

test('who asked withdraws, admins revoke, and nobody else', async () => {
  const { id } = await askToRun(bob);
  expect(codeOf(await rick.post(`/api/sessions/${id}/cancel`, {}))).toBe('not_allowed');
  expect(codeOf(await bob.post(`/api/sessions/${id}/revoke`, {}))).toBe('not_allowed');
  const withdrawn = await bob.post<SessionDetail>(`/api/sessions/${id}/cancel`);
  expect(withdrawn.status).toBe(200);
  expect(withdrawn.body.decisions.map((d) => d.verdict)).toEqual(['cancel']);
  const revoked = await ann.post<SessionDetail>(`/api/sessions/${id}/revoke`, { reason: 'incident' });
  expect(revoked.body.decisions.at(-1)).toMatchObject({ verdict: 'revoke', reason: 'incident' });
});

test('a session that has ended or runs takes no decision', async () => {
  const { id, digest } = await askToRun(bob);
  await moveTo(api, id, 'queued');
  await moveTo(api, id, 'running');
  const approve = { verdict: 'approve', digest };
  expect(codeOf(await rick.post(`/api/sessions/${id}/decisions`, approve))).toBe('review_closed');
  expect(codeOf(await bob.post(`/api/sessions/${id}/cancel`))).toBe('session_already_running');
  await finish(api, id);
  expect(codeOf(await rick.post(`/api/sessions/${id}/decisions`, approve))).toBe('review_closed');
  expect(codeOf(await ann.post(`/api/sessions/${id}/revoke`))).toBe('session_ended');
});

test('stored output is read in pages of bytes', async () => {
  const { id } = await askToRun(bob);
  await store(api, id, [chunk(0, 'abcdef'), chunk(6, Buffer.from([0xff, 0]), 'stderr'), chunk(8, 'end')]);
  const page = async (query: string) => (await bob.get<OutputPage>(`/api/sessions/${id}/output?${query}`)).body;
  expect(await page('offset=2&limit=1')).toEqual({
    chunks: [{ stream: 'stdout', offset: 2, data: Buffer.from('cdef').toString('base64'), at: null }],
    nextOffset: 6,
    end: false,
  });
  expect((await page('offset=6')).chunks).toEqual([
    { stream: 'stderr', offset: 6, data: '/wA=', at: null },
    { stream: 'stdout', offset: 8, data: 'ZW5k', at: null },
  ]);
  await finish(api, id);
  expect(await page('offset=11')).toEqual({ chunks: [], nextOffset: 11, end: true });
  expect((await page('offset=0')).end).toBe(true);
});
