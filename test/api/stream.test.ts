import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { streamClose } from '#shared/stream-events.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { cookieOf, signInAs, type Caller } from './support/client.ts';
import { addConnection, askToRun, chunk, finish, moveTo, store } from './support/sessions.ts';
import { openStream } from './support/stream-client.ts';

let api: TestApi;
let ann: Caller;
let bob: Caller;
let eve: Caller;
let id: string;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin', 'sre']);
  await addUser(api, 'bob@example.com', []);
  await addUser(api, 'eve@example.com', []);
  ann = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
  eve = await signInAs(api, 'eve@example.com');
  await addConnection(api, ann, ['sre']);
});
afterAll(() => api.stop());
beforeEach(async () => {
  id = (await askToRun(bob)).id;
});

const bytesSent = async () => Number((await api.deps.metrics.outputBytes.get()).values[0]?.value ?? 0);

/** Waits until the stream has caught up with what is stored. */
const caughtUp = (headers: Record<string, string>, options = {}) => {
  const stream = openStream(api, id, { headers, ...options });
  return stream.waitFor('state').then(() => stream);
};

test('a stream says which session, then its state, who is asked and until when', async () => {
  const stream = openStream(api, id, { headers: bob.headers });
  const state = await stream.waitFor('state');
  expect(stream.events[0]).toEqual({ event: 'session', id, url: `${api.url}/sessions/${id}`, state: 'pending' });
  expect(state).toMatchObject({
    state: 'pending',
    groups: [{ group: 'sre', met: false, approvedBy: [] }],
    approvals: 0,
    approvalsNeeded: 1,
    agent: { name: 'default', online: false },
  });
  expect(Date.parse(state.expiresAt ?? '')).toBeGreaterThan(Date.now());
  stream.socket.close();
});

test('each change of state is told once, and output comes between running and the end', async () => {
  const stream = await caughtUp(bob.headers);
  for (const state of ['approved', 'queued', 'running'] as const) {
    await moveTo(api, id, state);
    await stream.waitFor('state', (event) => event.state === state);
  }
  api.feed.publish(id, { kind: 'state' });
  await store(api, id, [chunk(0, 'one\n'), chunk(4, 'two\n', 'stderr')]);
  await stream.waitFor('output', (event) => event.offset === 4);
  await finish(api, id, 3);
  expect(await stream.closed).toBe(1000);
  expect(
    stream.events.map((e) => ('state' in e ? `${e.event} ${e.state}` : `${e.event} ${'stream' in e ? e.stream : ''}`)),
  ).toEqual([
    'session pending',
    'state pending',
    'state approved',
    'state queued',
    'state running',
    'output stdout',
    'output stderr',
    'state finished',
    'end finished',
  ]);
  expect(stream.events.at(-1)).toEqual({ event: 'end', state: 'finished', exitCode: 3 });
});

test('bytes that pass through this gateway go out before they are stored, and once only', async () => {
  const stream = await caughtUp(bob.headers);
  await moveTo(api, id, 'queued');
  await moveTo(api, id, 'running');
  await stream.waitFor('state', (event) => event.state === 'running');
  // The first rows were read by now: whoever has caught up gets bytes at once.
  await eventually(() => {
    api.feed.publish(id, { kind: 'output', chunk: chunk(0, 'live ') });
    return stream.output().toString() === 'live ';
  });
  await store(api, id, [chunk(0, 'live ')]);
  api.feed.publish(id, { kind: 'output', chunk: chunk(5, 'and well') });
  await store(api, id, [chunk(5, 'and well')]);
  await finish(api, id);
  await stream.closed;
  expect(stream.output().toString()).toBe('live and well');
});

test('a chunk that leaves a gap waits for the rows', async () => {
  const stream = await caughtUp(bob.headers);
  api.feed.publish(id, { kind: 'output', chunk: chunk(6, 'second') });
  await store(api, id, [chunk(0, 'first '), chunk(6, 'second')]);
  await eventuallyPasses(() => expect(stream.output().toString()).toBe('first second'));
  stream.socket.close();
});

