import { describe, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { approveBlocks, clientOf, install, socketsOf, startSandbox } from './support.ts';
import { openSocket } from './raw-socket.ts';

const OPS = 'C0OPS00002';

async function setUp() {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control);
  const client = clientOf(sandbox, tokens.botToken);
  const texts = async () => {
    const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
    return messages.map((message) => message.text);
  };
  const post = (text: string) => client.chat.postMessage({ channel: OPS, text });
  const fault = (body: object) => sandbox.control.post('faults', body);
  return { sandbox, tokens, client, texts, post, fault };
}

describe('faults on demand', () => {
  test('a rate limit says when to come back and counts down', async () => {
    const { post, fault, texts } = await setUp();
    await fault({ kind: '429', method: 'chat.postMessage', retryAfter: 7, count: 2 });
    await expect(post('one')).rejects.toMatchObject({ retryAfter: 7 });
    await expect(post('two')).rejects.toMatchObject({ retryAfter: 7 });
    await post('three');
    expect(await texts()).toEqual(['three']);
  });

  test('a server error and a broken line before the work leave nothing behind', async () => {
    const { post, fault, texts } = await setUp();
    await fault({ kind: '5xx', status: 502 });
    await expect(post('one')).rejects.toMatchObject({ statusCode: 502 });
    await fault({ kind: 'drop_before' });
    await expect(post('two')).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(await texts()).toEqual([]);
  });

  test('a line that breaks after the work leaves the message, and the call in the record', async () => {
    const { sandbox, post, fault, texts } = await setUp();
    await fault({ kind: 'drop_after', method: 'chat.postMessage' });
    await expect(post('posted')).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(await texts()).toEqual(['posted']);
    const { calls } = await sandbox.control.get('calls?method=chat.postMessage');
    expect(calls).toMatchObject([{ kind: 'api', fault: 'drop_after', args: { text: 'posted' }, status: 0 }]);
    expect(JSON.stringify(calls)).not.toContain('xoxb-');
  });

  test('only the method that is named fails, in the way that is named', async () => {
    const { client, post, fault } = await setUp();
    await fault({ kind: 'error', method: 'chat.update', error: 'edit_window_closed', count: 0 });
    const { ts } = await post('one');
    for (let round = 0; round < 2; round++) {
      await expect(client.chat.update({ channel: OPS, ts: ts!, text: 'x' })).rejects.toThrow('edit_window_closed');
    }
  });

  test('an outage cuts every socket and refuses every call until it is cleared', async () => {
    const { sandbox, tokens, post, fault, texts } = await setUp();
    await openSocket(sandbox, tokens);
    const { id } = await fault({ kind: 'outage' });
    await eventually(async () => (await socketsOf(sandbox, tokens)) === 0, { describe: 'the socket is cut' });
    await expect(post('lost')).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect((await sandbox.control.get('faults')).faults).toMatchObject([{ id, kind: 'outage' }]);
    await sandbox.control.remove(`faults/${id}`);
    await post('after');
    expect(await texts()).toEqual(['after']);
  });

  test('payloads are doubled, lost or late', async () => {
    const { sandbox, tokens, client, fault } = await setUp();
    const { ts } = await client.chat.postMessage({ channel: OPS, text: 'x', blocks: approveBlocks });
    const socket = await openSocket(sandbox, tokens);
    const click = () => sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'approve' });
    await fault({ kind: 'duplicate' });
    expect(await click()).toMatchObject({ acked: true });
    await eventually(() => socket.payloads.length === 2, { describe: 'the second copy' });
    expect(socket.payloads[0]).toEqual(socket.payloads[1]);
    await fault({ kind: 'late', ms: 120 });
    expect((await click()).ackMs).toBeGreaterThanOrEqual(119);
  });

  test('an answer comes late for the app and the method that are named, and the work is done at once', async () => {
    const { sandbox, tokens, client, post, fault, texts } = await setUp();
    const other = clientOf(sandbox, (await install(sandbox.control, { name: 'other' })).botToken);
    await fault({ kind: 'slow', method: 'chat.postMessage', app: tokens.appId, ms: 300, count: 0 });
    const started = performance.now();
    const slow = post('slow');
    await client.auth.test();
    await other.chat.postMessage({ channel: OPS, text: 'of another app' });
    await eventually(async () => (await texts()).length === 2, { describe: 'both messages' });
    await slow;
    expect(performance.now() - started).toBeGreaterThanOrEqual(299);
    const { calls } = (await sandbox.control.get('calls?method=chat.postMessage')) as { calls: { ms: number }[] };
    expect(calls.map(({ ms }) => ms >= 299)).toEqual([false, true]);
  });

  test('an answer is held until somebody lets it go, and the work is done at once', async () => {
    const { sandbox, post, fault, texts } = await setUp();
    const { id } = await fault({ kind: 'hold', method: 'chat.postMessage' });
    let answered = false;
    const held = post('held').then(() => (answered = true));
    await eventually(async () => (await texts()).includes('held'), { describe: 'the message' });
    // one was to be held
    await post('after');
    expect([answered, await texts()]).toEqual([false, ['held', 'after']]);
    expect((await sandbox.control.get('faults')).faults).toMatchObject([{ id, hits: 1 }]);
    await sandbox.control.remove(`faults/${id}`);
    expect(await held).toBe(true);
  });

  test('a response URL fails in the same ways', async () => {
    const { sandbox, tokens, fault } = await setUp();
    const socket = await openSocket(sandbox, tokens);
    await sandbox.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop' });
    const respond = () =>
      fetch(socket.payloads[0]!.payload.response_url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"text":"x"}',
      });
    await fault({ kind: '5xx', method: 'response_url' });
    expect((await respond()).status).toBe(503);
    await fault({ kind: 'drop_before', method: 'response_url' });
    await expect(respond()).rejects.toThrow(/fetch failed/);
    expect((await respond()).status).toBe(200);
  });

  test('a cut line ends without a closing frame, and a warning leaves it open for a while', async () => {
    const { sandbox, tokens, fault } = await setUp();
    const { socket } = await openSocket(sandbox, tokens);
    const warned = new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));
    expect(await fault({ kind: 'disconnect', reason: 'warning' })).toMatchObject({ sockets: 1 });
    expect(await warned).toMatchObject({ type: 'disconnect', reason: 'warning', debug_info: {} });
    expect(socket.readyState).toBe(socket.OPEN);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect(await fault({ kind: 'socket_cut' })).toMatchObject({ sockets: 1 });
    expect(await closed).toBe(1006);
  });

  test('a fault of payloads may be of one kind of them', async () => {
    const sandbox = await startSandbox({ ackTimeoutMs: 5_000 });
    const tokens = await install(sandbox.control);
    const { payloads } = await openSocket(sandbox, tokens);
    await sandbox.control.post('faults', { kind: 'lose', method: 'interactive' });
    const command = await sandbox.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop' });
    expect(command).toMatchObject({ acked: true });
    const client = clientOf(sandbox, tokens.botToken);
    const { ts } = await client.chat.postMessage({ channel: OPS, text: 'x', blocks: approveBlocks });
    const click = { as: 'bob', channel: 'ops', ts, actionId: 'approve' };
    expect(await sandbox.control.post('click', click)).toMatchObject({ status: 504, acked: false });
    expect(await sandbox.control.post('click', click)).toMatchObject({ acked: true });
    expect(payloads).toHaveLength(2);
  });

  test('an outage of one app leaves the others alone', async () => {
    const { sandbox, tokens, post, fault } = await setUp();
    const other = await install(sandbox.control, { name: 'other' });
    await openSocket(sandbox, other);
    await fault({ kind: 'outage', app: tokens.appId });
    await expect(post('lost')).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    await clientOf(sandbox, other.botToken).auth.test();
    expect(await socketsOf(sandbox, other)).toBe(1);
  });

  test('with limits on, an app posts so many messages a minute in the whole workspace', async () => {
    let now = Date.now();
    const sandbox = await startSandbox({ clock: { now: () => now } });
    const tokens = await install(sandbox.control);
    const client = clientOf(sandbox, tokens.botToken);
    const other = clientOf(sandbox, (await install(sandbox.control, { name: 'other' })).botToken);
    await sandbox.control.post('limits', { enabled: true, postsAMinute: 6 });
    for (const channel of ['general', 'ops', 'sre']) {
      for (let count = 0; count < 2; count++) await client.chat.postMessage({ channel, text: 'x' });
    }
    await expect(client.chat.postMessage({ channel: 'ops', text: 'x' })).rejects.toMatchObject({ retryAfter: 10 });
    await other.chat.postMessage({ channel: 'ops', text: 'x' });
    now += 10_000;
    await client.chat.postMessage({ channel: 'ops', text: 'x' });
  });

  test('with limits on, a channel is one by whichever name, and methods have the limits of their tiers', async () => {
    const now = Date.now();
    const sandbox = await startSandbox({ clock: { now: () => now } });
    const client = clientOf(sandbox, (await install(sandbox.control)).botToken);
    await sandbox.control.post('limits', { enabled: true });
    for (const channel of ['ops', '#ops', OPS]) await client.chat.postMessage({ channel, text: 'x' });
    await expect(client.chat.postMessage({ channel: 'ops', text: 'x' })).rejects.toMatchObject({ retryAfter: 1 });
    for (let count = 0; count < 20; count++) await client.conversations.list();
    await expect(client.conversations.list()).rejects.toMatchObject({ retryAfter: 3 });
    const raw = await fetch(`${sandbox.apiUrl}conversations.list`, {
      headers: { authorization: `Bearer ${(await install(sandbox.control)).botToken}` },
    });
    expect([raw.status, raw.headers.get('retry-after'), await raw.json()]).toEqual([
      429,
      '3',
      { ok: false, error: 'ratelimited' },
    ]);
  });

  test('with limits on, a channel takes about a message a second and other channels do not wait', async () => {
    let now = Date.now();
    const sandbox = await startSandbox({ clock: { now: () => now } });
    const client = clientOf(sandbox, (await install(sandbox.control)).botToken);
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
    for (let count = 0; count < 10; count++) await post(OPS);
    await sandbox.control.post('limits', { enabled: true });
    for (let count = 0; count < 3; count++) await post(OPS);
    await expect(post(OPS)).rejects.toMatchObject({ retryAfter: 1 });
    await post('C0GENERAL1');
    now += 1000;
    await post(OPS);
    await expect(post(OPS)).rejects.toMatchObject({ retryAfter: 1 });
  });

  test('what makes no sense is refused in words', async () => {
    const { sandbox, fault } = await setUp();
    expect(await fault({ kind: 'earthquake' })).toMatchObject({ status: 422, error: { code: 'invalid_input' } });
    expect(await sandbox.control.get('messages?channel=ops&as=eve')).toMatchObject({
      status: 404,
      error: { code: 'unknown_person' },
    });
    expect(await sandbox.control.get('nothing')).toMatchObject({ status: 404, error: { code: 'not_found' } });
    const form = await fetch(`${sandbox.url}/control/message`, {
      method: 'POST',
      body: new URLSearchParams({ as: 'bob' }),
    });
    expect(form.status).toBe(415);
  });
});
