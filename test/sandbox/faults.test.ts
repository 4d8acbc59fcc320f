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