test('a reader that fell behind goes on from memory after the rows, though the rest is not stored yet', async () => {
  const stream = await caughtUp(bob.headers, { protocols: ['hoop.binary.v1'] });
  const bytes = randomBytes(4 * 1024 * 1024);
  const size = 256 * 1024;
  const stored = 7 * size;
  for (let at = 0; at < stored; at += size) await store(api, id, [chunk(at, bytes.subarray(at, at + size))], false);
  for (let at = stored; at < bytes.length; at += size)
    api.feed.publish(id, { kind: 'output', chunk: chunk(at, bytes.subarray(at, at + size)) });
  expect(stream.chunks).toEqual([]);
  api.feed.publish(id, { kind: 'output', upTo: stored });
  const seen = () => Buffer.concat(stream.chunks.map(({ data }) => data));
  await eventuallyPasses(() => expect(seen().length).toBe(bytes.length));
  expect(seen().equals(bytes)).toBe(true);
  stream.socket.close();
});

test('a stream goes on in the middle of a chunk', async () => {
  await store(api, id, [chunk(0, 'abcdef'), chunk(6, 'ghi', 'stderr')]);
  const stream = openStream(api, id, { headers: bob.headers, offset: 4 });
  await stream.waitFor('output', (event) => event.stream === 'stderr');
  expect(stream.events.filter((e) => e.event === 'output')).toEqual([
    { event: 'output', stream: 'stdout', offset: 4, data: 'ef', encoding: 'utf8' },
    { event: 'output', stream: 'stderr', offset: 6, data: 'ghi', encoding: 'utf8' },
  ]);
  stream.socket.close();
});

test('an offset beyond what there is waits for more', async () => {
  const stream = await caughtUp(bob.headers, { offset: 4 });
  await store(api, id, [chunk(0, 'abcdef')]);
  await eventuallyPasses(() => expect(stream.output().toString()).toBe('ef'));
  stream.socket.close();
});

test('an ended session is replayed whole: 9 MB of any bytes, then the end', async () => {
  const bytes = randomBytes(9 * 1024 * 1024 + 17);
  const size = 200_000;
  for (let at = 0; at < bytes.length; at += size) {
    await store(api, id, [chunk(at, bytes.subarray(at, at + size), at % 3 ? 'stderr' : 'stdout')], false);
  }
  await finish(api, id);
  const text = openStream(api, id, { headers: bob.headers });
  expect(await text.closed).toBe(1000);
  expect(text.output().equals(bytes)).toBe(true);
  expect(text.events.at(-1)?.event).toBe('end');

  const binary = openStream(api, id, { headers: bob.headers, protocols: ['hoop.binary.v1'] });
  expect(await binary.closed).toBe(1000);
  expect(Buffer.concat(binary.chunks.map((c) => c.data)).equals(bytes)).toBe(true);
  expect(binary.events.some((e) => e.event === 'output')).toBe(false);
});

test('a reader that stops reading makes the gateway wait, and loses nothing', async () => {
  const bytes = randomBytes(24 * 1024 * 1024);
  const size = 256 * 1024;
  for (let at = 0; at < bytes.length; at += size) {
    await store(api, id, [chunk(at, bytes.subarray(at, at + size))], false);
  }
  const sentBefore = await bytesSent();
  const stream = openStream(api, id, { headers: bob.headers, protocols: ['hoop.binary.v1'] });
  // at its first bytes: all of them may come at once
  await new Promise<void>((resolve) => {
    const pause = (_data: unknown, isBinary: boolean) => {
      if (!isBinary) return;
      stream.socket.off('message', pause);
      stream.socket.pause();
      resolve();
    };
    stream.socket.on('message', pause);
  });
  let last = -1;
  const sent = await eventually(
    async () => {
      const now = (await bytesSent()) - sentBefore;
      const still = now === last;
      last = now;
      return still && now;
    },
    { everyMs: 250, describe: 'the gateway to stop sending' },
  );
  // What is under way fills the buffers of both sockets; the rest stays in the rows.
  expect(sent).toBeLessThan(bytes.length - 4 * 1024 * 1024);
  await finish(api, id);
  stream.socket.resume();
  expect(await stream.closed).toBe(1000);
  expect(Buffer.concat(stream.chunks.map((c) => c.data)).equals(bytes)).toBe(true);
});

