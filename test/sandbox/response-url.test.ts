import { expect, test } from 'vitest';
import { approveBlocks, clientOf, install, startSandbox, type TestSandbox } from './support.ts';
import { openSocket } from './raw-socket.ts';

const SECRET = 'C0SECRET04';

/** A click of bob's on a message, and the response URL it gave the app. */
async function clicked(sandbox: TestSandbox, channel = 'ops') {
  const tokens = await install(sandbox.control);
  const client = clientOf(sandbox, tokens.botToken);
  const socket = await openSocket(sandbox, tokens);
  const { ts } = await client.chat.postMessage({ channel, text: 'please', blocks: approveBlocks });
  await sandbox.control.post('click', { as: 'bob', channel, ts, actionId: 'approve' });
  return { tokens, client, socket, ts: ts!, respond: responder(socket.payloads[0]!.payload.response_url) };
}

function responder(url: string) {
  return async (body: object) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    // What Slack answers when all is well is no JSON.
    const answer = (text === 'ok' ? { ok: true } : JSON.parse(text)) as { ok: boolean; error?: string };
    return { status: response.status, ...answer };
  };
}

const seenBy = async (sandbox: TestSandbox, as: string, channel = 'ops') =>
  (await sandbox.control.get(`messages?channel=${channel}&as=${as}`)).messages.map(({ text }) => text);

test('an answer is private unless it says otherwise, and needs no membership', async () => {
  const sandbox = await startSandbox();
  const { tokens, client, respond } = await clicked(sandbox);
  expect(await respond({ text: 'only you' })).toEqual({ status: 200, ok: true });
  expect(await respond({ text: 'everybody', response_type: 'in_channel' })).toMatchObject({ ok: true });
  expect(await seenBy(sandbox, 'bob')).toEqual(['please', 'only you', 'everybody']);
  expect(await seenBy(sandbox, 'carol')).toEqual(['please', 'everybody']);
  const ephemeral = client.chat.postEphemeral({ channel: 'C0OPS00002', user: 'U0BOB00002', text: 'x' });
  await expect(ephemeral).rejects.toThrow('not_in_channel');
  await sandbox.control.post('kick', { channel: 'ops', user: tokens.botUserId });
  expect(await respond({ text: 'still heard' })).toMatchObject({ ok: true });
});

test('it works five times', async () => {
  const sandbox = await startSandbox();
  const { respond } = await clicked(sandbox);
  for (let use = 0; use < 5; use++) expect(await respond({ text: `${use}` })).toMatchObject({ status: 200 });
  expect(await respond({ text: 'six' })).toEqual({ status: 404, ok: false, error: 'used_url' });
  expect(await seenBy(sandbox, 'bob')).toEqual(['please', '0', '1', '2', '3', '4']);
});

test('it works for half an hour', async () => {
  let now = Date.now();
  const sandbox = await startSandbox({ clock: { now: () => now } });
  const { respond } = await clicked(sandbox);
  now += 30 * 60_000;
  expect(await respond({ text: 'just in time' })).toMatchObject({ status: 200 });
  now += 1;
  expect(await respond({ text: 'late' })).toEqual({ status: 404, ok: false, error: 'expired_url' });
});

test('it replaces and deletes the message that was clicked', async () => {
  const sandbox = await startSandbox();
  const { respond, ts } = await clicked(sandbox);
  expect(await respond({ replace_original: true, text: 'done' })).toMatchObject({ ok: true });
  expect((await sandbox.control.get('messages?channel=ops&as=carol')).messages).toMatchObject([{ ts, text: 'done' }]);
  expect(await respond({ delete_original: true })).toMatchObject({ ok: true });
  expect(await seenBy(sandbox, 'carol')).toEqual([]);
});

test('a field that is null was not given', async () => {
  const sandbox = await startSandbox();
  const { respond } = await clicked(sandbox);
  const answer = { text: 'noted', blocks: null, attachments: null, response_type: null, thread_ts: null };
  expect(await respond(answer)).toMatchObject({ status: 200 });
  expect((await sandbox.control.get('messages?channel=ops&as=bob')).messages.slice(1)).toMatchObject([
    { text: 'noted', ephemeral: true },
  ]);
});

test('bad blocks are refused and cost no use', async () => {
  const sandbox = await startSandbox();
  const { respond } = await clicked(sandbox);
  const bad = { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }] };
  for (let use = 0; use < 6; use++) expect(await respond(bad)).toMatchObject({ status: 400, error: 'invalid_blocks' });
  expect(await respond({ text: 'good' })).toMatchObject({ status: 200 });
});

test('a click on an ephemeral message carries no message, and its answer can replace it', async () => {
  const sandbox = await startSandbox();
  const { socket, respond } = await clicked(sandbox);
  await respond({ text: 'sure?', blocks: approveBlocks });
  const [, ephemeral] = (await sandbox.control.get('messages?channel=ops&as=bob')).messages;
  const others = await sandbox.control.post('click', {
    as: 'carol',
    channel: 'ops',
    ts: ephemeral?.ts,
    actionId: 'approve',
  });
  expect(others).toMatchObject({ status: 404, error: { code: 'unknown_message' } });

  await sandbox.control.post('click', { as: 'bob', channel: 'ops', ts: ephemeral?.ts, actionId: 'approve' });
  const { payload } = socket.payloads[1]!;
  expect(payload).toMatchObject({ container: { is_ephemeral: true, message_ts: ephemeral?.ts } });
  expect(payload).not.toHaveProperty('message');
  await responder(payload.response_url)({ replace_original: true, text: 'sure.' });
  expect(await seenBy(sandbox, 'bob')).toEqual(['please', 'sure.']);
});

test('a private channel is named privategroup and a direct message directmessage', async () => {
  const sandbox = await startSandbox();
  await install(sandbox.control);
  await sandbox.control.post('invite', { channel: 'secret-ops', user: 'Hoop Bot' });
  const { socket, client } = await clicked(sandbox, SECRET);
  expect(socket.payloads[0]!.payload).toMatchObject({ channel: { id: SECRET, name: 'privategroup' } });
  const { ts, channel } = await client.chat.postMessage({ channel: 'U0BOB00002', text: 'x', blocks: approveBlocks });
  await sandbox.control.post('click', { as: 'bob', channel: 'dm', ts, actionId: 'reject' });
  expect(socket.payloads[1]!.payload).toMatchObject({ channel: { id: channel, name: 'directmessage' } });
});
