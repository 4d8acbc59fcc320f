import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths } from '#shared/api-schemas.ts';
import { openDatabase } from '#db/pool.ts';
import { setState } from '#db/sessions.ts';
import { eventually } from '#test/support/eventually.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { addConnection, askToRun } from './support/sessions.ts';

let api: TestApi;
let ann: Caller;
let webRoot: string;
let notReady: string[] = [];
beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'hoop-console-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><meta nonce="__HOOP_CSP_NONCE__"><title>hoop</title>');
  await writeFile(join(webRoot, 'assets/app-1a2b.js'), 'export {}');
  await writeFile(join(webRoot, 'assets/app-1a2b.js.br'), brotliCompressSync('export {}'));
  await writeFile(join(webRoot, 'assets/app-1a2b.js.gz'), gzipSync('export {}'));
  api = await startApi({ webRoot, readiness: async () => notReady });
  await addUser(api, 'ann@example.com', ['admin', 'sre']);
  ann = await signInAs(api, 'ann@example.com');
  await addConnection(api, ann, ['sre']);
});
afterAll(async () => {
  await api.stop();
  await rm(webRoot, { recursive: true });
});

test('healthz says alive, and readyz names what is not ready', async () => {
  expect((await caller(api).get('/healthz')).body).toEqual({ ok: true });
  expect(await caller(api).get('/readyz')).toMatchObject({ status: 200, body: { ready: true, notReady: [] } });
  notReady = ['temporal'];
  expect(await caller(api).get('/readyz')).toMatchObject({
    status: 503,
    body: { ready: false, notReady: ['temporal'] },
  });
  notReady = [];
});

test('the version is told to anybody', async () => {
  expect((await caller(api).get(paths.version)).body).toEqual({ version: '0.0.0-test' });
});

test('figures are counted by route, never by path', async () => {
  const { id } = await askToRun(ann);
  await ann.get(`/api/sessions/${id}`);
  const figures = (await caller(api).get<string>('/metrics')).body;
  expect(figures).toContain('route="/api/sessions/:id"');
  expect(figures).not.toContain(id);
  expect(figures).toContain('process_resident_memory_bytes');
});

test('a request is logged with its id, its session and no secret', async () => {
  const { id } = await askToRun(ann, { script: 'top secret script' });
  const answer = await ann.get(`/api/sessions/${id}`, { 'x-request-id': 'my-id.1' });
  expect(answer.headers.get('x-request-id')).toBe('my-id.1');
  const line = await eventually(() => api.logs.find((entry) => (entry['req'] as { id?: string })?.id === 'my-id.1'));
  expect(line).toMatchObject({
    level: 30,
    sessionId: id,
    user: 'ann@example.com',
    req: { method: 'GET', path: `/api/sessions/${id}` },
    res: { statusCode: 200 },
  });
  await cookieOf(api, 'ann@example.com');
  const logged = JSON.stringify(api.logs);
  for (const secret of [password, 'top secret script', 'hoop_cli_', 'hoop_web_']) expect(logged).not.toContain(secret);
});

test('a request id that could break a log line is replaced', async () => {
  const answer = await caller(api).get('/api/version', { 'x-request-id': 'a b"{' });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('every answer carries the headers that keep browsers careful', async () => {
  for (const path of ['/', '/api/version', '/api/nothing']) {
    const { headers } = await caller(api).get(path);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  }
  expect((await caller(api).get('/api/version')).headers.get('cache-control')).toBe('no-store');
});

test('what is not there is said in the form of every error', async () => {
  for (const path of ['/api/nothing', '/api/sessions/a/b/c', '/api/users/%E0%A4%A']) {
    const { body } = await ann.get<ErrorAnswer>(path);
    expect(['not_found', 'invalid_input']).toContain(body.error.code);
  }
});

test('the console is one page for all its addresses, and its assets are kept', async () => {
  for (const path of ['/', '/sessions/1', '/reviews']) {
    const page = await caller(api).get<string>(path, { accept: 'text/html' });
    expect(page.body).toContain('<title>hoop</title>');
    expect(page.headers.get('cache-control')).toBe('private, no-cache');
  }
  const asset = await caller(api).get('/assets/app-1a2b.js');
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect((await caller(api).get('/assets/gone.js', { accept: 'text/html' })).status).toBe(404);
  expect((await caller(api).get('/assets/../../etc/passwd')).body).not.toContain('root:');
});

test('assets come compressed as the browser takes it', async () => {
  const ask = async (accepted: string) => {
    const { body, headers } = await caller(api).get('/assets/app-1a2b.js', { 'accept-encoding': accepted });
    expect(body).toBe('export {}');
    expect(headers.get('content-type')).toContain('text/javascript');
    expect(headers.get('vary')).toContain('Accept-Encoding');
    expect(headers.get('cache-control')).toContain('immutable');
    return headers.get('content-encoding');
  };
  expect(await ask('gzip, deflate, br, zstd')).toBe('br');
  expect(await ask('gzip, deflate')).toBe('gzip');
  expect(await ask('identity')).toBeNull();
});

test('each answer of the page has a nonce of its own, the same in its policy and in its text', async () => {
  const nonces = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    const { body, headers } = await caller(api).get<string>('/', { accept: 'text/html' });
    const nonce = /nonce="([^"]+)"/.exec(body)?.[1] ?? 'none';
    expect(headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}';`);
    expect(headers.get('etag')).toBeNull();
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(3);
  expect((await caller(api).get('/api/version')).headers.get('content-security-policy')).not.toContain('nonce');
});