test('what was missed while the line to PostgreSQL was down is read when it is back', async () => {
  const stream = await caughtUp(bob.headers);
  await store(api, id, [chunk(0, 'missed')], false);
  api.feed.publishAll();
  await eventuallyPasses(() => expect(stream.output().toString()).toBe('missed'));
  stream.socket.close();
});

test('nobody who may not see a session can watch it', async () => {
  const codes = async (headers: Record<string, string>, session = id) => openStream(api, session, { headers }).closed;
  expect(await codes({})).toBe(streamClose.notSignedIn);
  expect(await codes(eve.headers)).toBe(streamClose.notFound);
  expect(await codes(bob.headers, randomUUID())).toBe(streamClose.notFound);
  expect(await codes(bob.headers, 'nonsense')).toBe(streamClose.notFound);
  const cookie = await cookieOf(api, 'bob@example.com');
  expect(await codes({ cookie, origin: 'http://127.0.0.1:1' })).toBe(streamClose.notAllowed);
});

test('an offset that is no number of bytes is refused', async () => {
  expect(await openStream(api, id, { headers: bob.headers, offset: '-1' }).closed).toBe(1008);
});

test('who asks for a heartbeat gets it as often as the gateway allows, and nobody else does', async () => {
  const other = await caughtUp(bob.headers);
  const stream = await caughtUp(bob.headers, { heartbeat: 0.01 });
  expect(stream.events[1]).toEqual({ event: 'heartbeat', everySeconds: 1 });
  const beats = () => stream.events.filter(({ event }) => event === 'heartbeat').length;
  await eventuallyPasses(() => expect(beats()).toBeGreaterThan(2));
  expect(other.events.map(({ event }) => event)).toEqual(['session', 'state']);
  const rarely = await caughtUp(bob.headers, { heartbeat: 86_400 });
  expect(rarely.events[1]).toEqual({ event: 'heartbeat', everySeconds: 60 });
  for (const { socket } of [other, stream, rarely]) socket.close();
  expect(await openStream(api, id, { headers: bob.headers, heartbeat: 'often' }).closed).toBe(1008);
});

test('who asked for a heartbeat gets output in pieces that come through on a slow line, and others as it is', async () => {
  const most = 16 * 1024;
  const bytes = randomBytes(5 * most + 17);
  const [before, after] = [bytes.subarray(0, 2 * most + 1), bytes.subarray(2 * most + 1)];
  await store(api, id, [chunk(0, before)]);
  const binary = { protocols: ['hoop.binary.v1'] };
  const text = await caughtUp(bob.headers, { heartbeat: 60, offset: 10 });
  const pieces = await caughtUp(bob.headers, { heartbeat: 60, ...binary });
  const whole = await caughtUp(bob.headers, binary);
  const inText = () =>
    text.events.flatMap((e) =>
      e.event === 'output' ? [{ offset: e.offset, data: Buffer.from(e.data, e.encoding) }] : [],
    );
  const seen = (chunks: { data: Buffer }[]) => Buffer.concat(chunks.map(({ data }) => data)).length;
  const haveRead = (length: number) =>
    eventuallyPasses(() => {
      const lengths = [seen(inText()) + 10, seen(pieces.chunks), seen(whole.chunks)];
      expect(lengths).toEqual([length, length, length]);
    });
  await haveRead(before.length);
  api.feed.publish(id, { kind: 'output', chunk: chunk(before.length, after) });
  await store(api, id, [chunk(before.length, after)]);
  await haveRead(bytes.length);

  for (const [chunks, from] of [
    [inText(), 10],
    [pieces.chunks, 0],
  ] as const) {
    expect(chunks.every(({ data }) => data.length <= most)).toBe(true);
    for (const { offset, data } of chunks) expect(data.equals(bytes.subarray(offset, offset + data.length))).toBe(true);
    expect(Buffer.concat(chunks.map(({ data }) => data)).equals(bytes.subarray(from))).toBe(true);
  }
  expect(whole.chunks.map(({ data }) => data.length)).toEqual([before.length, after.length]);
  for (const { socket } of [text, pieces, whole]) socket.close();
});