test('a fault of our own tells nothing to who asked, and everything to the log', async () => {
  await api.db.query('alter table audit_log rename to audit_log_away');
  const broken = await ann.get<ErrorAnswer>('/api/audit/verify', { 'x-request-id': 'broken-1' });
  await api.db.query('alter table audit_log_away rename to audit_log');
  expect(broken.status).toBe(500);
  expect(broken.body.error.code).toBe('internal');
  expect(JSON.stringify(broken.body)).not.toContain('audit_log');
  const line = api.logs.find((entry) => entry['msg'] === 'request failed');
  expect(JSON.stringify(line)).toContain('audit_log');
});

test('with the database away, the API says so', async () => {
  const away = openDatabase({ url: 'postgres://hoop@127.0.0.1:1/hoop' });
  const other = await startApi({ adjust: (deps) => ({ ...deps, core: { ...deps.core, db: away } }) });
  const answer = await caller(other, ann.headers).get<ErrorAnswer>('/api/me');
  expect([answer.status, answer.body.error.code]).toEqual([503, 'unavailable']);
  expect(answer.body.error.message).toContain('the database');
  await other.stop();
  await away.end();
});

/** What these people's browsers are told, by address. */
async function openEvents(emails: string[]): Promise<{ seen: Record<string, string>; stop: () => void }> {
  const seen: Record<string, string> = {};
  const stops: (() => void)[] = [];
  for (const email of emails) {
    seen[email] = '';
    const asked = request(`${api.url}/api/events`, { headers: { cookie: await cookieOf(api, email) } });
    asked.end();
    asked.once('response', (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream');
      response.on('data', (data: Buffer) => (seen[email] += data.toString()));
      response.on('error', () => undefined);
    });
    asked.on('error', () => undefined);
    stops.push(() => asked.destroy());
    await eventually(() => seen[email]);
  }
  return { seen, stop: () => stops.forEach((stop) => stop()) };
}

test('events tell a browser which session changed, of those the person may see', async () => {
  await addUser(api, 'eve@example.com', []);
  const { seen, stop } = await openEvents(['ann@example.com', 'eve@example.com']);
  const mine = await askToRun(ann);
  const eve = await signInAs(api, 'eve@example.com');
  const hers = await askToRun(eve);
  api.feed.publish(mine.id, { kind: 'state' });
  api.feed.publish(mine.id, { kind: 'output' });
  api.feed.publish(hers.id, { kind: 'state' });
  const line = (id: string) => `data: ${JSON.stringify({ kind: 'session', id })}\n\n`;
  await eventually(
    () => seen['eve@example.com']?.includes(line(hers.id)) && seen['ann@example.com']?.includes(line(hers.id)),
  );
  expect(seen['ann@example.com']).toContain(line(mine.id));
  expect(seen['eve@example.com']).not.toContain(mine.id);
  const open = async () =>
    (await api.deps.metrics.openStreams.get()).values.find((v) => v.labels.kind === 'events')?.value;
  expect(await open()).toBe(2);
  stop();
  await eventually(async () => (await open()) === 0);
});

test('events tell admins which list changed, once for much that happens together, and others of tokens and connections only', async () => {
  await addUser(api, 'kim@example.com', ['sre']);
  const { seen, stop } = await openEvents(['ann@example.com', 'kim@example.com']);
  const line = (topic: string) => `data: ${JSON.stringify({ kind: 'topic', topic })}\n\n`;
  const told = (topic: string) => (seen['ann@example.com'] ?? '').split(line(topic)).length - 1;
  for (let change = 0; change < 500; change++) api.feed.publishTopic('agents');
  api.feed.publishTopic('users');
  // the first at once, and one more for the other 499
  await eventually(() => told('agents') === 2 && told('users') === 1, { describe: () => JSON.stringify(seen) });
  const hers = await askToRun(await signInAs(api, 'kim@example.com'));
  await setState(api.db, hers.id, 'running');
  api.feed.publish(hers.id, { kind: 'state' });
  // her line has told what came after, and nothing of lists
  await eventually(() => seen['kim@example.com']?.includes(hers.id) && told('agents') === 3);
  expect(seen['kim@example.com']).not.toContain('topic');
  // everybody has a page of tokens, and runs on connections
  api.feed.publishTopic('users');
  api.feed.publishTopic('tokens');
  api.feed.publishTopic('connections');
  await eventually(() => seen['kim@example.com']?.includes(line('tokens')) && told('tokens') === 1);
  await eventually(() => seen['kim@example.com']?.includes(line('connections')));
  await eventually(() => told('users') === 2);
  expect(seen['kim@example.com']).not.toContain(line('users'));
  stop();
});

test('events are only for who signed in', async () => {
  expect((await caller(api).get('/api/events')).status).toBe(401);
});