test('the console watches with its cookie, from its own page', async () => {
  const cookie = await cookieOf(api, 'bob@example.com');
  const stream = openStream(api, id, { headers: { cookie, origin: api.url } });
  expect((await stream.waitFor('state')).state).toBe('pending');
  stream.socket.close();
});

test('somebody who is deactivated while watching is sent away at the next change', async () => {
  const user = await addUser(api, `${randomUUID()}@example.com`, ['sre']);
  const caller = await signInAs(api, user.email);
  const stream = await caughtUp(caller.headers);
  await api.db.query('update users set active = false where id = $1', [user.id]);
  api.feed.publish(id, { kind: 'state' });
  expect(await stream.closed).toBe(streamClose.notSignedIn);
});

test('somebody who signed out while watching is sent away at the next change', async () => {
  const caller = await signInAs(api, 'bob@example.com');
  const [stream, other] = [await caughtUp(caller.headers), await caughtUp(bob.headers)];
  await caller.post('/api/logout');
  api.feed.publish(id, { kind: 'state' });
  expect(await stream.closed).toBe(streamClose.notSignedIn);
  expect(other.socket.readyState).toBe(other.socket.OPEN);
  other.socket.close();
});

test('an interrupt reaches the gateway that holds the agent, and only while the command runs', async () => {
  const stream = await caughtUp(bob.headers);
  stream.socket.send('{"command":"interrupt"}');
  stream.socket.send('not json');
  await moveTo(api, id, 'queued');
  await moveTo(api, id, 'running');
  await stream.waitFor('state', (event) => event.state === 'running');
  const listener = await api.db.connect();
  try {
    const heard: string[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
    await listener.query('listen hoop');
    stream.socket.send('{"command":"interrupt"}');
    await eventually(() => heard.find((text) => text.includes('interrupt')));
    expect(heard.map((text) => JSON.parse(text))).toContainEqual({ kind: 'interrupt', id });
  } finally {
    listener.release(true);
  }
  stream.socket.close();
});

test('when the database fails, whoever watches is asked to come back, and goes on by offset', async () => {
  await store(api, id, [chunk(0, 'before ')]);
  const stream = await caughtUp(bob.headers);
  await stream.waitFor('output');
  await api.db.query('alter table sessions rename to sessions_away');
  api.feed.publish(id, { kind: 'state' });
  expect(await stream.closed).toBe(streamClose.restart);
  expect(await openStream(api, id, { headers: bob.headers }).closed).toBe(streamClose.restart);
  await api.db.query('alter table sessions_away rename to sessions');
  await store(api, id, [chunk(7, 'after')]);
  const again = openStream(api, id, { headers: bob.headers, offset: 7 });
  await again.waitFor('output');
  expect(again.output().toString()).toBe('after');
  again.socket.close();
});

test('an upgrade to a path that is none breaks nothing', async () => {
  for (const path of ['//', '/api/sessions//stream', '/%', '/api/sessions/%E0/stream?offset=x']) {
    const line = connect(Number(new URL(api.url).port), '127.0.0.1');
    line.on('error', () => undefined);
    line.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    // Turned away at once, or told why by a close frame.
    await new Promise((resolve) => line.once('close', resolve).once('data', resolve));
    line.destroy();
  }
  expect((await bob.get('/api/me')).status).toBe(200);
});

test('a gateway that stops asks everybody to come back', async () => {
  const other = await startApi();
  await addUser(other, 'ann@example.com', ['admin', 'sre']);
  const admin = await signInAs(other, 'ann@example.com');
  await addConnection(other, admin, ['sre']);
  const session = await askToRun(admin);
  const stream = openStream(other, session.id, { headers: admin.headers });
  await stream.waitFor('state');
  await other.stop();
  expect(await stream.closed).toBe(streamClose.restart);
});
